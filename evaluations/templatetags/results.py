"""What a candidate reads of the jury's decisions, once published."""

from dataclasses import dataclass

from django import template

from candidates.models import Enrolment, EnrolmentBloc
from evaluations.models import Decision, SessionDocument

register = template.Library()


@dataclass(frozen=True)
class Results:
    """The decision on each bloc, and the documents that stand."""

    blocs: list[tuple[EnrolmentBloc, Decision | None]]
    documents: list[SessionDocument]


@register.simple_tag
def published_results(enrolment: Enrolment) -> Results | None:
    """Return the results of an enrolment, None before publication. Three queries."""
    if not enrolment.session.is_published:
        return None
    decisions = {
        decision.enrolment_bloc_id: decision
        for decision in Decision.objects.filter(enrolment_bloc__enrolment=enrolment, superseded_by=None)
    }
    documents = (
        enrolment.documents.filter(document__superseded_by=None, document__voided_at=None)
        .select_related("document")
        .defer("document__bytes", "document__context")
    )
    rows = enrolment.enrolment_blocs.select_related("bloc").order_by("bloc__number")
    return Results([(row, decisions.get(row.pk)) for row in rows], list(documents))
