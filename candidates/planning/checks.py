"""What is refused, and what is warned of, when an interview is placed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q

from candidates.appointments.incompatibilities import load_facts
from candidates.enrolments.queries import interview_minutes
from candidates.models import Appointment, Assignment, Availability, EnrolmentBloc, Interview, Room, Session
from candidates.planning.setup import get_or_add_room
from candidates.sessions import dates
from candidates.sessions.services import administered
from cqp.models import User

# No interview lasts longer: those that started before need not be read.
LONGEST = dt.timedelta(hours=24)


class PlanWarned(Exception):
    """Nothing forbids the plan, but `warnings` (French) must be accepted. Nothing was written."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        super().__init__("; ".join(warnings))


@dataclass(frozen=True)
class Plan:
    """What is asked: an interview of a bloc at a time, in a room, with people. No room was named: one without a key."""

    session: Session
    enrolment_bloc: EnrolmentBloc
    start: dt.datetime
    room: Room
    appointments: list[Appointment]

    @property
    def minutes(self) -> int:
        return interview_minutes(self.enrolment_bloc)

    @property
    def end(self) -> dt.datetime:
        return self.start + dt.timedelta(minutes=self.minutes)


def locked_plan(
    enrolment_bloc: EnrolmentBloc, by: User, start: dt.datetime, room: str, appointments: Iterable[Appointment]
) -> Plan:
    """Lock the session, then the evaluators, who may be wanted in another session at the same time.

    A room that the session does not have is added. Raises ValidationError, PermissionError.
    """
    session = administered(enrolment_bloc.enrolment.session, by)
    if session.state in (Session.State.JURY, Session.State.DECIDED):
        state = session.get_state_display()
        raise ValidationError(f"Les entretiens sont clos : la session est à l'étape « {state} ».", code="state")
    row = EnrolmentBloc.objects.select_related("bloc", "enrolment__candidate__user").get(pk=enrolment_bloc.pk)
    row.enrolment.session = session
    pks = {appointment.pk for appointment in appointments}
    people = list(Appointment.objects.filter(pk__in=pks).select_related("user"))
    users = User.objects.filter(pk__in=[person.user_id for person in people])
    list(users.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    # In UTC: a length of time added to a moment of a zone would follow its clocks.
    moment = start.astimezone(dt.UTC).replace(second=0, microsecond=0)
    place = get_or_add_room(session=session, by=by, name=room) if room.strip() else Room(session=session)
    return Plan(session, row, moment, place, people)


def check_plan(plan: Plan, *, moving: Interview | None, accept_warnings: bool) -> list[str]:
    """Return the warnings that were accepted. Raises ValidationError with all that forbids the plan, or PlanWarned."""
    errors: dict[str, list[str]] = {"start": [], "room": [], "appointments": []}
    _check_day(plan, errors["start"])
    _check_evaluators(plan, errors["appointments"])
    check_overlaps(plan, moving, errors)
    facts = load_facts(plan.session)
    incompatibilities = [
        incompatibility
        for appointment in plan.appointments
        if appointment.session_id == plan.session.pk
        for incompatibility in facts.between(plan.enrolment_bloc.enrolment_id, appointment.pk)
    ]
    errors["appointments"] += [
        incompatibility.reason for incompatibility in incompatibilities if incompatibility.is_blocking
    ]
    if plan.room.pk is None:
        errors["room"].append("Indiquez la salle.")
    if any(errors.values()):
        raise ValidationError({name: texts for name, texts in errors.items() if texts})
    warnings = [incompatibility.reason for incompatibility in incompatibilities if not incompatibility.is_blocking]
    warnings += _absences(plan) + _other_kind(plan)
    if warnings and not accept_warnings:
        raise PlanWarned(warnings)
    return warnings


def _absences(plan: Plan) -> list[str]:
    """Say who, or which room, cannot be had then, by the days that were told. Who told none can always be had."""
    start, end = (moment.astimezone(plan.session.zone) for moment in (plan.start, plan.end))
    hours_by_name: dict[str, list[Availability]] = defaultdict(list)
    for availability in plan.session.availabilities.select_related("appointment__user", "room"):
        if availability.appointment and availability.appointment_id in {person.pk for person in plan.appointments}:
            hours_by_name[str(availability.appointment.user)].append(availability)
        elif availability.room_id == plan.room.pk:
            hours_by_name[f"« {plan.room.name} »"].append(availability)
    return [
        f"{name} n'est pas disponible à cette heure."
        for name, hours in hours_by_name.items()
        if not any(
            availability.date == start.date()
            and availability.from_time <= start.time()
            and end.time() <= availability.to_time
            for availability in hours
        )
    ]


def _other_kind(plan: Plan) -> list[str]:
    """Say where a candidate to be heard at a distance is given a room, or the other way round."""
    if plan.room.is_remote == plan.enrolment_bloc.enrolment.at_distance:
        return []
    if plan.room.is_remote:
        return [f"« {plan.room.name} » est à distance, et le candidat est attendu sur place."]
    return [f"« {plan.room.name} » est une salle, et le candidat est entendu à distance."]


def _check_day(plan: Plan, errors: list[str]) -> None:
    first, last = plan.session.interviews_from, plan.session.interviews_to
    start, end = (moment.astimezone(plan.session.zone) for moment in (plan.start, plan.end))
    if not first <= start.date() <= last:
        errors.append(f"Les entretiens de la session ont lieu du {first:%d/%m/%Y} au {last:%d/%m/%Y}.")
    elif end.date() != start.date():
        errors.append("L'entretien finirait le lendemain.")


def _check_evaluators(plan: Plan, errors: list[str]) -> None:
    needed, chosen = plan.enrolment_bloc.bloc.evaluator_count, len({a.user_id for a in plan.appointments})
    if chosen != needed:
        errors.append(
            f"Il faut {needed} évaluateur{'s' if needed > 1 else ''} pour ce bloc ; vous en avez choisi {chosen}."
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
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate", "room")
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
        if other.room_id == plan.room.pk:
            errors["room"].append(f"« {other.room.name} » est déjà prise {when}.")


def _slot_text(plan: Plan, other: Interview) -> str:
    """`de 9 h à 9 h 30 (Léa N'Guessan, bloc 2)`; nobody is named to a session that is not theirs."""
    zone = plan.session.zone
    start, end = (dates.hour_text(moment.astimezone(zone).time()) for moment in (other.start, other.end))
    here = other.enrolment_bloc.enrolment.session_id == plan.session.pk
    return f"de {start} à {end} ({other.enrolment_bloc if here else 'dans une autre session'})"
