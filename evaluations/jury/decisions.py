"""The decisions of a jury: one per bloc, or the clear proposals together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from django.db import transaction

from candidates.models import Enrolment, EnrolmentBloc, Session
from candidates.sessions.permissions import administers
from cqp.evidence import journal
from cqp.models import User
from evaluations.jury.attendance import Jury, load_jury
from evaluations.jury.permissions import jury_appointments
from evaluations.jury.queries import PROPOSALS, BlocCase, group_by_enrolment, is_unanimous, list_bloc_cases
from evaluations.jury.rules import Bench, Vote, VoteRefused, resolve_vote
from evaluations.jury.sitting import DecisionRefused, check_recorder, check_sitting, lock_session
from evaluations.models import Decision
from referentiel.jury_rules.rules import ADJOURNED

REASON_LIMIT = 4000


class MissingReasonError(DecisionRefused):
    """The decision departs from the proposal and has no reason."""


class StaleDecisionError(DecisionRefused):
    """What the decision is about changed since it was read. `changes` says what, in French."""

    def __init__(self, changes: list[str]) -> None:
        self.changes = changes
        super().__init__("La décision n'est pas enregistrée : ce que vous aviez sous les yeux a changé.")


@dataclass(frozen=True)
class DecisionInput:
    """What the jury decides on a bloc. `is_lowering`: a result proposed as acquired is lowered, knowingly."""

    outcome: str
    reason: str = ""
    recommendation: str = ""
    vote: Vote | None = None
    is_lowering: bool = False

    def stripped(self) -> Self:
        """Return the same without the spaces around its texts."""
        return replace(self, reason=self.reason.strip(), recommendation=self.recommendation.strip())


@dataclass(frozen=True)
class ShownState:
    """What the person had before them. `version` 0: no decision yet; None: not checked."""

    proposal: str
    sheet_seq: int | None
    version: int | None = None


def decide(enrolment_bloc: EnrolmentBloc, decision: DecisionInput, *, shown: ShownState, by: User) -> Decision:
    """Record the jury's decision on a bloc, and return it.

    The same again returns the present decision; another makes a new version that supersedes it. Raises
    StaleDecisionError when what was shown is no longer so, MissingReasonError, or DecisionRefused.
    """
    with transaction.atomic():
        # The session's row first: a decision and the publication, or two decisions, never interleave.
        session = lock_session(enrolment_bloc.enrolment.session)
        check_sitting(session)
        check_recorder(session, by)
        [case] = list_bloc_cases(EnrolmentBloc.objects.filter(pk=enrolment_bloc.pk))
        jury = load_jury(session, enrolment=case.enrolment_bloc.enrolment)
        return record_decision(case, jury, decision.stripped(), shown, by=by)


def confirm_unanimous_proposals(
    session: Session, shown_states: Mapping[int, ShownState], *, by: User
) -> tuple[list[Decision], list[str]]:
    """Confirm at once the proposals on these blocs (pk: what was shown) of candidates on whom all is clear.

    All blocs of a candidate are confirmed, or none. Return the decisions, and in French who was left out and why. Raises
    DecisionRefused when the jury cannot decide.
    """
    decisions, exclusions = [], []
    with transaction.atomic():
        locked = lock_session(session)
        check_sitting(locked)
        check_recorder(locked, by)
        jury = load_jury(locked)
        enrolment_blocs = EnrolmentBloc.objects.filter(
            enrolment__session=locked, enrolment__enrolment_blocs__in=shown_states
        )
        for cases in group_by_enrolment(list_bloc_cases(enrolment_blocs.distinct())).values():
            candidate = cases[0].enrolment_bloc.enrolment.candidate
            if not is_unanimous(cases) or any(case.enrolment_bloc.pk not in shown_states for case in cases):
                exclusions.append(f"{candidate} : sa situation a changé, examinez-le à part.")
                continue
            try:
                with transaction.atomic():
                    decisions += [
                        record_decision(
                            case, jury, DecisionInput(case.proposal), shown_states[case.enrolment_bloc.pk], by=by
                        )
                        for case in cases
                    ]
            except DecisionRefused as refused:
                exclusions.append(f"{candidate} : {refused.message}")
    return decisions, exclusions


def record_decision(case: BlocCase, jury: Jury, decision: DecisionInput, shown: ShownState, *, by: User) -> Decision:
    """Record a decision, the session's row locked and the jury read. Raises as `decide` does."""
    enrolment = case.enrolment_bloc.enrolment
    bench = jury.bench(enrolment)
    _check_bench(bench, jury, enrolment, by)
    current = case.decision
    if current and not case.is_outdated and _is_same(current, decision):
        return current
    if changes := _list_changes(case, shown):
        raise StaleDecisionError(changes)
    _check_decision(case, decision, bench)
    return write_decision(case, decision, bench.as_payload(), by=by)


