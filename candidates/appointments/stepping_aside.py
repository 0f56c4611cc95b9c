"""An evaluator who knows the candidate, or cannot evaluate, steps aside before reading anything."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from candidates.appointments.services import declare_conflict
from candidates.models import Assignment, Interview, Session
from candidates.sessions import dates
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User

OPEN = (Interview.State.PLANNED, Interview.State.RUNNING)


class Ground(models.TextChoices):
    LINK = "link", "J'ai un lien avec cette personne : employeur, formation, tutorat, concurrence, parenté, amitié"
    IMPEDIMENT = "impediment", "Je ne peux pas évaluer cet entretien, pour une autre raison"


def step_aside(*, assignment: Assignment, ground: str, reason: str, by: User) -> Assignment:
    """Take `by` off an interview at their own request. Their access ends at once; the administrators are told by mail.

    A link is also noted as a conflict: it holds for the other interviews and for later sessions. The reason stays in the
    journal. Raises ValidationError by field, or when it is too late; PermissionError.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise ValidationError({"reason": "Écrivez le motif : la branche le lira."})
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(appointments=assignment.appointment_id)
        interview = Interview.objects.select_for_update(of=("self",)).get(pk=assignment.interview_id)
        locked = Assignment.objects.select_related("appointment__user").get(pk=assignment.pk)
        if locked.appointment.user_id != by.pk:
            raise PermissionError("Only the evaluator declines.")
        if locked.state != Assignment.State.ACTIVE:
            raise ValidationError("Vous n'évaluez déjà plus cet entretien.")
        if interview.state not in OPEN:
            state = interview.get_state_display()
            raise ValidationError(f"Cet entretien est déjà {state} : dites à la branche ce qui vous lie au candidat.")
        enrolment = interview.enrolment_bloc.enrolment
        if ground == Ground.LINK:
            declare_conflict(appointment=locked.appointment, candidate=enrolment.candidate, by=by)
        Assignment.objects.filter(pk=locked.pk).update(state=Assignment.State.DECLINED)
        payload = {"interview": interview.pk, "name": str(by), "ground": ground, "reason": reason}
        journal.record(enrolment.stream, "interview.declined", payload, by=by)
        for administrator in session.branch.administrators.filter(is_active=True):
            context = _mail_context(interview, session, by) | {"name": str(administrator)}
            outbox.queue_mail("evaluator_declined", administrator.email, context, **session.mail_scope)
    assignment.refresh_from_db(fields=["state"])
    return assignment


def _mail_context(interview: Interview, session: Session, evaluator: User) -> dict[str, Any]:
    """The reason is read on the interview's page, not in a mail."""
    row = interview.enrolment_bloc
    return {
        "evaluator": str(evaluator),
        "candidate": row.enrolment.candidate.display_name,
        "session": session.title,
        "bloc_number": row.bloc.number,
        "when": f"{dates.moment_text(interview.start, timezone.now(), session.zone)}, {dates.zone_text(session.zone)}",
        "path": reverse("branch:interview", args=[interview.pk]),
    }
