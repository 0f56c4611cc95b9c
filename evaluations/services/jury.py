"""The deliberation: opened, who attends, one decision per bloc."""

from collections.abc import Iterable

from django.db import transaction

from candidates.models import Appointment, EnrolmentBloc, Session
from cqp import journal
from cqp.models import User
from evaluations.cases import PROPOSALS, BlocCase, bloc_cases
from evaluations.jury_permissions import JURY_ROLES, can_open_deliberation, can_record_decision
from evaluations.models import Attendance, Decision, Deliberation

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


def required_members(session: Session) -> int:
    """Return how many members must be present, as the référentiel says."""
    return session.referentiel.jury_rules.get("minimum_members", 1)


def open_deliberation(session: Session, *, by: User) -> Deliberation:
    """Open the sitting of the session's jury, once; opening it again returns it as it is. Raises DecisionRefused."""
    with transaction.atomic():
        locked = _locked(session)
        if not can_open_deliberation(by, locked):
            raise DecisionRefused("Seuls la branche et les membres du jury ouvrent la délibération.")
        deliberation = Deliberation.objects.filter(session=locked).first()
        if deliberation is None:
            _check_sitting(locked)
            deliberation = Deliberation(session=locked, opened_by=by)
            deliberation.full_clean()
            deliberation.save()
            payload = {"deliberation": deliberation.pk}
            journal.record(f"session:{locked.pk}", "deliberation.opened", payload, by=by)
    return deliberation


def note_attendance(deliberation: Deliberation, appointments: Iterable[Appointment], *, by: User) -> list[Attendance]:
    """Note who of the jury is present; whoever is not named is absent. Saying the same twice changes nothing.

    Raises DecisionRefused: not theirs to note, not before the jury, someone from elsewhere or without undertaking.
    """
    wanted = {appointment.pk: appointment for appointment in appointments}
    with transaction.atomic():
        session = _locked(deliberation.session)
        if not can_open_deliberation(by, session):
            raise DecisionRefused("Seuls la branche et les membres du jury notent les présences.")
        _check_sitting(session)
        for appointment in wanted.values():
            _check_member(appointment, session)
        present = {one.appointment_id: one for one in deliberation.attendances.all()}
        if gone := present.keys() - wanted.keys():
            deliberation.attendances.filter(appointment__in=gone).delete()
        for pk in wanted.keys() - present.keys():
            attendance = Attendance(deliberation=deliberation, appointment=wanted[pk])
            attendance.full_clean()
            attendance.save()
        if present.keys() != wanted.keys():
            journal.record(f"session:{session.pk}", "deliberation.attendance", {"present": sorted(wanted)}, by=by)
        return list(deliberation.attendances.order_by("pk"))


def decide(
    enrolment_bloc: EnrolmentBloc,
    *,
    by: User,
    outcome: str,
    reason: str = "",
    proposal_seen: str,
    sheet_seq_seen: int | None,
    version_seen: int | None = None,
) -> Decision:
    """Record the jury's decision on a bloc, and return it.

    `proposal_seen`, `sheet_seq_seen` and `version_seen` (0: no decision yet; None: not checked) are what the person had
    before them. The same outcome and reason again return the present decision; others make a new version that
    supersedes it. Raises Stale when what was seen is no longer so, ReasonNeeded, or DecisionRefused.
    """
    reason = reason.strip()
    with transaction.atomic():
        # The session's row first: a decision and the publication, or two decisions, never interleave.
        session = _locked(enrolment_bloc.enrolment.session)
        _check_sitting(session)
        check_quorum(session)
        if not can_record_decision(by, session):
            raise DecisionRefused("Seuls la branche et les membres du jury présents enregistrent une décision.")
        case = bloc_cases(EnrolmentBloc.objects.filter(pk=enrolment_bloc.pk))[0]
        current = case.decision
        if current and not case.is_outdated and (current.outcome, current.reason) == (outcome, reason):
            return current
        if changes := _changes(case, proposal_seen, sheet_seq_seen, version_seen):
            raise Stale(changes)
        _check_outcome(case, outcome, reason)
        decision = Decision(
            enrolment_bloc=case.enrolment_bloc,
            version=current.version + 1 if current else 1,
            outcome=outcome,
            proposal=case.proposal,
            reason=reason,
            sheet=case.sheet,
            sheet_seq=case.sheet_seq,
            decided_by=by,
            supersedes=current,
        )
        decision.full_clean()
        decision.save()
        _tell(decision, by)
    return decision


def _locked(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("referentiel").get(pk=session.pk)


def _check_sitting(session: Session) -> None:
    if session.state == Session.State.DECIDED:
        raise DecisionRefused("Les résultats sont publiés : la délibération est close.")
    if session.state != Session.State.JURY:
        raise DecisionRefused(
            f"Le jury ne siège pas encore : la session est à l'étape « {session.get_state_display()} »."
        )


def _check_member(appointment: Appointment, session: Session) -> None:
    if appointment.session_id != session.pk or appointment.role not in JURY_ROLES:
        raise DecisionRefused(f"{appointment.user} n'est pas membre du jury de cette session.")
    if appointment.undertaking_signed_at is None:
        raise DecisionRefused(
            f"{appointment.user} n'a pas signé l'engagement de confidentialité : demandez-lui de le signer d'abord."
        )


def check_quorum(session: Session) -> None:
    required = required_members(session)
    present = Attendance.objects.filter(deliberation__session=session).values("appointment__user").distinct().count()
    if not Deliberation.objects.filter(session=session).exists():
        raise DecisionRefused("La délibération n'est pas ouverte : ouvrez-la, puis notez les présences.")
    if present < required:
        raise DecisionRefused(
            f"Le jury n'est pas assez nombreux : {present} présent{'s' if present > 1 else ''}, {required} requis. "
            "Notez les présences d'abord."
        )


def _changes(case: BlocCase, proposal_seen: str, sheet_seq_seen: int | None, version_seen: int | None) -> list[str]:
    changes = []
    if case.sheet_seq != sheet_seq_seen:
        changes.append("La fiche conjointe a changé depuis : relisez-la.")
    if case.proposal != proposal_seen:
        before = PROPOSALS.get(proposal_seen, proposal_seen)
        changes.append(f"La proposition était « {before} », elle est maintenant « {case.proposal_label} ».")
    current = case.decision
    if current and version_seen is not None and current.version != version_seen:
        changes.append(f"{current.decided_by} a enregistré entre-temps « {current.get_outcome_display()} ».")
    return changes


def _check_outcome(case: BlocCase, outcome: str, reason: str) -> None:
    if outcome not in Decision.Outcome.values:
        raise DecisionRefused("Choisissez une décision dans la liste.")
    if outcome == Decision.Outcome.ACQUIRED and case.view is None:
        raise DecisionRefused("Aucune fiche conjointe n'est signée : le bloc ne peut pas être déclaré acquis.")
    if len(reason) > REASON_LIMIT:
        raise DecisionRefused(f"Le motif est trop long : {REASON_LIMIT} caractères au plus.")
    if outcome != case.proposal and not reason:
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
            "sheet": decision.sheet_id,
            "sheet_seq": decision.sheet_seq,
        },
        by=by,
    )
