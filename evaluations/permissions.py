"""Who may do what with a sheet. Pure questions on one object."""

from cqp.models import User
from evaluations.models import ScoringSheet


def can_sign(user: User, sheet: ScoringSheet) -> bool:
    """One's own sheet, or the joint sheet of an interview that one is assigned to."""
    mine = sheet.interview.assignments.filter(appointment__user=user, state="active")
    return (mine if sheet.is_joint else mine.filter(pk=sheet.assignment_id)).exists()


def can_reopen(user: User, sheet: ScoringSheet) -> bool:
    """An administrator of the branch."""
    branch = sheet.interview.enrolment_bloc.enrolment.session.branch_id
    return user.administered_branches.filter(pk=branch).exists()


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
