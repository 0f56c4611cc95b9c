"""What the documents say of a decision."""

from candidates.models import Session
from evaluations.documents.context import Context, day_text, vote_text
from evaluations.documents.days import get_decision_day
from evaluations.jury.queries import BlocCase
from evaluations.publication.entitlement import Entitlement


def decision_context(case: BlocCase, session: Session) -> Context:
    decision = case.decision
    if decision is None:
        return {}
    return {
        "outcome": decision.outcome,
        "label": decision.get_outcome_display(),
        "reason": decision.reason,
        "recommendation": decision.recommendation,
        "vote": vote_text(decision),
        "revised": "appeal" in decision.bench,
        "departs": decision.outcome != decision.proposal,
        "on": day_text(get_decision_day(decision, session)),
    }


def entitlement_context(session: Session, entitlement: Entitlement) -> Context:
    """Return what is said of blocs and certificates beside this session's; nothing where there is nothing to say.

    `counted`: the blocs of its certificate that it did not give. `holder_of`: the certificate that the person has already.
    """
    counted = [
        {"number": bloc.number, "on": day_text(entitlement.counted[bloc.pk])}
        for bloc in session.referentiel.blocs.all()
        if bloc.pk in entitlement.counted
    ]
    said = {"counted": counted, "holder_of": entitlement.holder_of}
    return {name: value for name, value in said.items() if value}
