from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0002_preparation_and_paper"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signature",
            name="method",
            field=models.CharField(
                choices=[
                    ("session", "sur son propre accès"),
                    ("password", "sur l'appareil d'un autre, avec son mot de passe"),
                    ("code", "sur l'appareil d'un autre, avec un code reçu par mail"),
                ],
                max_length=10,
                verbose_name="moyen",
            ),
        ),
    ]
