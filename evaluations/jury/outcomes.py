"""What a session gives a candidate, of the decisions on their blocs. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import StrEnum

from candidates.models import HeldBloc, Session
from evaluations.jury.queries import BlocCase
from evaluations.models import Decision
from referentiel.models import Bloc

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
    """Return one outcome for the candidate. `completed`: with the blocs held before, every bloc is acquired.

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


# What each candidate holds: by candidate, then by bloc of the session's référentiel, see
# `candidates.enrolments.held_blocs.held_blocs`.
type Held = Mapping[int, Mapping[int, HeldBloc]]


def certificate_blocs(
    session: Session, cases: Iterable[BlocCase], held: Mapping[int, HeldBloc]
) -> list[tuple[Bloc, dt.date]] | None:
    """Return each bloc of the référentiel with the day it was obtained, or None when one is missing.

    A bloc counts when the jury has just given it, or when it is in `held`: still valid on the jury's day, itself or one of
    an earlier version that it continues.
    """
    acquired = {
        case.enrolment_bloc.bloc_id: case.decision.decided_at.astimezone(session.zone).date()
        for case in cases
        if case.decision and case.decision.outcome == Decision.Outcome.ACQUIRED
    }
    lines = []
    for bloc in session.referentiel.blocs.all():
        if bloc.pk not in acquired and bloc.pk not in held:
            return None
        lines.append((bloc, acquired[bloc.pk] if bloc.pk in acquired else held[bloc.pk].obtained_on))
    return lines
