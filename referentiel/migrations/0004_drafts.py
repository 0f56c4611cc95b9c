from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("referentiel", "0003_heading_competence"),
    ]

    operations = []
