from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("referentiel", "0004_drafts"),
    ]

    operations = []
