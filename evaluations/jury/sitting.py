"""The sitting of a jury: opened, who attends and presides, who withdraws."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from candidates.appointments.services import declare_conflict
from candidates.models import Appointment, Enrolment, Session
from candidates.sessions.permissions import administers
from cqp.core.refusals import RefusedError
from cqp.evidence import journal
from cqp.models import User
from evaluations.jury.attendance import get_jury_rules, get_presiding_turn, load_jury
from evaluations.jury.permissions import JURY_ROLES, can_open_deliberation, can_record_decision, jury_appointments
from evaluations.models import Attendance, Deliberation, Proxy


class DecisionRefused(RefusedError):
    """The jury's act cannot be recorded. `message` says in French why, and what to do."""


def open_deliberation(session: Session, *, by: User) -> Deliberation:
    """Open the sitting of the session's jury, once, under the rules of now; opening it again returns it as it is.

    Raises DecisionRefused.
    """
    with transaction.atomic():
        locked = lock_session(session)
        if not can_open_deliberation(by, locked):
            raise DecisionRefused("Seuls la branche et les membres du jury ouvrent la délibération.")
        deliberation = Deliberation.objects.filter(session=locked).first()
        if deliberation is None:
            check_sitting(locked)
            deliberation = Deliberation(
                session=locked, opened_by=by, rules=asdict(get_jury_rules(locked)), turn=get_presiding_turn(locked)
            )
            deliberation.full_clean()
            deliberation.save()
            payload = {"deliberation": deliberation.pk, "rules": deliberation.rules, "turn": deliberation.turn}
            journal.record(locked.stream, "deliberation.opened", payload, by=by)
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
    attending = {appointment.pk: appointment for appointment in appointments}
    with transaction.atomic():
        session = lock_session(deliberation.session)
        if not can_open_deliberation(by, session):
            raise DecisionRefused("Seuls la branche et les membres du jury notent les présences.")
        check_sitting(session)
        deliberation = Deliberation.objects.get(pk=deliberation.pk)
        for appointment in attending.values():
            _check_member(appointment, session)
        _check_distinct_people(attending.values())
        if president and (president.pk not in attending or president.role not in JURY_ROLES):
            raise DecisionRefused(f"{president.user} ne peut pas présider : il faut être présent et membre du jury.")
        holders = _check_proxies(proxies or {}, attending, session)
        before = _attendance_payload(deliberation)
        deliberation.attendances.exclude(appointment__in=attending).delete()
        present = set(deliberation.attendances.values_list("appointment", flat=True))
        for pk in attending.keys() - present:
            attendance = Attendance(deliberation=deliberation, appointment=attending[pk])
            attendance.full_clean()
            attendance.save()
        if holders != dict(deliberation.proxies.values_list("giver", "holder")):
            deliberation.proxies.all().delete()
            for giver, holder in holders.items():
                proxy = Proxy(deliberation=deliberation, giver_id=giver, holder_id=holder)
                proxy.full_clean()
                proxy.save()
        deliberation.president = president
        deliberation.save(update_fields=["president"])
        if before != (after := _attendance_payload(deliberation)):
            journal.record(session.stream, "deliberation.attendance", after, by=by)
        return list(deliberation.attendances.order_by("pk"))


def withdraw(enrolment: Enrolment, appointment: Appointment, *, by: User) -> None:
    """Note that a juror has a link with a candidate and leaves for that one: themselves, or the branch for them.

    Decisions made with them on this candidate stay, and are said. Raises DecisionRefused.
    """
    with transaction.atomic():
        session = lock_session(enrolment.session)
        check_sitting(session)
        own = jury_appointments(by).filter(pk=appointment.pk).exists()
        if appointment.session_id != session.pk or appointment.role not in JURY_ROLES:
            raise DecisionRefused(f"{appointment.user} n'est pas membre du jury de cette session.")
        if not own and not administers(by, session):
            raise DecisionRefused("Un membre du jury se retire lui-même, ou la branche le note.")
        if not appointment.conflicts.filter(candidate=enrolment.candidate_id).exists():
            declare_conflict(appointment=appointment, candidate=enrolment.candidate, by=by)
            journal.record(enrolment.stream, "jury.withdrawn", {"appointment": appointment.pk}, by=by)


def check_quorum(session: Session) -> None:
    """Raise DecisionRefused while the jury as noted cannot sit on a candidate with whom nobody has a link."""
    if not Deliberation.objects.filter(session=session).exists():
        raise DecisionRefused("La délibération n'est pas ouverte : ouvrez-la, puis notez les présences.")
    if problems := load_jury(session).bench().problems:
        raise DecisionRefused(f"Le jury ne peut pas siéger : {' '.join(problems)} Notez les présences d'abord.")


def lock_session(session: Session) -> Session:
    rows = Session.objects.select_for_update(of=("self",)).select_related("referentiel", "deliberation")
    return rows.get(pk=session.pk)


def check_sitting(session: Session) -> None:
    if session.state == Session.State.DECIDED:
        raise DecisionRefused("Les résultats sont publiés : la délibération est close.")
    if session.state != Session.State.JURY:
        raise DecisionRefused(
            f"Le jury ne siège pas encore : la session est à l'étape « {session.get_state_display()} »."
        )


def check_recorder(session: Session, by: User) -> None:
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


def _check_distinct_people(appointments: Iterable[Appointment]) -> None:
    seats: dict[int, Appointment] = {}
    for appointment in appointments:
        if appointment.role in JURY_ROLES and seats.setdefault(appointment.user_id, appointment) is not appointment:
            raise DecisionRefused(
                f"{appointment.user} a deux places dans ce jury : cochez-en une seule, une personne n'a qu'une voix."
            )


def _check_proxies(
    proxies: Mapping[Appointment, Appointment], present: Mapping[int, Appointment], session: Session
) -> dict[int, int]:
    most = get_jury_rules(session).proxies_per_member
    holders: dict[int, int] = {}
    for giver, holder in proxies.items():
        if not most:
            raise DecisionRefused("Les règles de ce jury n'admettent pas de pouvoir.")
        if giver.session_id != session.pk or giver.role != Appointment.Role.JUROR:
            raise DecisionRefused(f"{giver.user} n'est pas membre titulaire de ce jury : il ne donne pas de pouvoir.")
        if giver.pk in present:
            raise DecisionRefused(f"{giver.user} est présent : il vote lui-même, sans donner de pouvoir.")
        if holder.pk not in present or holder.role != Appointment.Role.JUROR:
            raise DecisionRefused(f"{holder.user} n'est pas un titulaire présent : il ne reçoit pas de pouvoir.")
        if list(holders.values()).count(holder.pk) >= most:
            raise DecisionRefused(f"{holder.user} a déjà {most} pouvoir{'s' if most > 1 else ''}, le maximum.")
        holders[giver.pk] = holder.pk
    return holders


def _attendance_payload(deliberation: Deliberation) -> dict[str, Any]:
    return {
        "present": sorted(deliberation.attendances.values_list("appointment", flat=True)),
        "president": deliberation.president_id,
        "proxies": [list(pair) for pair in deliberation.proxies.order_by("giver").values_list("giver", "holder")],
    }
