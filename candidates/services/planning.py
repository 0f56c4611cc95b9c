"""The plan of the interviews, by hand: planned, moved, cancelled."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q

from candidates import dates
from candidates.incompatibilities import load_facts
from candidates.models import Appointment, Assignment, Availability, EnrolmentBloc, Interview, Session
from candidates.services.interview_mails import mail_candidate, mail_evaluators
from candidates.services.sessions import administered
from cqp import journal
from cqp.models import User
from cqp.workflow import perform

# No interview lasts longer: those that started before need not be read.
LONGEST = dt.timedelta(hours=24)


class PlanWarned(Exception):
    """Nothing forbids the plan, but `warnings` (French) must be accepted. Nothing was written."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        super().__init__("; ".join(warnings))


@dataclass(frozen=True)
class Plan:
    """What is asked: an interview of a bloc at a time, in a room, with people."""

    session: Session
    enrolment_bloc: EnrolmentBloc
    start: dt.datetime
    room: str
    appointments: list[Appointment]

    @property
    def minutes(self) -> int:
        return interview_minutes(self.enrolment_bloc)

    @property
    def end(self) -> dt.datetime:
        return self.start + dt.timedelta(minutes=self.minutes)


def interview_minutes(enrolment_bloc: EnrolmentBloc) -> int:
    """Return how long the candidate's interview lasts: the bloc's minutes, the extra time and the break."""
    enrolment = enrolment_bloc.enrolment
    return enrolment_bloc.bloc.interview_minutes + enrolment.extra_minutes + enrolment.break_minutes


def plan_interview(
    *,
    enrolment_bloc: EnrolmentBloc,
    by: User,
    start: dt.datetime,
    room: str,
    appointments: Iterable[Appointment],
    accept_warnings: bool = False,
) -> Interview:
    """Plan a candidate's interview of a bloc and tell them by mail. `start` is aware.

    Raises ValidationError by field with every reason to refuse, PlanWarned unless `accept_warnings`, PermissionError.
    What was accepted is in the journal.
    """
    with transaction.atomic():
        plan = locked_plan(enrolment_bloc, by, start, room, appointments)
        active = plan.enrolment_bloc.interviews.exclude(state__in=Interview.CLOSED).first()
        if active:
            raise ValidationError(f"{plan.enrolment_bloc} a déjà un entretien : déplacez-le plutôt.", code="planned")
        warnings = _check(plan, moving=None, accept_warnings=accept_warnings)
        last = plan.enrolment_bloc.interviews.aggregate(last=Max("attempt"))["last"] or 0
        interview = Interview(
            enrolment_bloc=plan.enrolment_bloc,
            attempt=last + 1,
            start=plan.start,
            minutes=plan.minutes,
            room=plan.room,
        )
        interview.full_clean()
        interview.save()
        Assignment.objects.bulk_create(Assignment(interview=interview, appointment=a) for a in plan.appointments)
        _tell(interview, plan, "planned", warnings, by)
    return interview


def replan_interview(
    *,
    interview: Interview,
    by: User,
    start: dt.datetime,
    room: str,
    appointments: Iterable[Appointment],
    accept_warnings: bool = False,
    mailed: bool = True,
) -> Interview:
    """Move a planned interview, or change its room or its evaluators; the candidate is told (`mailed`). Return it.

    An evaluator who is taken out stays in the history as replaced, and is told, as is who comes in. Raises as
    `plan_interview` does.
    """
    with transaction.atomic():
        plan = locked_plan(interview.enrolment_bloc, by, start, room, appointments)
        locked = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
        if locked.state != Interview.State.PLANNED:
            state = locked.get_state_display()
            raise ValidationError(f"Cet entretien ne peut plus être déplacé : son état est « {state} ».", code="state")
        warnings = _check(plan, moving=locked, accept_warnings=accept_warnings)
        moved = (locked.start, locked.room, locked.minutes) != (plan.start, plan.room, plan.minutes)
        locked.start, locked.room, locked.minutes = plan.start, plan.room, plan.minutes
        locked.full_clean()
        locked.save(update_fields=["start", "room", "minutes"])
        gone, come = assign_evaluators(locked, plan.appointments)
        if gone or come:
            mail_evaluators(locked, gone=gone, come=come)
        _tell(locked, plan, "moved", warnings, by, mailed=mailed and moved)
    return locked


