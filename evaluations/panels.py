"""What the judgement adds to the board of a session: the sheets, the jury, the documents."""

from typing import Any

from django.db.models import Prefetch

from candidates.models import Interview, Session
from cqp.models import User
from evaluations.models import ScoringSheet


def sheets_panel(session: Session, user: User) -> tuple[str, dict[str, Any]]:
    """Return the template and its context: each interview held, with the sheets signed so far. Two queries."""
    held = (
        Interview.objects.filter(
            enrolment_bloc__enrolment__session=session, state__in=(Interview.State.RUNNING, Interview.State.FINISHED)
        )
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
        .prefetch_related(
            Prefetch("sheets", ScoringSheet.objects.select_related("assignment__appointment__user").order_by("pk")),
        )
        .order_by("start")
    )
    return "branch/_sheets_panel.html", {"held": list(held)}
