"""What a candidate reads of the jury's decisions, once published."""

from collections import defaultdict
from dataclasses import dataclass

from django import template

from candidates.models import Enrolment, EnrolmentBloc
from evaluations.models import Appeal, Decision, SessionDocument

register = template.Library()


@dataclass(frozen=True)
class Results:
    """The decision on each bloc with the appeals against it and before it, and the documents that stand."""

    blocs: list[tuple[EnrolmentBloc, Decision | None, list[Appeal]]]
    documents: list[SessionDocument]


@register.simple_tag
def published_results(enrolment: Enrolment) -> Results | None:
    """Return the results of an enrolment, None before publication. Three queries."""
    if not enrolment.session.is_published:
        return None
    versions = Decision.objects.filter(enrolment_bloc__enrolment=enrolment).select_related("appeal").order_by("version")
    decisions: dict[int, Decision] = {}
    appeals: defaultdict[int, list[Appeal]] = defaultdict(list)
    for decision in versions:
        decisions[decision.enrolment_bloc_id] = decision
        if appeal := getattr(decision, "appeal", None):
            appeals[decision.enrolment_bloc_id].append(appeal)
    documents = (
        enrolment.documents.filter(document__superseded_by=None, document__voided_at=None)
        .select_related("document")
        .defer("document__bytes", "document__context")
    )
    rows = enrolment.enrolment_blocs.select_related("bloc").order_by("bloc__number")
    return Results([(row, decisions.get(row.pk), appeals[row.pk]) for row in rows], list(documents))
