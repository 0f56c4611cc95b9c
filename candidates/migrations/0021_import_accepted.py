from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("candidates", "0020_communes_shipped")]

    operations = [
        migrations.AddField("import", "accepted", models.JSONField(default=list, verbose_name="lectures acceptées"))
    ]
