"""What the judgement demands of a session before its next steps."""

from django.urls import reverse

from candidates.models import Interview, Session
from cqp.workflow import Missing
from evaluations.models import ScoringSheet


def unsigned_sheets(session: Session) -> list[Missing]:
    """List the interviews that were held and whose joint sheet is not signed by all, each with its page."""
    held = Interview.objects.filter(enrolment_bloc__enrolment__session=session, state=Interview.State.FINISHED).exclude(
        pk__in=ScoringSheet.objects.filter(assignment=None, state="signed").values("interview")
    )
    rows = held.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
    return [
        Missing(
            f"{row.enrolment_bloc} : la fiche conjointe n'est pas signée.", reverse("branch:interview", args=[row.pk])
        )
        for row in rows.order_by("start", "pk")
    ]