def place_interview(
    *, interview: Interview, by: User, start: dt.datetime, room: str, seen: str, accept_warnings: bool = False
) -> Interview:
    """Give a planned interview another time or room, its evaluators unchanged. Nobody is mailed: a convocation tells.

    `seen` is the `place_mark` of what was on the screen. Raises ValidationError when it was moved meanwhile or is locked,
    and as `replan_interview` does.
    """
    with transaction.atomic():
        administered(interview.enrolment_bloc.enrolment.session, by)
        now = Interview.objects.select_related("enrolment_bloc__enrolment__session").get(pk=interview.pk)
        if place_mark(now) != seen:
            raise ValidationError(
                "Cet entretien vient d'être déplacé par ailleurs : le voici à sa place.", code="moved"
            )
        if now.locked_at:
            raise ValidationError("Cet entretien est figé : ne le figez plus avant de le déplacer.", code="locked")
        assigned = now.assignments.filter(state=Assignment.State.ACTIVE).select_related("appointment")
        people = [one.appointment for one in assigned]
        return replan_interview(
            interview=now,
            by=by,
            start=start,
            room=room,
            appointments=people,
            accept_warnings=accept_warnings,
            mailed=False,
        )


def place_mark(interview: Interview) -> str:
    """What stands for the place of an interview: another time, length or room has another."""
    return f"{interview.start:%Y%m%dT%H%M}-{interview.minutes}-{interview.room}"


def cancel_interview(*, interview: Interview, by: User, reason: str) -> Interview:
    """Cancel a planned interview, for a reason that is kept; the candidate is told. Raises TransitionRefused."""
    with transaction.atomic():
        cancelled = perform(interview, "cancel", by=by, comment=reason)
        mail_candidate(cancelled, "cancelled")
    return cancelled


def excuse_absence(*, interview: Interview, by: User, excused: bool, reason: str) -> Interview:
    """Say whether an absence is excused, for a reason that is kept. Saying the same again changes nothing.

    Raises ValidationError when the candidate is not noted absent, the reason is empty or the results are published;
    PermissionError.
    """
    if not (reason := reason.replace("\x00", "").strip()):
        raise ValidationError({"comment": "Écrivez le motif : il sera conservé."})
    with transaction.atomic():
        session = administered(interview.enrolment_bloc.enrolment.session, by)
        locked = Interview.objects.select_for_update(of=("self",)).get(pk=interview.pk)
        if session.state == Session.State.DECIDED:
            raise ValidationError("Les résultats sont publiés : l'absence ne change plus.", code="state")
        if locked.state != Interview.State.ABSENT:
            raise ValidationError(f"Le candidat n'est pas noté absent : {locked.get_state_display()}.", code="state")
        if locked.absence_excused != excused:
            locked.absence_excused = excused
            locked.save(update_fields=["absence_excused"])
            told = {"interview": locked.pk, "excused": excused, "reason": reason}
            journal.record(locked.enrolment_bloc.enrolment.stream, "interview.excused", told, by=by)
    return locked


