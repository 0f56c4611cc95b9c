from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("referentiel", "0009_accrochage")]

    operations = [migrations.RenameField("branchtext", "words", "text")]
