"""The deliberation: opened, who attends and presides, who withdraws, one decision per bloc."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from candidates.models import Appointment, Enrolment, EnrolmentBloc, Session
from candidates.services.appointments import declare_conflict
from cqp import journal
from cqp.models import User
from evaluations.cases import PROPOSALS, BlocCase, bloc_cases, by_enrolment, is_unanimous
from evaluations.jury_permissions import JURY_ROLES, can_open_deliberation, can_record_decision, jury_appointments
from evaluations.jury_rules import Bench, Vote, VoteRefused, settle
from evaluations.jury_seats import Jury, load_jury, rules_of, turn_of
from evaluations.models import Attendance, Decision, Deliberation, Proxy
from referentiel.jury import ADJOURNED

REASON_LIMIT = 4000


class DecisionRefused(Exception):
    """The jury's act cannot be recorded. `message` says in French why, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


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


def open_deliberation(session: Session, *, by: User) -> Deliberation:
    """Open the sitting of the session's jury, once, under the rules of now; opening it again returns it as it is.

    Raises DecisionRefused.
    """
    with transaction.atomic():
        locked = _locked(session)
        if not can_open_deliberation(by, locked):
            raise DecisionRefused("Seuls la branche et les membres du jury ouvrent la délibération.")
        deliberation = Deliberation.objects.filter(session=locked).first()
        if deliberation is None:
            _check_sitting(locked)
            deliberation = Deliberation(
                session=locked, opened_by=by, rules=asdict(rules_of(locked)), turn=turn_of(locked)
            )
            deliberation.full_clean()
            deliberation.save()
            payload = {"deliberation": deliberation.pk, "rules": deliberation.rules, "turn": deliberation.turn}
            journal.record(f"session:{locked.pk}", "deliberation.opened", payload, by=by)
    return deliberation


def note_attendance(
    deliberation: Deliberation,
    appointments: Iterable[Appointment],
    *,
    by: User,
    president: Appointment | None = None,
    proxies: Mapping[Appointment, Appointment] | None = None,
) -> list[Attendance]:
    """Note who is present, who presides, and the proxies (who is away: who holds theirs). Whoever is not named is absent.

    Saying the same twice changes nothing. Raises DecisionRefused: not theirs to note, not before the jury, someone from
    elsewhere or without undertaking, one person on two seats, a president who does not sit, a proxy that the rules refuse.
    """
    wanted = {appointment.pk: appointment for appointment in appointments}
    with transaction.atomic():
        session = _locked(deliberation.session)
        if not can_open_deliberation(by, session):
            raise DecisionRefused("Seuls la branche et les membres du jury notent les présences.")
        _check_sitting(session)
        deliberation = Deliberation.objects.get(pk=deliberation.pk)
        for appointment in wanted.values():
            _check_member(appointment, session)
        _check_one_seat_each(wanted.values())
        if president and (president.pk not in wanted or president.role not in JURY_ROLES):
            raise DecisionRefused(f"{president.user} ne peut pas présider : il faut être présent et membre du jury.")
        given = _checked_proxies(proxies or {}, wanted, session)
        before = _attendance_told(deliberation)
        deliberation.attendances.exclude(appointment__in=wanted).delete()
        present = set(deliberation.attendances.values_list("appointment", flat=True))
        for pk in wanted.keys() - present:
            attendance = Attendance(deliberation=deliberation, appointment=wanted[pk])
            attendance.full_clean()
            attendance.save()
        if given != dict(deliberation.proxies.values_list("giver", "holder")):
            deliberation.proxies.all().delete()
            for giver, holder in given.items():
                proxy = Proxy(deliberation=deliberation, giver_id=giver, holder_id=holder)
                proxy.full_clean()
                proxy.save()
        deliberation.president = president
        deliberation.save(update_fields=["president"])
        if before != (after := _attendance_told(deliberation)):
            journal.record(f"session:{session.pk}", "deliberation.attendance", after, by=by)
        return list(deliberation.attendances.order_by("pk"))


