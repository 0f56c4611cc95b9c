"""A session as the solver sees it, read in a number of queries that people and interviews do not change."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, takewhile

from django.db.models import Q

from candidates.appointments.incompatibilities import load_facts
from candidates.enrolments.queries import interview_minutes
from candidates.models import (
    Absence,
    Appointment,
    Assignment,
    EnrolmentBloc,
    Interview,
    PlanSettings,
    Session,
    SessionDay,
)
from candidates.planning.checks import LONGEST
from candidates.planning.solver.problem import Day, Person, Placed, Problem, Room, Rules, Span, Task
from candidates.sessions import dates

MINUTE = dt.timedelta(minutes=1)
WEEKEND = 5


@dataclass(frozen=True)
class Clock:
    """Moments as the solver's minutes, and back."""

    session: Session

    @property
    def origin(self) -> dt.datetime:
        return dt.datetime.combine(self.session.interviews_from, dt.time(), dt.UTC) - dt.timedelta(days=2)

    def minute(self, moment: dt.datetime) -> int:
        return (moment - self.origin) // MINUTE

    def moment(self, minute: int) -> dt.datetime:
        return self.origin + minute * MINUTE

    def at(self, day: dt.date, time: dt.time) -> int:
        return self.minute(dt.datetime.combine(day, time, self.session.zone).astimezone(dt.UTC))

    def span(self, start: dt.datetime, end: dt.datetime) -> Span:
        return Span(self.minute(start), self.minute(end))


def session_days(session: Session) -> list[SessionDay]:
    """Return the days of interviews with their hours: those that were set, else the usual ones, from Monday to Friday."""
    by_date = {day.date: day for day in session.days.all()}
    every = takewhile(
        lambda day: day <= session.interviews_to, (session.interviews_from + dt.timedelta(n) for n in count())
    )
    return [
        by_date.get(day) or SessionDay(session=session, date=day)
        for day in every
        if day in by_date or day.weekday() < WEEKEND or session.interviews_from == session.interviews_to
    ]


def plan_settings(session: Session) -> PlanSettings:
    return PlanSettings.objects.filter(session=session).first() or PlanSettings(session=session)


def movable(interview: Interview, *, again: bool) -> bool:
    """Tell whether an interview may be planned anew."""
    return again and interview.state == Interview.State.PLANNED and interview.locked_at is None


def read_problem(session: Session, *, again: bool, reserves: bool = False) -> Problem:
    """Return what is to be planned: what has no interview; where `again`, also what is planned and not locked.

    `reserves`: those who only come instead of somebody are people too.
    """
    clock, settings = Clock(session), plan_settings(session)
    days = session_days(session)
    rows = list(
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .select_related("bloc", "enrolment__candidate")
        .prefetch_related("interviews__assignments__appointment")
        .order_by("enrolment__candidate__birth_name", "enrolment", "bloc__number")
    )
    kinds = set(session.rooms.values_list("is_remote", flat=True))
    only_remote = kinds == {True}
    fixed: list[Interview] = []
    tasks: list[Task] = []
    for row in rows:
        active = next(
            (interview for interview in row.interviews.all() if interview.state not in Interview.CLOSED), None
        )
        if active and not movable(active, again=again):
            fixed.append(active)
        else:
            tasks.append(_task(row, remote=row.enrolment.at_distance or only_remote))
    rest = settings.candidate_rest_minutes
    busy: defaultdict[int, list[Span]] = defaultdict(list)
    enrolment_of = {row.pk: row.enrolment_id for row in rows}
    for interview in fixed:
        span = clock.span(interview.start, interview.end)
        busy[enrolment_of[interview.enrolment_bloc_id]].append(Span(span.start - rest, span.end + rest))
    people = list(_people(session, clock, days, settings, fixed, reserves=reserves))
    rules = Rules(
        scoring=settings.scoring_minutes,
        in_a_row=settings.in_a_row,
        pause=settings.pause_minutes,
        rest=rest,
        step=settings.step_minutes,
        pairs=settings.pairs,
        one_day=settings.one_day,
    )
    forbidden, warned = _incompatible(session, {row.enrolment_id for row in rows}, [person.key for person in people])
    rooms = list(_rooms(session, clock, days, settings, fixed))
    parts = [Day(dates.day_text(day.date, day.date), tuple(_parts(clock, day))) for day in days]
    return Problem(parts, tasks, people, rooms, rules, forbidden, warned, {key: tuple(v) for key, v in busy.items()})


def _task(row: EnrolmentBloc, *, remote: bool) -> Task:
    name = f"{row.enrolment.candidate}, bloc {row.bloc.number}"
    return Task(row.pk, row.enrolment_id, row.bloc_id, interview_minutes(row), row.bloc.evaluator_count, name, remote)


def _parts(clock: Clock, day: SessionDay) -> Iterator[Span]:
    opens, closes = clock.at(day.date, day.opens), clock.at(day.date, day.closes)
    if day.lunch_from is None or day.lunch_to is None:
        yield Span(opens, closes)
        return
    lunch = Span(clock.at(day.date, day.lunch_from), clock.at(day.date, day.lunch_to))
    for start, end in ((opens, min(lunch.start, closes)), (max(lunch.end, opens), closes)):
        if start < end:
            yield Span(start, end)


