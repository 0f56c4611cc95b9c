"""What an evaluator typed and was refused, on their own pages."""

from django import template

from candidates.models import Assignment, Session
from cqp.models import User
from evaluations.models import ScoringSheet
from evaluations.sheets.refusals import Refusal, refused_operations

register = template.Library()


@register.simple_tag
def own_refusals(user: User, sheet: ScoringSheet | None) -> list[Refusal]:
    """Return the person's own refused operations, the last first: of one sheet, or of every session not yet published.

    One query when there is none, five at most.
    """
    if sheet is not None:
        return refused_operations(ScoringSheet.objects.filter(pk=sheet.pk), of=user)
    mine = Assignment.objects.filter(appointment__user=user).exclude(appointment__session__state=Session.State.DECIDED)
    return refused_operations(ScoringSheet.objects.filter(interview__in=mine.values("interview")), of=user)
