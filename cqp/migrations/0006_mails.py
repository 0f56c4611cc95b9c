from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0005_imports"),
    ]

    operations = []
