"""Who may do what in a session. Pure questions on one object."""

from candidates.models import Assignment, Interview, Session
from cqp.models import User
from referentiel.branches.permissions import administers_branch


def administers(user: User, session: Session) -> bool:
    """An administrator of the session's branch."""
    return administers_branch(user, session.branch_id)


def evaluates(user: User, interview: Interview) -> bool:
    """An evaluator of this interview, who signed the undertaking of confidentiality."""
    return interview.assignments.filter(
        state=Assignment.State.ACTIVE, appointment__user=user, appointment__undertaking_signed_at__isnull=False
    ).exists()


def administers_interview(user: User, interview: Interview) -> bool:
    return administers(user, interview.enrolment_bloc.enrolment.session)


def can_note_absence(user: User, interview: Interview) -> bool:
    """Those who wait for the candidate, and the branch."""
    return evaluates(user, interview) or administers_interview(user, interview)
