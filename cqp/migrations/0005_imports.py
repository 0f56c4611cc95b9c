from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0004_received_files"),
    ]

    operations = []
