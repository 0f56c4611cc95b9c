"""Who is told of an interview by mail: the candidate of its place and time, evaluators of what is theirs or no longer."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from candidates.models import Appointment, Interview, Session
from candidates.sessions import dates
from cqp.mail import outbox


def mail_candidate(interview: Interview, change: str) -> None:
    """Tell the candidate. `change` is "planned", "moved" or "cancelled". Nobody is told where there is no account."""
    candidate = interview.enrolment_bloc.enrolment.candidate
    if candidate.user is None:
        return
    context = _context(interview) | {
        "change": change,
        "name": candidate.display_name,
        "minutes": interview.minutes,
        "path": reverse("candidate:home"),
    }
    outbox.queue_mail("interview_planned", candidate.user.email, context, **_session(interview).mail_scope)


def mail_evaluators(
    interview: Interview, *, gone: Iterable[Appointment] = (), come: Iterable[Appointment] = ()
) -> None:
    """Tell those who evaluate the interview no longer, and those who do now. The reason is not for a mail."""
    context = _context(interview) | {"path": reverse("home")}
    for change, people in (("gone", gone), ("come", come)):
        for appointment in people:
            person = appointment.user
            own_context = context | {"change": change, "name": str(person)}
            outbox.queue_mail("evaluator_changed", person.email, own_context, **_session(interview).mail_scope)


def _session(interview: Interview) -> Session:
    return interview.enrolment_bloc.enrolment.session


def _context(interview: Interview) -> dict[str, Any]:
    row = interview.enrolment_bloc
    session = row.enrolment.session
    when = dates.moment_text(interview.start, timezone.now(), session.zone)
    return {
        "candidate": row.enrolment.candidate.display_name,
        "session": session.title,
        "bloc_number": row.bloc.number,
        "bloc": row.bloc.title,
        "when": f"{when}, {dates.zone_text(session.zone)}",
        "place": session.place,
        "room": interview.room.name,
    }
