"""The decisions of a jury: one per bloc, or the clear proposals together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from candidates.models import Enrolment, EnrolmentBloc, Session
from cqp import journal
from cqp.models import User
from evaluations.cases import PROPOSALS, BlocCase, bloc_cases, by_enrolment, is_unanimous
from evaluations.jury_permissions import jury_appointments
from evaluations.jury_rules import Bench, Vote, VoteRefused, settle
from evaluations.jury_seats import Jury, load_jury
from evaluations.models import Decision
from evaluations.services.jury import DecisionRefused, check_recorder, check_sitting, locked_session
from referentiel.jury import ADJOURNED

REASON_LIMIT = 4000


class ReasonNeeded(DecisionRefused):
    """The decision departs from the proposal and no reason was given."""


class Stale(DecisionRefused):
    """What the decision is about changed since it was read. `changes` says what, in French."""

    def __init__(self, changes: list[str]) -> None:
        self.changes = changes
        super().__init__("La décision n'est pas enregistrée : ce que vous aviez sous les yeux a changé.")


@dataclass(frozen=True)
class Wanted:
    """What the jury decides on a bloc. `lowering`: a result proposed as acquired is lowered, knowingly."""

    outcome: str
    reason: str = ""
    recommendation: str = ""
    vote: Vote | None = None
    lowering: bool = False


@dataclass(frozen=True)
class Seen:
    """What the person had before them. `version` 0: no decision yet; None: not checked."""

    proposal: str
    sheet_seq: int | None
    version: int | None = None


def decide(
    enrolment_bloc: EnrolmentBloc,
    *,
    by: User,
    outcome: str,
    reason: str = "",
    recommendation: str = "",
    vote: Vote | None = None,
    lowering: bool = False,
    proposal_seen: str,
    sheet_seq_seen: int | None,
    version_seen: int | None = None,
) -> Decision:
    """Record the jury's decision on a bloc, and return it.

    `proposal_seen`, `sheet_seq_seen` and `version_seen` are what the person had before them (see `Seen`). The same again
    returns the present decision; another makes a new version that supersedes it. Raises Stale when what was seen is no
    longer so, ReasonNeeded, or DecisionRefused.
    """
    wanted = Wanted(outcome, reason.strip(), recommendation.strip(), vote, lowering)
    with transaction.atomic():
        # The session's row first: a decision and the publication, or two decisions, never interleave.
        session = locked_session(enrolment_bloc.enrolment.session)
        check_sitting(session)
        check_recorder(session, by)
        case = bloc_cases(EnrolmentBloc.objects.filter(pk=enrolment_bloc.pk))[0]
        jury = load_jury(session, enrolment=case.enrolment_bloc.enrolment)
        return record(case, jury, wanted, Seen(proposal_seen, sheet_seq_seen, version_seen), by=by)


def confirm_together(session: Session, seen: Mapping[int, Seen], *, by: User) -> tuple[list[Decision], list[str]]:
    """Confirm at once the proposals on these blocs (pk: what was seen) of candidates on whom all is clear.

    A candidate is taken whole or not at all. Return the decisions, and in French who was left out and why. Raises
    DecisionRefused when the jury cannot decide.
    """
    made, left = [], []
    with transaction.atomic():
        locked = locked_session(session)
        check_sitting(locked)
        check_recorder(locked, by)
        jury = load_jury(locked)
        rows = EnrolmentBloc.objects.filter(enrolment__session=locked, enrolment__enrolment_blocs__in=seen).distinct()
        for cases in by_enrolment(bloc_cases(rows)).values():
            enrolment = cases[0].enrolment_bloc.enrolment
            if not is_unanimous(cases) or any(case.enrolment_bloc.pk not in seen for case in cases):
                left.append(f"{enrolment.candidate} : sa situation a changé, examinez-le à part.")
                continue
            try:
                with transaction.atomic():
                    made += [
                        record(case, jury, Wanted(case.proposal), seen[case.enrolment_bloc.pk], by=by) for case in cases
                    ]
            except DecisionRefused as refused:
                left.append(f"{enrolment.candidate} : {refused.message}")
    return made, left


def record(case: BlocCase, jury: Jury, wanted: Wanted, seen: Seen, *, by: User) -> Decision:
    """Record a decision, the session's row locked and the jury read. Raises as `decide` does."""
    enrolment = case.enrolment_bloc.enrolment
    bench = jury.bench(enrolment)
    _check_bench(bench, jury, enrolment, by)
    current, vote = case.decision, asdict(wanted.vote) if wanted.vote else None
    same = (wanted.outcome, wanted.reason, wanted.recommendation, vote)
    if (
        current
        and not case.is_outdated
        and same
        == (
            current.outcome,
            current.reason,
            current.recommendation,
            current.vote,
        )
    ):
        return current
    if changes := _changes(case, seen):
        raise Stale(changes)
    _check_wanted(case, wanted, bench)
    return write_decision(case, wanted, bench.told(), by=by)


