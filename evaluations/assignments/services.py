"""An evaluator steps aside before opening the dossier."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from candidates.appointments.stepping_aside import step_aside
from candidates.models import Assignment, Interview, Session
from cqp.models import User
from evaluations.models import ScoringSheet


def decline_interview(*, assignment: Assignment, ground: str, reason: str, by: User) -> Assignment:
    """Step aside from an interview, as `step_aside`, as long as one's sheet holds nothing. Raises as it does."""
    with transaction.atomic():
        Session.objects.select_for_update(of=("self",)).get(appointments=assignment.appointment_id)
        Interview.objects.select_for_update(of=("self",)).get(pk=assignment.interview_id)
        # A save under way ends first; one that comes after finds that the interview is no longer theirs.
        list(_filled_by(assignment).select_for_update(of=("self",)).order_by("pk"))
        if refusal := decline_refusal(assignment):
            raise ValidationError(refusal)
        return step_aside(assignment=assignment, ground=ground, reason=reason, by=by)


def decline_refusal(assignment: Assignment) -> str:
    """Return why the evaluator can no longer step aside, and what to do; "" while they can."""
    if _filled_by(assignment).filter(content_seq__gt=0).exists():
        return (
            "Vous avez commencé à noter : vos saisies sont des preuves, vous ne pouvez plus vous récuser ici. Appelez la "
            "branche : elle peut donner votre place à un autre évaluateur, et vos saisies seront conservées."
        )
    return ""


def _filled_by(assignment: Assignment) -> QuerySet[ScoringSheet]:
    """Return the sheets that the evaluator may have filled: their own, and the joint one."""
    return ScoringSheet.objects.filter(Q(assignment=assignment) | Q(assignment=None), interview=assignment.interview_id)
