"""What happened at an interview, as the branch reads it: the reception, the clock, the incidents, the journal."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from candidates.interviews.clock import elapsed_seconds
from candidates.models import Incident, Interview, Pause, Reception
from candidates.sessions.dates import moment_text
from cqp.models import JournalEntry

VERBS = {
    "interview.planned": "Entretien planifié",
    "interview.moved": "Plan modifié",
    "interview.start": "Entretien commencé",
    "interview.finish": "Entretien terminé",
    "interview.mark_absent": "Candidat noté absent",
    "interview.interrupt": "Entretien interrompu",
    "interview.cancel": "Entretien annulé",
    "interview.excused": "Excuse de l'absence",
    "interview.declined": "Évaluateur récusé",
    "interview.evaluator_replaced": "Évaluateur remplacé",
}


@dataclass(frozen=True)
class Entry:
    """One entry of the journal about the interview: what in words, and the details and reason that it kept."""

    at: dt.datetime
    actor: str
    title: str
    details: str
    reason: str


@dataclass(frozen=True)
class InterviewRecord:
    """`late_minutes` is 0 for an interview that began on time or did not begin; `minutes` its length without pauses."""

    reception: Reception | None
    incidents: list[Incident]
    pauses: list[Pause]
    entries: list[Entry]
    late_minutes: int
    minutes: int | None


def read_record(interview: Interview, now: dt.datetime) -> InterviewRecord:
    """Read what happened, in four queries. The interview comes with its enrolment and session."""
    receptions = Reception.objects.filter(interview=interview).select_related("checked_by__appointment__user")
    pauses = list(interview.pauses.select_related("incident"))
    late = interview.started_at - interview.start if interview.started_at else dt.timedelta()
    return InterviewRecord(
        reception=receptions.first(),
        incidents=list(interview.incidents.select_related("reported_by")),
        pauses=pauses,
        entries=_entries(interview, now),
        late_minutes=max(0, int(late.total_seconds()) // 60),
        minutes=elapsed_seconds(interview, pauses, now) // 60 if interview.started_at else None,
    )


def _entries(interview: Interview, now: dt.datetime) -> list[Entry]:
    """Return the entries about this interview, the oldest first. One whose content was erased is left out."""
    stream = interview.enrolment_bloc.enrolment.stream
    rows = JournalEntry.objects.filter(stream=stream, verb__in=VERBS, payload__isnull=False)
    return [
        Entry(
            at=row.at,
            actor=str(row.actor or "l'application"),
            title=VERBS[row.verb],
            details=_details(row, interview, now),
            reason=payload.get("comment") or payload.get("reason") or "",
        )
        for row in rows.select_related("actor").order_by("seq")
        if interview.pk in ((payload := row.payload or {}).get("interview"), payload.get("object"))
    ]


def _details(row: JournalEntry, interview: Interview, now: dt.datetime) -> str:
    payload: dict[str, Any] = row.payload or {}
    match row.verb:
        case "interview.planned" | "interview.moved":
            start = dt.datetime.fromisoformat(payload["start"])
            zone = interview.enrolment_bloc.enrolment.session.zone
            people = " et ".join(payload["evaluators"])
            return f"le {moment_text(start, now, zone)}, {payload['room']}, avec {people}"
        case "interview.evaluator_replaced":
            return f"{payload['to']} à la place de {payload['from']}"
        case "interview.excused":
            return "absence excusée" if payload["excused"] else "absence non excusée"
    return payload.get("name", "")
