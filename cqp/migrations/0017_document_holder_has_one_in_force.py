"""One document in force for a holder. Apart from what fills the rows: PostgreSQL does not do both in one transaction."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0016_document_holder"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                condition=~Q(holder="") & Q(voided_at=None, superseded_at=None),
                fields=("kind", "holder"),
                name="document_holder_has_one_in_force",
            ),
        ),
    ]
