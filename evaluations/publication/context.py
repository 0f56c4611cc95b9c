"""What the documents say of a decision."""

from candidates.models import Session
from evaluations.documents.context import Context, day_text, vote_text
from evaluations.jury.queries import BlocCase


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
        "on": day_text(decision.decided_at.astimezone(session.zone).date()),
    }
