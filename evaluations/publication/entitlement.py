"""What a session gives a person: of what it decided, and of what is in force beside it. Pure; every document reads it.

A certificate follows from decisions, once: a session whose decisions acquire nothing new gives none, and a person has one in
force for a certification at most.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from evaluations.jury.outcomes import CandidateOutcome, candidate_outcome
from evaluations.models import Decision

O = Decision.Outcome  # noqa: E741


@dataclass(frozen=True)
class InForce:
    """A person's certificate in force: the keys of the enrolment and of the version of the référentiel that gave it."""

    reference: str
    enrolment: int
    referentiel: int


@dataclass(frozen=True)
class Holding:
    """What a person has beside the decisions of one session.

    `blocs`: each bloc of its référentiel that they hold, by its key, with the day it was obtained: still valid on the jury's
    day, itself or one of an earlier version that it continues. `certificate`: of this certification, from any session.
    """

    blocs: Mapping[int, dt.date] = field(default_factory=dict)
    certificate: InForce | None = None


@dataclass(frozen=True)
class BlocDecision:
    """What a session decided on a bloc."""

    bloc: int
    outcome: str
    on: dt.date


@dataclass(frozen=True)
class Entitlement:
    """What a session gives one person.

    `blocs`: each bloc of the référentiel with the day it was obtained, when all are; else nothing. `counted`: those among
    them that this session did not give. `is_due`: publishing issues the certificate. `may_be_issued`: the branch may ask
    for it. `holder_of`: the number of a certificate that another session gave, and that stays.
    """

    outcome: CandidateOutcome
    blocs: Mapping[int, dt.date]
    counted: Mapping[int, dt.date]
    is_due: bool
    may_be_issued: bool
    holder_of: str


def entitle(
    blocs: Collection[int], decisions: Iterable[BlocDecision], holding: Holding, *, enrolment: int, referentiel: int
) -> Entitlement:
    """Return what a session gives a person. `blocs`: the keys of all blocs of its référentiel, in their order.

    A certificate of another session stays, unless it is of another version and this session gives a bloc that it lacks: then
    the new one replaces it. Who is excluded for fraud gets none from that session.
    """
    decided = list(decisions)
    acquired = {decision.bloc: decision.on for decision in decided if decision.outcome == O.ACQUIRED}
    is_new = bool(acquired.keys() - holding.blocs.keys())
    is_complete = bool(blocs) and all(bloc in acquired or bloc in holding.blocs for bloc in blocs)
    is_excluded = any(decision.outcome == O.FRAUD for decision in decided)
    present = holding.certificate
    is_own = present is not None and present.enrolment == enrolment
    is_free = present is None or is_own or (present.referentiel != referentiel and is_new)
    may_be_issued = is_complete and bool(acquired) and not is_excluded and is_free
    is_due = may_be_issued and (is_own or is_new)
    whole = {bloc: acquired.get(bloc) or holding.blocs[bloc] for bloc in blocs} if is_complete else {}
    return Entitlement(
        outcome=candidate_outcome([decision.outcome for decision in decided], completed=is_due),
        blocs=whole,
        counted={bloc: day for bloc, day in whole.items() if bloc not in acquired} if is_due else {},
        is_due=is_due,
        may_be_issued=may_be_issued,
        holder_of=present.reference if present and not is_own and not is_due else "",
    )
