"""Who may do what with a sheet. Questions on one object."""

from collections.abc import Callable

from candidates.models import Assignment, Interview
from candidates.planning.replacement import is_vacant
from candidates.sessions.permissions import administers_interview
from cqp.models import User
from evaluations.models import ScoringSheet


def can_sign(user: User, sheet: ScoringSheet) -> bool:
    """One's own sheet, or the joint sheet of an interview that one is assigned to."""
    mine = sheet.interview.assignments.filter(appointment__user=user, state="active")
    return (mine.filter(pk=sheet.assignment_id) if sheet.assignment_id else mine).exists()


def can_reopen(user: User, sheet: ScoringSheet) -> bool:
    """An administrator of the branch."""
    return administers_interview(user, sheet.interview)


def can_copy(user: User, sheet: ScoringSheet) -> bool:
    """Whoever scores on the sheet, where it is one that is printed."""
    return _is_printed(sheet) and can_sign(user, sheet)


def can_scan(user: User, sheet: ScoringSheet) -> bool:
    """Whoever may copy the sheet, and an administrator for them."""
    return _is_printed(sheet) and (can_sign(user, sheet) or can_reopen(user, sheet))


def _is_printed(sheet: ScoringSheet) -> bool:
    """The sheet of who evaluates, or the joint one when it is the only one: an agreement is not reached on paper."""
    if sheet.assignment is None:
        return not sheet.interview.enrolment_bloc.bloc.referentiel.separate_sheets
    return sheet.assignment.state == "active"


def signing_refusal(sheet: ScoringSheet, assignment: Assignment | None) -> str:
    """Return why the holder of `assignment`, active or None, cannot sign a locked sheet; "" when they can."""
    return next((message for is_refused, message in SIGNING_REFUSALS if is_refused(sheet, assignment)), "")


def _is_of_another(sheet: ScoringSheet, assignment: Assignment | None) -> bool:
    return assignment is None or sheet.assignment_id not in (None, assignment.pk)


def _is_signed(sheet: ScoringSheet, assignment: Assignment | None) -> bool:
    return sheet.state == ScoringSheet.State.SIGNED


def _has_no_interview(sheet: ScoringSheet, assignment: Assignment | None) -> bool:
    return sheet.interview.state not in (Interview.State.RUNNING, Interview.State.FINISHED)


def _lacks_evaluator(sheet: ScoringSheet, assignment: Assignment | None) -> bool:
    return sheet.is_joint and is_vacant(sheet.interview)


def _has_open_own_sheet(sheet: ScoringSheet, assignment: Assignment | None) -> bool:
    own = sheet.interview.sheets.filter(assignment__state=Assignment.State.ACTIVE, state=ScoringSheet.State.OPEN)
    return sheet.is_joint and own.exists()


# Asked in this order: the first that holds is the reason.
SIGNING_REFUSALS: tuple[tuple[Callable[[ScoringSheet, Assignment | None], bool], str], ...] = (
    (_is_of_another, "Cette fiche n'est pas la vôtre : vous ne pouvez pas la signer."),
    (_is_signed, "Cette fiche est déjà signée."),
    (_has_no_interview, "L'entretien n'a pas lieu : sa fiche ne se signe pas."),
    (_lacks_evaluator, "Il manque un évaluateur à cet entretien : la branche doit en désigner un autre."),
    (_has_open_own_sheet, "Une fiche individuelle est rouverte : elle doit d'abord être signée de nouveau."),
)
