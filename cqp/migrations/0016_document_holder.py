"""What superseded a document is said on its own row, where a constraint reads it; and of whom it is."""

from django.db import migrations, models


def note_superseded(apps, schema_editor):
    document = apps.get_model("cqp", "Document")
    for pk, issued_at in (
        document.objects.exclude(supersedes=None).order_by("pk").values_list("supersedes", "issued_at")
    ):
        document.objects.filter(pk=pk).update(superseded_at=issued_at)


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0015_mail_sending"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="superseded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="remplacé le"),
        ),
        migrations.AddField(
            model_name="document",
            name="holder",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="titulaire"),
            preserve_default=False,
        ),
        migrations.RunPython(note_superseded, migrations.RunPython.noop),
    ]
