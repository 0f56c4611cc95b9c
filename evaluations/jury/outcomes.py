"""What a session gives a candidate, of the decisions on their blocs. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from evaluations.models import Decision

O = Decision.Outcome  # noqa: E741


class CandidateOutcome(StrEnum):
    TOTAL = "total"
    PARTIAL = "partial"
    NONE = "none"
    ADJOURNED = "adjourned"
    ABSENT = "absent"
    EXCUSED = "excused"
    WITHDRAWN = "withdrawn"
    FRAUD = "fraud"
    WITHOUT_BLOC = "without_bloc"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    CandidateOutcome.TOTAL: "validation totale",
    CandidateOutcome.PARTIAL: "validation partielle",
    CandidateOutcome.NONE: "aucune validation",
    CandidateOutcome.ADJOURNED: "ajourné",
    CandidateOutcome.ABSENT: "absent",
    CandidateOutcome.EXCUSED: "absent excusé",
    CandidateOutcome.WITHDRAWN: "désistement",
    CandidateOutcome.FRAUD: "exclu pour fraude",
    CandidateOutcome.WITHOUT_BLOC: "inscrit à aucun bloc",
}


def candidate_outcome(outcomes: Iterable[str], *, completed: bool) -> CandidateOutcome:
    """Return one outcome for the candidate. `completed`: the session gives the certificate.

    Each candidate has exactly one, so that the totals of a procès-verbal are the enrolments. A fraud comes before all
    else; what was acquired before what was not; a bloc to be looked at again before those that are lost.
    """
    distinct = set(outcomes)
    if not distinct:
        return CandidateOutcome.WITHOUT_BLOC
    if O.FRAUD in distinct:
        return CandidateOutcome.FRAUD
    if O.ACQUIRED in distinct:
        return CandidateOutcome.TOTAL if completed else CandidateOutcome.PARTIAL
    if O.ADJOURNED in distinct:
        return CandidateOutcome.ADJOURNED
    if O.NOT_ACQUIRED in distinct:
        return CandidateOutcome.NONE
    if O.ABSENT in distinct:
        return CandidateOutcome.ABSENT
    return CandidateOutcome.EXCUSED if O.EXCUSED in distinct else CandidateOutcome.WITHDRAWN


# What an appeal may give: a higher one. To be looked at again is better than to have lost; an excuse better than a fault.
RANKS = {O.FRAUD: 0, O.NOT_ACQUIRED: 1, O.ABSENT: 1, O.WITHDRAWN: 1, O.EXCUSED: 2, O.ADJOURNED: 3, O.ACQUIRED: 4}


def is_better(outcome: str, than: str) -> bool:
    """Tell whether a decision on a bloc is better for the candidate than another. Raises ValueError for what is none."""
    return RANKS[O(outcome)] > RANKS[O(than)]