def locked_plan(
    enrolment_bloc: EnrolmentBloc, by: User, start: dt.datetime, room: str, appointments: Iterable[Appointment]
) -> Plan:
    """Lock the session, then the evaluators, who may be wanted in another session at the same time."""
    session = administered(enrolment_bloc.enrolment.session, by)
    if session.state in (Session.State.JURY, Session.State.DECIDED):
        state = session.get_state_display()
        raise ValidationError(f"Les entretiens sont clos : la session est à l'étape « {state} ».", code="state")
    row = EnrolmentBloc.objects.select_related("bloc", "enrolment__candidate__user").get(pk=enrolment_bloc.pk)
    row.enrolment.session = session
    pks = {appointment.pk for appointment in appointments}
    people = list(Appointment.objects.filter(pk__in=pks).select_related("user"))
    users = User.objects.filter(pk__in=[one.user_id for one in people])
    list(users.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    # In UTC: a length of time added to a moment of a zone would follow its clocks.
    moment = start.astimezone(dt.UTC).replace(second=0, microsecond=0)
    return Plan(session, row, moment, " ".join(room.split()), people)


def _check(plan: Plan, *, moving: Interview | None, accept_warnings: bool) -> list[str]:
    """Return the warnings that were accepted. Raises ValidationError with all that forbids the plan, or PlanWarned."""
    errors: dict[str, list[str]] = {"start": [], "room": [], "appointments": []}
    _check_day(plan, errors["start"])
    _check_evaluators(plan, errors["appointments"])
    check_overlaps(plan, moving, errors)
    facts = load_facts(plan.session)
    found = [
        one
        for appointment in plan.appointments
        if appointment.session_id == plan.session.pk
        for one in facts.between(plan.enrolment_bloc.enrolment_id, appointment.pk)
    ]
    errors["appointments"] += [one.reason for one in found if one.is_blocking]
    if not plan.room:
        errors["room"].append("Indiquez la salle.")
    if any(errors.values()):
        raise ValidationError({name: texts for name, texts in errors.items() if texts})
    warnings = [one.reason for one in found if not one.is_blocking]
    warnings += _absences(plan) + _other_kind(plan)
    if warnings and not accept_warnings:
        raise PlanWarned(warnings)
    return warnings


def _absences(plan: Plan) -> list[str]:
    """Say who, or which room, cannot be had then, by the days that were told. Who told none can always be had."""
    start, end = (moment.astimezone(plan.session.zone) for moment in (plan.start, plan.end))
    told: dict[str, list[Availability]] = defaultdict(list)
    for one in plan.session.availabilities.select_related("appointment__user", "room"):
        if one.appointment and one.appointment_id in {person.pk for person in plan.appointments}:
            told[str(one.appointment.user)].append(one)
        elif one.room and _same_room(one.room.name, plan.room):
            told[f"« {one.room.name} »"].append(one)
    return [
        f"{name} n'est pas disponible à cette heure."
        for name, hours in told.items()
        if not any(
            one.date == start.date() and one.from_time <= start.time() and end.time() <= one.to_time for one in hours
        )
    ]


def _other_kind(plan: Plan) -> list[str]:
    """Say where a candidate to be heard at a distance is given a room, or the other way round."""
    remote = next((one.is_remote for one in plan.session.rooms.all() if _same_room(one.name, plan.room)), None)
    if remote is None or remote == plan.enrolment_bloc.enrolment.at_distance:
        return []
    if remote:
        return [f"« {plan.room} » est à distance, et le candidat est attendu sur place."]
    return [f"« {plan.room} » est une salle, et le candidat est entendu à distance."]


def _check_day(plan: Plan, errors: list[str]) -> None:
    first, last = plan.session.interviews_from, plan.session.interviews_to
    start, end = (moment.astimezone(plan.session.zone) for moment in (plan.start, plan.end))
    if not first <= start.date() <= last:
        errors.append(f"Les entretiens de la session ont lieu du {first:%d/%m/%Y} au {last:%d/%m/%Y}.")
    elif end.date() != start.date():
        errors.append("L'entretien finirait le lendemain.")


def _check_evaluators(plan: Plan, errors: list[str]) -> None:
    wanted, given = plan.enrolment_bloc.bloc.evaluator_count, len({a.user_id for a in plan.appointments})
    if given != wanted:
        errors.append(
            f"Il faut {wanted} évaluateur{'s' if wanted > 1 else ''} pour ce bloc ; vous en avez choisi {given}."
        )
    for appointment in plan.appointments:
        if appointment.session_id != plan.session.pk:
            errors.append(f"{appointment.user} n'est pas nommé dans cette session.")
        elif appointment.role != Appointment.Role.EVALUATOR:
            errors.append(f"{appointment.user} n'est pas évaluateur de cette session.")


def check_overlaps(plan: Plan, moving: Interview | None, errors: dict[str, list[str]]) -> None:
    """Add who or what is taken between the start and the end, the end excluded. People: in every session."""
    candidate = plan.enrolment_bloc.enrolment.candidate
    people = {appointment.user_id: str(appointment.user) for appointment in plan.appointments}
    if candidate.user_id:
        people[candidate.user_id] = candidate.display_name
    assigned = Assignment.objects.filter(appointment__user__in=people, state=Assignment.State.ACTIVE)
    near = (
        Interview.objects.filter(start__lt=plan.end, start__gt=plan.start - LONGEST)
        .exclude(state__in=Interview.CLOSED)
        .exclude(pk__in=[moving.pk] if moving else [])
        .filter(
            Q(enrolment_bloc__enrolment__session=plan.session)
            | Q(pk__in=assigned.values("interview"))
            | Q(enrolment_bloc__enrolment__candidate__user__in=people)
        )
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
        .prefetch_related("assignments__appointment")
    )
    for other in near:
        if other.end <= plan.start:
            continue
        when = _slot_text(plan, other)
        taken = {a.appointment.user_id for a in other.assignments.all() if a.state == Assignment.State.ACTIVE}
        theirs = other.enrolment_bloc.enrolment.candidate
        if theirs.pk == candidate.pk or (candidate.user_id and candidate.user_id in taken):
            errors["start"].append(f"{candidate.display_name} a déjà un entretien {when}.")
        for user_id in people.keys() & ({*taken, theirs.user_id} - {candidate.user_id}):
            errors["appointments"].append(f"{people[user_id]} est déjà en entretien {when}.")
        if other.enrolment_bloc.enrolment.session_id == plan.session.pk and _same_room(other.room, plan.room):
            errors["room"].append(f"« {other.room} » est déjà prise {when}.")


def _same_room(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _slot_text(plan: Plan, other: Interview) -> str:
    """`de 9 h à 9 h 30 (Léa N'Guessan, bloc 2)`; nobody is named to a session that is not theirs."""
    zone = plan.session.zone
    start, end = (dates.hour_text(moment.astimezone(zone).time()) for moment in (other.start, other.end))
    here = other.enrolment_bloc.enrolment.session_id == plan.session.pk
    return f"de {start} à {end} ({other.enrolment_bloc if here else 'dans une autre session'})"


def assign_evaluators(
    interview: Interview, appointments: Iterable[Appointment]
) -> tuple[list[Appointment], list[Appointment]]:
    """Make these the interview's active evaluators. Return those who are no longer, and those who were not."""
    wanted = {appointment.pk: appointment for appointment in appointments}
    known = {one.appointment_id: one for one in interview.assignments.select_related("appointment__user")}
    active = {pk for pk, assignment in known.items() if assignment.state == Assignment.State.ACTIVE}
    gone, come = active - wanted.keys(), wanted.keys() - active
    # « Récusé » stays what it is until the person is chosen again.
    for pks, state in ((gone, Assignment.State.REPLACED), (come & known.keys(), Assignment.State.ACTIVE)):
        Assignment.objects.filter(interview=interview, appointment__in=pks).update(state=state)
    Assignment.objects.bulk_create(
        Assignment(interview=interview, appointment_id=pk) for pk in sorted(come - known.keys())
    )
    return [known[pk].appointment for pk in sorted(gone)], [wanted[pk] for pk in sorted(come)]


def _tell(interview: Interview, plan: Plan, change: str, warnings: list[str], by: User, *, mailed: bool = True) -> None:
    told: dict[str, Any] = {
        "interview": interview.pk,
        "start": plan.start.astimezone(dt.UTC).isoformat(),
        "minutes": plan.minutes,
        "room": plan.room,
        "evaluators": [str(appointment.user) for appointment in plan.appointments],
        "accepted": warnings,
    }
    journal.record(plan.enrolment_bloc.enrolment.stream, f"interview.{change}", told, by=by)
    if mailed:
        mail_candidate(interview, change)
