"""« Je connais cette personne » : the candidate says that they know an evaluator of their session."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from candidates.appointments.services import declare_conflict
from candidates.models import Appointment, Assignment, Enrolment, Interview, Session
from candidates.sessions import dates
from candidates.sessions.queries import contact_text
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User

CLOSED = (Session.State.JURY, Session.State.DECIDED)
COMING = (Interview.State.PLANNED, Interview.State.RUNNING)


def declaring_refusal(session: Session) -> str:
    """Return why nothing can be declared any more, and whom to write to; "" while it can."""
    if session.state not in CLOSED:
        return ""
    return f"Les entretiens sont passés. S'il y a quelque chose à dire, écrivez à la branche : {contact_text(session)}."


def interviews_with(enrolment: Enrolment, appointment: Appointment) -> QuerySet[Interview]:
    """Return the candidate's interviews with this evaluator that are not closed, in order."""
    rows = Interview.objects.filter(
        enrolment_bloc__enrolment=enrolment,
        pk__in=Assignment.objects.filter(appointment=appointment, state=Assignment.State.ACTIVE).values("interview"),
    )
    return rows.exclude(state__in=Interview.CLOSED).select_related("enrolment_bloc__bloc").order_by("start", "pk")


def declare_acquaintance(*, enrolment: Enrolment, appointment: Appointment, by: User) -> None:
    """Note that the candidate knows an evaluator of the session. Twice, the first stays.

    Where an interview is planned between the two, the administrators are told by mail; the evaluator is not.
    Raises ValidationError, PermissionError.
    """
    with transaction.atomic():
        locked = _locked(enrolment, appointment, by)
        if appointment.conflicts.filter(candidate=locked.candidate).exists():
            return
        declare_conflict(appointment=appointment, candidate=locked.candidate, by=by)
        journal.record(locked.stream, "conflict.declared", _appointment_payload(appointment), by=by)
        coming = interviews_with(locked, appointment).filter(state__in=COMING)
        if coming:
            _notify_administrators(locked, appointment, list(coming))


def withdraw_acquaintance(*, enrolment: Enrolment, appointment: Appointment, by: User) -> None:
    """Take the declaration back, while no interview is planned between the two. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        locked = _locked(enrolment, appointment, by)
        own = appointment.conflicts.filter(candidate=locked.candidate, declared_by=by)
        if not own:
            return
        if interviews_with(locked, appointment).exists():
            raise ValidationError(
                "Un entretien est planifié avec cette personne : votre déclaration ne s'annule plus ici. "
                f"Appelez la branche : {contact_text(locked.session)}."
            )
        own.delete()
        for stream in (locked.stream, Session(pk=locked.session_id).stream):
            payload = {**_appointment_payload(appointment), "candidate": locked.candidate_id}
            journal.record(stream, "conflict.withdrawn", payload, by=by)


def _locked(enrolment: Enrolment, appointment: Appointment, by: User) -> Enrolment:
    """Lock the session, as planning does, and read the enrolment again."""
    session = Session.objects.select_for_update(of=("self",)).select_related("branch").get(pk=enrolment.session_id)
    locked = Enrolment.objects.select_related("candidate").get(pk=enrolment.pk)
    locked.session = session
    if locked.candidate.user_id != by.pk:
        raise PermissionError("Only the candidate says whom they know.")
    if refusal := declaring_refusal(session):
        raise ValidationError(refusal)
    if appointment.session_id != session.pk or appointment.role != Appointment.Role.EVALUATOR:
        raise ValidationError("Cette personne n'est pas évaluateur de votre session.")
    return locked


def _appointment_payload(appointment: Appointment) -> dict[str, object]:
    return {"appointment": appointment.pk, "name": str(appointment.user)}


def _notify_administrators(enrolment: Enrolment, appointment: Appointment, interviews: list[Interview]) -> None:
    session, now = enrolment.session, timezone.now()
    context = {
        "evaluator": str(appointment.user),
        "candidate": enrolment.candidate.display_name,
        "session": session.title,
        "interviews": [
            f"bloc {interview.enrolment_bloc.bloc.number}, le {dates.moment_text(interview.start, now, session.zone)}"
            for interview in interviews
        ],
        "zone": dates.zone_text(session.zone),
        "path": reverse("branch:enrolment", args=[enrolment.pk]),
    }
    for administrator in session.branch.administrators.filter(is_active=True):
        outbox.queue_mail(
            "acquaintance_declared", administrator.email, context | {"name": str(administrator)}, **session.mail_scope
        )
