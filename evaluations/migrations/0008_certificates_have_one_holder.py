"""The certificates that are there say whose they are. Of several in force for one person and certification one stays.

That of the latest version of the référentiel, and of it the first that a session gave by its decisions; the others are voided:
`evaluations.publication.entitlement` would not have given them.
"""

from collections import defaultdict

from django.db import migrations
from django.utils import timezone


def name_holders(apps, schema_editor):
    document_model, decision_model = apps.get_model("cqp", "Document"), apps.get_model("evaluations", "Decision")
    rows = apps.get_model("evaluations", "SessionDocument").objects.filter(
        document__kind="certificate", enrolment__isnull=False
    )
    giving = set(
        decision_model.objects.filter(outcome="acquired", superseded_by=None).values_list(
            "enrolment_bloc__enrolment", flat=True
        )
    )
    in_force = defaultdict(list)
    names = ("document", "enrolment", "enrolment__candidate", "session__referentiel__code", "session__referentiel")
    ends = ("document__voided_at", "document__superseded_at")
    for pk, enrolment, candidate, code, version, *ended in rows.order_by(
        "document__issued_at", "document__pk"
    ).values_list(*names, *ends):
        holder = f"{candidate}:{code}"
        if any(ended):
            document_model.objects.filter(pk=pk).update(holder=holder)
        else:
            in_force[holder].append((pk, version, enrolment in giving))
    now = timezone.now()
    for holder, certificates in in_force.items():
        due = [row for row in certificates if row[2]] or certificates
        stays = next(pk for pk, version, _ in due if version == due[-1][1])
        for pk, *_ in certificates:
            if pk != stays:
                document_model.objects.filter(pk=pk).update(voided_at=now)
            document_model.objects.filter(pk=pk).update(holder=holder)


class Migration(migrations.Migration):
    dependencies = [
        ("cqp", "0016_document_holder"),
        ("evaluations", "0007_head_signature"),
    ]

    operations = [migrations.RunPython(name_holders, migrations.RunPython.noop)]
