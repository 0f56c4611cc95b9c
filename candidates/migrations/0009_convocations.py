from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0008_held_blocs"),
    ]

    operations = []