def withdraw(enrolment: Enrolment, appointment: Appointment, *, by: User) -> None:
    """Note that a juror has a link with a candidate and leaves for that one: themselves, or the branch for them.

    Decisions made with them on this candidate stay, and are said. Raises DecisionRefused.
    """
    with transaction.atomic():
        session = _locked(enrolment.session)
        _check_sitting(session)
        own = jury_appointments(by).filter(pk=appointment.pk).exists()
        if appointment.session_id != session.pk or appointment.role not in JURY_ROLES:
            raise DecisionRefused(f"{appointment.user} n'est pas membre du jury de cette session.")
        if not own and not by.administered_branches.filter(pk=session.branch_id).exists():
            raise DecisionRefused("Un membre du jury se retire lui-même, ou la branche le note.")
        if not appointment.conflicts.filter(candidate=enrolment.candidate_id).exists():
            declare_conflict(appointment=appointment, candidate=enrolment.candidate, by=by)
            journal.record(enrolment.stream, "jury.withdrawn", {"appointment": appointment.pk}, by=by)


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
        session = _locked(enrolment_bloc.enrolment.session)
        _check_sitting(session)
        _check_recorder(session, by)
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
        locked = _locked(session)
        _check_sitting(locked)
        _check_recorder(locked, by)
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


def check_quorum(session: Session) -> None:
    """Raise DecisionRefused while the jury as noted cannot sit on a candidate with whom nobody has a link."""
    if not Deliberation.objects.filter(session=session).exists():
        raise DecisionRefused("La délibération n'est pas ouverte : ouvrez-la, puis notez les présences.")
    if problems := load_jury(session).bench().problems:
        raise DecisionRefused(f"Le jury ne peut pas siéger : {' '.join(problems)} Notez les présences d'abord.")


def _locked(session: Session) -> Session:
    rows = Session.objects.select_for_update(of=("self",)).select_related("referentiel", "deliberation")
    return rows.get(pk=session.pk)


def _check_sitting(session: Session) -> None:
    if session.state == Session.State.DECIDED:
        raise DecisionRefused("Les résultats sont publiés : la délibération est close.")
    if session.state != Session.State.JURY:
        raise DecisionRefused(
            f"Le jury ne siège pas encore : la session est à l'étape « {session.get_state_display()} »."
        )


def _check_recorder(session: Session, by: User) -> None:
    if not Deliberation.objects.filter(session=session).exists():
        raise DecisionRefused("La délibération n'est pas ouverte : ouvrez-la, puis notez les présences.")
    if not can_record_decision(by, session):
        raise DecisionRefused("Seuls la branche et les membres du jury présents enregistrent une décision.")


def _check_member(appointment: Appointment, session: Session) -> None:
    attends = (*JURY_ROLES, Appointment.Role.OBSERVER)
    if appointment.session_id != session.pk or appointment.role not in attends:
        raise DecisionRefused(f"{appointment.user} n'est pas membre du jury de cette session.")
    if appointment.undertaking_signed_at is None:
        raise DecisionRefused(
            f"{appointment.user} n'a pas signé l'engagement de confidentialité : demandez-lui de le signer d'abord."
        )


def _check_one_seat_each(appointments: Iterable[Appointment]) -> None:
    seen: dict[int, Appointment] = {}
    for appointment in appointments:
        if appointment.role in JURY_ROLES and seen.setdefault(appointment.user_id, appointment) is not appointment:
            raise DecisionRefused(
                f"{appointment.user} a deux places dans ce jury : cochez-en une seule, une personne n'a qu'une voix."
            )


def _checked_proxies(
    proxies: Mapping[Appointment, Appointment], present: Mapping[int, Appointment], session: Session
) -> dict[int, int]:
    most = rules_of(session).proxies_per_member
    given: dict[int, int] = {}
    for giver, holder in proxies.items():
        if not most:
            raise DecisionRefused("Les règles de ce jury n'admettent pas de pouvoir.")
        if giver.session_id != session.pk or giver.role != Appointment.Role.JUROR:
            raise DecisionRefused(f"{giver.user} n'est pas membre titulaire de ce jury : il ne donne pas de pouvoir.")
        if giver.pk in present:
            raise DecisionRefused(f"{giver.user} est présent : il vote lui-même, sans donner de pouvoir.")
        if holder.pk not in present or holder.role != Appointment.Role.JUROR:
            raise DecisionRefused(f"{holder.user} n'est pas un titulaire présent : il ne reçoit pas de pouvoir.")
        if list(given.values()).count(holder.pk) >= most:
            raise DecisionRefused(f"{holder.user} a déjà {most} pouvoir{'s' if most > 1 else ''}, le maximum.")
        given[giver.pk] = holder.pk
    return given


def _attendance_told(deliberation: Deliberation) -> dict[str, Any]:
    return {
        "present": sorted(deliberation.attendances.values_list("appointment", flat=True)),
        "president": deliberation.president_id,
        "proxies": [list(pair) for pair in deliberation.proxies.order_by("giver").values_list("giver", "holder")],
    }


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