def _is_same(current: Decision, decision: DecisionInput) -> bool:
    return (current.outcome, current.reason, current.recommendation, current.vote) == (
        decision.outcome,
        decision.reason,
        decision.recommendation,
        asdict(decision.vote) if decision.vote else None,
    )


def write_decision(case: BlocCase, decision: DecisionInput, bench: dict[str, Any], *, by: User) -> Decision:
    """Write the next version of the decision on a bloc, and record it in the journal. `bench`: see `Bench.as_payload`."""
    current = case.decision
    version = Decision(
        enrolment_bloc=case.enrolment_bloc,
        version=current.version + 1 if current else 1,
        outcome=decision.outcome,
        proposal=case.proposal,
        reason=decision.reason,
        recommendation=decision.recommendation,
        vote=asdict(decision.vote) if decision.vote else None,
        bench=bench,
        sheet=case.sheet,
        sheet_seq=case.sheet_seq,
        decided_by=by,
        supersedes=current,
    )
    version.full_clean()
    version.save()
    journal.record(case.enrolment_bloc.enrolment.stream, "decision.made", _decision_payload(version), by=by)
    return version


def _check_bench(bench: Bench, jury: Jury, enrolment: Enrolment, by: User) -> None:
    if bench.problems:
        away = f" Se retirent pour ce candidat : {', '.join(seat.name for seat in bench.away)}." if bench.away else ""
        advice = "" if bench.away else " Notez les présences d'abord."
        raise DecisionRefused(f"Le jury ne peut pas siéger : {' '.join(bench.problems)}{away}{advice}")
    own_seats = {appointment.pk for appointment in jury_appointments(by).filter(session=enrolment.session_id)}
    sitting = {seat.key for seat in (*bench.votes_by_seat, *bench.silent)}
    if own_seats and not administers(by, enrolment.session) and not own_seats & sitting:
        raise DecisionRefused("Vous vous retirez pour ce candidat : un autre membre enregistre sa décision.")


def _list_changes(case: BlocCase, shown: ShownState) -> list[str]:
    changes = []
    if case.sheet_seq != shown.sheet_seq:
        changes.append("La fiche conjointe a changé depuis : relisez-la.")
    if case.proposal != shown.proposal:
        before = PROPOSALS.get(shown.proposal, shown.proposal)
        changes.append(f"La proposition était « {before} », elle est maintenant « {case.proposal_label} ».")
    current = case.decision
    if current and shown.version is not None and current.version != shown.version:
        changes.append(f"{current.decided_by} a enregistré entre-temps « {current.get_outcome_display()} ».")
    return changes


def _check_decision(case: BlocCase, decision: DecisionInput, bench: Bench) -> None:
    check_outcome(case, decision)
    if decision.vote is None:
        return
    try:
        result = resolve_vote(decision.vote, bench)
    except VoteRefused as refused:
        raise DecisionRefused(refused.message) from None
    if result is None and decision.outcome != ADJOURNED:
        raise DecisionRefused("Le vote ne donne aucune majorité absolue : votez de nouveau, ou ajournez le bloc.")
    if result is not None and result != decision.outcome:
        label = Decision.Outcome(result).label
        raise DecisionRefused(f"Le vote donne « {label} » : choisissez cette décision, ou corrigez les voix.")


def check_outcome(case: BlocCase, decision: DecisionInput) -> None:
    """Raise DecisionRefused or MissingReasonError when the case does not allow the decision."""
    acquired = Decision.Outcome.ACQUIRED
    if decision.outcome not in Decision.Outcome.values:
        raise DecisionRefused("Choisissez une décision dans la liste.")
    if decision.outcome == acquired and case.view is None:
        raise DecisionRefused("Aucune fiche conjointe n'est signée : le bloc ne peut pas être déclaré acquis.")
    if max(len(decision.reason), len(decision.recommendation)) > REASON_LIMIT:
        raise DecisionRefused(f"Le texte est trop long : {REASON_LIMIT} caractères au plus.")
    lowers = (case.proposal, decision.outcome) == (acquired, Decision.Outcome.NOT_ACQUIRED)
    if lowers and not decision.is_lowering:
        raise DecisionRefused(
            "Les évaluateurs proposent ce bloc comme acquis : l'abaisser est un acte à part, avec son propre motif."
        )
    if decision.outcome != case.proposal and not decision.reason:
        raise MissingReasonError(
            "Cette décision s'écarte de la proposition : écrivez le motif, il figurera au procès-verbal."
        )


def _decision_payload(decision: Decision) -> dict[str, Any]:
    return {
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
    }
