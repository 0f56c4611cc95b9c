import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # Apart from the rows: PostgreSQL alters no table whose rows were changed in the same transaction.
    dependencies = [
        ("candidates", "0017_rooms_of_interviews"),
    ]

    operations = [
        migrations.RemoveField(model_name="interview", name="room_name"),
        migrations.AlterField(
            model_name="interview",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="interviews",
                to="candidates.room",
                verbose_name="salle",
            ),
        ),
        migrations.AlterModelOptions(
            name="interview",
            options={"ordering": ["start", "room__name", "pk"], "verbose_name": "entretien"},
        ),
    ]
