import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The room of an interview becomes a key; what was typed stays beside it until the next migration has read it."""

    dependencies = [
        ("candidates", "0015_jury"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="interview",
            options={"ordering": ["start", "pk"], "verbose_name": "entretien"},
        ),
        migrations.RenameField(model_name="interview", old_name="room", new_name="room_name"),
        # With a default, the column can come back.
        migrations.AlterField(
            model_name="interview",
            name="room_name",
            field=models.CharField(default="", max_length=80, verbose_name="salle"),
        ),
        migrations.AddField(
            model_name="interview",
            name="room",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="interviews",
                to="candidates.room",
                verbose_name="salle",
            ),
        ),
    ]
