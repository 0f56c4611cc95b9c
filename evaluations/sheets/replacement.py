"""An evaluator replaced: their sheet stays as evidence, the newcomer's opens."""

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import Appointment, Assignment, Interview
from candidates.planning.replacement import give_place
from candidates.sessions.permissions import administers_interview
from candidates.sessions.services import administered
from cqp.models import User
from evaluations.models import ScoringSheet
from evaluations.sheets.services import open_sheets


def replace_evaluator(
    *, assignment: Assignment, by: User, appointment: Appointment, reason: str, accept_warnings: bool = False
) -> Assignment:
    """Give the place of `assignment` to `appointment` while the leaving person's sheet is unsigned.

    Once the interview has started, the newcomer's own sheet opens. Raises as `give_place` does.
    """
    interview = assignment.interview
    with transaction.atomic():
        administered(interview.enrolment_bloc.enrolment.session, by)
        # A save under way ends before the place is given; one that comes after finds that it is no longer theirs.
        sheets = list(ScoringSheet.objects.select_for_update(of=("self",)).filter(interview=interview).order_by("pk"))
        _check_sheets(sheets, assignment, appointment)
        new = give_place(
            assignment=assignment, by=by, appointment=appointment, reason=reason, accept_warnings=accept_warnings
        )
        interview.refresh_from_db()
        if interview.state != Interview.State.PLANNED:
            open_sheets(interview)
    return new


def _check_sheets(sheets: list[ScoringSheet], assignment: Assignment, appointment: Appointment) -> None:
    """Raise ValidationError over a signed sheet, and for a newcomer who could read what the others signed."""
    signed = [sheet for sheet in sheets if sheet.state == ScoringSheet.State.SIGNED]
    if any(sheet.is_joint or sheet.assignment_id == assignment.pk for sheet in signed):
        message = f"{assignment.appointment.user} a déjà signé : rouvrez d'abord la fiche."
        raise ValidationError(message, code="signed")
    if signed and administers_interview(appointment.user, assignment.interview):
        message = (
            f"{appointment.user} administre la branche et a pu lire la fiche déjà signée par l'autre évaluateur : "
            "choisissez quelqu'un d'autre."
        )
        raise ValidationError({"appointment": message})