def _hours(clock: Clock, days: Iterable[SessionDay], availabilities: Iterable[object]) -> tuple[Span, ...]:
    """Return when somebody, or a room, can be had: as told, else on all days."""
    spans = [
        Span(clock.at(availability.date, availability.from_time), clock.at(availability.date, availability.to_time))  # type: ignore[attr-defined]
        for availability in availabilities
    ]
    return tuple(sorted(spans)) or tuple(
        Span(clock.at(day.date, day.opens), clock.at(day.date, day.closes)) for day in days
    )


def _people(
    session: Session,
    clock: Clock,
    days: list[SessionDay],
    settings: PlanSettings,
    fixed: list[Interview],
    *,
    reserves: bool,
) -> Iterator[Person]:
    appointments = list(
        session.appointments.filter(role=Appointment.Role.EVALUATOR, is_reserve__in=(False, reserves))
        .select_related("user")
        .prefetch_related("blocs", "availabilities")
    )
    every = frozenset(session.referentiel.blocs.values_list("pk", flat=True))
    staying = {interview.pk for interview in fixed}
    users = [appointment.user_id for appointment in appointments]
    taken = taken_people(session, clock, users, staying, settings.scoring_minutes)
    load = Counter(
        assignment.appointment_id
        for interview in fixed
        for assignment in interview.assignments.all()
        if assignment.state == Assignment.State.ACTIVE
    )
    away: defaultdict[int, list[Span]] = defaultdict(list)
    for absence in Absence.objects.filter(appointment__in=appointments):
        away[absence.appointment_id].append(clock.span(absence.starts_at, absence.ends_at))
    for appointment in appointments:
        yield Person(
            key=appointment.pk,
            name=str(appointment.user),
            blocs=frozenset(bloc.pk for bloc in appointment.blocs.all()) or every,
            hours=_hours(clock, days, appointment.availabilities.all()),
            busy=tuple(taken[appointment.user_id] + away[appointment.pk]),
            at_most_per_day=appointment.at_most_per_day or 0,
            load=load[appointment.pk],
        )


def taken_people(
    session: Session, clock: Clock, users: list[int], here: set[int], scoring: int
) -> defaultdict[int, list[Span]]:
    """Return when these people are taken, by user: in other sessions, and in the interviews `here`; scoring included."""
    first, last = session.interviews_from - LONGEST, session.interviews_to + LONGEST
    assignments = (
        Assignment.objects.filter(state=Assignment.State.ACTIVE, appointment__user__in=users)
        .filter(~Q(interview__enrolment_bloc__enrolment__session=session) | Q(interview__in=here))
        .filter(interview__start__date__gte=first, interview__start__date__lte=last)
        .exclude(interview__state__in=Interview.CLOSED)
        .select_related("interview", "appointment")
    )
    taken: defaultdict[int, list[Span]] = defaultdict(list)
    for assignment in assignments:
        span = clock.span(assignment.interview.start, assignment.interview.end)
        taken[assignment.appointment.user_id].append(Span(span.start, span.end + scoring))
    return taken


def _rooms(
    session: Session, clock: Clock, days: list[SessionDay], settings: PlanSettings, fixed: list[Interview]
) -> Iterator[Room]:
    for room in session.rooms.prefetch_related("availabilities"):
        spans = [
            Span(clock.minute(interview.start), clock.minute(interview.end) + settings.scoring_minutes)
            for interview in fixed
            if interview.room_id == room.pk
        ]
        yield Room(room.name, _hours(clock, days, room.availabilities.all()), tuple(spans), room.is_remote)


def _incompatible(
    session: Session, enrolments: set[int], appointments: list[int]
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    facts = load_facts(session)
    forbidden, warned = set(), set()
    for enrolment in enrolments:
        for appointment in appointments:
            incompatibilities = facts.between(enrolment, appointment)
            if any(incompatibility.is_blocking for incompatibility in incompatibilities):
                forbidden.add((enrolment, appointment))
            elif incompatibilities:
                warned.add((enrolment, appointment))
    return frozenset(forbidden), frozenset(warned)


def serialise_plan(plan: Iterable[Placed], problem: Problem, clock: Clock) -> list[dict[str, object]]:
    """Return a plan as `PlanRun.best` keeps it."""
    return [
        {
            "enrolment_bloc": placed.task,
            "start": clock.moment(placed.start).isoformat(),
            "minutes": problem.by_key[placed.task].minutes,
            "room": placed.room,
            "appointments": list(placed.people),
        }
        for placed in sorted(plan, key=lambda placed: (placed.start, placed.room))
    ]


def deserialise_plan(best: Iterable[dict[str, object]], clock: Clock) -> list[Placed]:
    """Return the plan that `PlanRun.best` keeps."""
    return [
        Placed(
            int(str(entry["enrolment_bloc"])),
            clock.minute(dt.datetime.fromisoformat(str(entry["start"]))),
            str(entry["room"]),
            tuple(entry["appointments"]),  # type: ignore[arg-type]
        )
        for entry in best
    ]
