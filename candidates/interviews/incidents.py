"""Incidents of a session: noted by the branch as well, followed, closed with a decision that the jury reads."""

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import Incident, IncidentNote, Interview, Session
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User
from cqp.workflow import perform


def _written(text: str, field: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise ValidationError({field: "Écrivez-le en quelques mots."})
    if len(text) > 4_000:
        raise ValidationError({field: "4 000 caractères au plus."})
    return text


def open_incident(
    *, session: Session, by: User, category: str, severity: str, text: str, interview: Interview | None = None
) -> Incident:
    """Note what disturbed a session, or one of its interviews. Raises ValidationError by field, PermissionError."""
    with transaction.atomic():
        locked = administered(session, by)
        if interview and interview.enrolment_bloc.enrolment.session_id != locked.pk:
            raise ValidationError({"interview": "Choisissez un entretien de la session."})
        incident = Incident(
            session=locked, interview=interview, category=category, severity=severity, text=_written(text, "text")
        )
        incident.reported_by = by
        incident.full_clean(exclude=["state", "decision", "closed_at"])
        incident.save()
        payload = {"incident": incident.pk, "category": category, "severity": severity}
        journal.record(incident.stream, "incident.noted", payload, by=by)
    return incident


def follow_up(*, incident: Incident, by: User, text: str, severity: str) -> None:
    """Write what was done or learned, and how grave it is now. Raises ValidationError by field, PermissionError."""
    with transaction.atomic():
        if incident.session is not None:
            administered(incident.session, by)
        if severity not in Incident.Severity.values:
            raise ValidationError({"severity": "Choisissez une gravité."})
        IncidentNote.objects.create(incident=incident, text=_written(text, "text"), by=by)
        if severity != incident.severity:
            incident.severity = severity
            incident.save(update_fields=["severity"])
        journal.record(incident.stream, "incident.followed", {"incident": incident.pk, "severity": severity}, by=by)


def close_incident(*, incident: Incident, by: User, decision: str) -> Incident:
    """Close it with what was decided. Raises TransitionRefused."""
    return perform(incident, "close", by=by, comment=decision[:4_000])


def reopen_incident(*, incident: Incident, by: User, reason: str) -> Incident:
    """Open it again, for a reason that is kept; the decision that stood is in the journal. Raises TransitionRefused."""
    return perform(incident, "reopen", by=by, comment=reason[:4_000])