def write_decision(case: BlocCase, wanted: Wanted, sat: dict[str, Any], *, by: User) -> Decision:
    """Write the next version of the decision on a bloc, and tell the journal."""
    current = case.decision
    decision = Decision(
        enrolment_bloc=case.enrolment_bloc,
        version=current.version + 1 if current else 1,
        outcome=wanted.outcome,
        proposal=case.proposal,
        reason=wanted.reason,
        recommendation=wanted.recommendation,
        vote=asdict(wanted.vote) if wanted.vote else None,
        bench=sat,
        sheet=case.sheet,
        sheet_seq=case.sheet_seq,
        decided_by=by,
        supersedes=current,
    )
    decision.full_clean()
    decision.save()
    _tell(decision, by)
    return decision


def _check_bench(bench: Bench, jury: Jury, enrolment: Enrolment, by: User) -> None:
    if bench.problems:
        away = f" Se retirent pour ce candidat : {', '.join(seat.name for seat in bench.away)}." if bench.away else ""
        advice = "" if bench.away else " Notez les présences d'abord."
        raise DecisionRefused(f"Le jury ne peut pas siéger : {' '.join(bench.problems)}{away}{advice}")
    mine = {one.pk for one in jury_appointments(by).filter(session=enrolment.session_id)}
    administers = by.administered_branches.filter(pk=enrolment.session.branch_id).exists()
    if mine and not administers and not mine & {seat.key for seat in (*bench.voices, *bench.silent)}:
        raise DecisionRefused("Vous vous retirez pour ce candidat : un autre membre enregistre sa décision.")


def _changes(case: BlocCase, seen: Seen) -> list[str]:
    changes = []
    if case.sheet_seq != seen.sheet_seq:
        changes.append("La fiche conjointe a changé depuis : relisez-la.")
    if case.proposal != seen.proposal:
        before = PROPOSALS.get(seen.proposal, seen.proposal)
        changes.append(f"La proposition était « {before} », elle est maintenant « {case.proposal_label} ».")
    current = case.decision
    if current and seen.version is not None and current.version != seen.version:
        changes.append(f"{current.decided_by} a enregistré entre-temps « {current.get_outcome_display()} ».")
    return changes


def _check_wanted(case: BlocCase, wanted: Wanted, bench: Bench) -> None:
    check_outcome(case, wanted)
    if wanted.vote is None:
        return
    try:
        given = settle(wanted.vote, bench)
    except VoteRefused as refused:
        raise DecisionRefused(refused.message) from None
    if given is None and wanted.outcome != ADJOURNED:
        raise DecisionRefused("Le vote ne donne aucune majorité absolue : votez de nouveau, ou ajournez le bloc.")
    if given is not None and given != wanted.outcome:
        label = Decision.Outcome(given).label
        raise DecisionRefused(f"Le vote donne « {label} » : choisissez cette décision, ou corrigez les voix.")


def check_outcome(case: BlocCase, wanted: Wanted) -> None:
    """Raise DecisionRefused or ReasonNeeded when the case does not allow what is wanted."""
    acquired = Decision.Outcome.ACQUIRED
    if wanted.outcome not in Decision.Outcome.values:
        raise DecisionRefused("Choisissez une décision dans la liste.")
    if wanted.outcome == acquired and case.view is None:
        raise DecisionRefused("Aucune fiche conjointe n'est signée : le bloc ne peut pas être déclaré acquis.")
    if max(len(wanted.reason), len(wanted.recommendation)) > REASON_LIMIT:
        raise DecisionRefused(f"Le texte est trop long : {REASON_LIMIT} caractères au plus.")
    lowers = (case.proposal, wanted.outcome) == (acquired, Decision.Outcome.NOT_ACQUIRED)
    if lowers and not wanted.lowering:
        raise DecisionRefused(
            "Les évaluateurs proposent ce bloc comme acquis : l'abaisser est un acte à part, avec son propre motif."
        )
    if wanted.outcome != case.proposal and not wanted.reason:
        raise ReasonNeeded(
            "Cette décision s'écarte de la proposition : écrivez le motif, il figurera au procès-verbal."
        )


def _tell(decision: Decision, by: User) -> None:
    journal.record(
        decision.enrolment_bloc.enrolment.stream,
        "decision.made",
        {
            "enrolment_bloc": decision.enrolment_bloc_id,
            "version": decision.version,
            "outcome": decision.outcome,
            "proposal": decision.proposal,
            "reason": decision.reason,
            "recommendation": decision.recommendation,
            "vote": decision.vote,
            "bench": decision.bench,
            "sheet": decision.sheet_id,
            "sheet_seq": decision.sheet_seq,
        },
        by=by,
    )
