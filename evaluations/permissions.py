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
