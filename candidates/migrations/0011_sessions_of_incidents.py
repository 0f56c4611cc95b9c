from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Incidents noted before knew their interview only."""
    incident, interview = apps.get_model("candidates", "Incident"), apps.get_model("candidates", "Interview")
    theirs = interview.objects.filter(pk=OuterRef("interview")).values("enrolment_bloc__enrolment__session")[:1]
    incident.objects.filter(session=None).update(session=Subquery(theirs))


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0010_incidents"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
