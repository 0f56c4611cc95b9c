"""A plan is searched for by the worker, looked at, then applied whole or not at all."""

import datetime as dt
from threading import Event, Thread
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.tasks import task
from django.utils import timezone

from candidates.models import Appointment, Assignment, EnrolmentBloc, Interview, PlanRun, Room, Session
from candidates.planning.mails import mail_candidate, mail_evaluators
from candidates.planning.problem_reading import Clock, deserialise_plan, read_problem, serialise_plan
from candidates.planning.services import assign_evaluators
from candidates.planning.solver.explain import reasons
from candidates.planning.solver.problem import Placed, Plan, Problem, clashes, loads
from candidates.planning.solver.search import search
from candidates.sessions.permissions import administers
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User

SECONDS = 30
BEAT = 0.5  # seconds between two signs of life
LOST_AFTER = dt.timedelta(minutes=2)
UNDER_WAY = (PlanRun.State.WAITING, PlanRun.State.RUNNING)
CLOSED = (Session.State.JURY, Session.State.DECIDED)


def ask_plan(*, session: Session, by: User, again: bool = False) -> PlanRun:
    """Have the worker search for a plan. Raises ValidationError when one is searched for already, PermissionError."""
    try:
        with transaction.atomic():
            locked = administered(session, by)
            if locked.state in CLOSED:
                raise ValidationError("Les entretiens sont clos : il n'y a plus rien à planifier.", code="state")
            run = PlanRun.objects.create(session=locked, asked_by=by, again=again)
            search_plan.enqueue(run.pk)
    except IntegrityError:
        raise ValidationError(
            "Une recherche est déjà en cours pour cette session : attendez-la, ou arrêtez-la."
        ) from None
    return run


def stop_plan(*, run: PlanRun, by: User) -> None:
    """Ask a search to end; what it found stays. Saying so again changes nothing."""
    if not administers(by, run.session):
        raise PermissionError("Only an administrator of the branch plans.")
    PlanRun.objects.filter(pk=run.pk, state__in=UNDER_WAY, stop_asked_at=None).update(stop_asked_at=timezone.now())


class _Search(Thread):
    """The search, beside the thread that speaks with the database."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        super().__init__(daemon=True)
        self.problem, self.seconds = problem, seconds
        self.best: Plan = []
        self.stop = Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.best = search(
                self.problem, seconds=self.seconds, on_better=self._better, is_stopped=self.stop.is_set
            ).plan
        except Exception as error:
            self.error = error

    def _better(self, plan: Plan) -> None:
        self.best = plan


@task
def search_plan(pk: int) -> None:
    """Search for a plan and keep the best one so far as it goes. A search that was begun and lost starts over."""
    run = PlanRun.objects.select_related("session__referentiel").filter(pk=pk, state__in=UNDER_WAY).first()
    if run is None:
        return
    problem, clock = read_problem(run.session, again=run.again), Clock(run.session)
    run.state, run.started_at, run.total = PlanRun.State.RUNNING, timezone.now(), len(problem.tasks)
    run.reasons = reasons(problem)
    _beat(run, problem, clock, [])
    work = _Search(problem, 2 if run.reasons else SECONDS)
    work.start()
    while work.is_alive():
        work.join(BEAT)
        if not work.is_alive():
            break
        if PlanRun.objects.filter(pk=pk, stop_asked_at__isnull=False).exists():
            work.stop.set()
        _beat(run, problem, clock, work.best)
    if work.error:
        PlanRun.objects.filter(pk=pk).update(state=PlanRun.State.FAILED, finished_at=timezone.now())
        raise work.error
    run.reasons = run.reasons or reasons(problem, work.best)
    is_complete = len(work.best) == len(problem.tasks)
    if is_complete:
        run.state = PlanRun.State.FOUND
    else:
        run.state = PlanRun.State.STOPPED if work.stop.is_set() else PlanRun.State.IMPOSSIBLE
    run.finished_at = timezone.now()
    run.quality = _quality(problem, work.best)
    _beat(run, problem, clock, work.best)


def _beat(run: PlanRun, problem: Problem, clock: Clock, best: Plan) -> None:
    run.seen_at, run.planned, run.best = timezone.now(), len(best), serialise_plan(best, problem, clock)
    run.save(
        update_fields=[
            "state",
            "started_at",
            "seen_at",
            "finished_at",
            "planned",
            "total",
            "best",
            "quality",
            "reasons",
        ]
    )


def _quality(problem: Problem, plan: Plan) -> dict[str, Any]:
    days: dict[int, set[int]] = {}
    for placed in plan:
        days.setdefault(problem.by_key[placed.task].candidate, set()).add(problem.day_of(placed.start))
    load = loads(problem, plan)
    return {
        "loads": {person.name: load[person.key] for person in problem.people},
        "split": sum(len(of_candidate) > 1 for of_candidate in days.values()),
        "warned": sum(
            (problem.by_key[placed.task].candidate, key) in problem.warned for placed in plan for key in placed.people
        ),
    }


def fail_lost_searches() -> int:
    """Say of the searches without a sign of life that they failed, and return how many there were."""
    return PlanRun.objects.filter(state=PlanRun.State.RUNNING, seen_at__lt=timezone.now() - LOST_AFTER).update(
        state=PlanRun.State.FAILED, finished_at=timezone.now()
    )


def apply_plan(*, run: PlanRun, by: User) -> int:
    """Make the interviews of a whole plan; return how many. All of them, or none. Candidates who were convoked are told.

    Raises ValidationError, in words, when the plan is not whole or no longer fits what has changed since; PermissionError.
    """
    with transaction.atomic():
        session = administered(run.session, by)
        locked = PlanRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.applied_at:
            raise ValidationError("Ce planning est déjà appliqué.")
        if locked.state in UNDER_WAY or not locked.total or locked.planned < locked.total:
            raise ValidationError("Ce planning n'est pas complet : il ne peut pas être appliqué.")
        if session.state in CLOSED:
            raise ValidationError("Les entretiens sont clos : il n'y a plus rien à planifier.", code="state")
        users = User.objects.filter(appointments__session=session, appointments__role=Appointment.Role.EVALUATOR)
        list(users.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
        problem, plan = read_problem(session, again=locked.again), deserialise_plan(locked.best, Clock(session))
        _check_still_fits(problem, plan)
        rooms = {room.name: room for room in session.rooms.all()}
        for placed in plan:
            _write(session, problem, placed, rooms[placed.room], by)
        locked.applied_at = timezone.now()
        locked.save(update_fields=["applied_at"])
        payload = {"interviews": len(plan), "search": locked.pk, "again": locked.again}
        journal.record(session.stream, "plan.applied", payload, by=by)
    return len(plan)


def _convoked(appointments: list[Appointment]) -> list[Appointment]:
    return [appointment for appointment in appointments if appointment.convocations.exists()]


def _check_still_fits(problem: Problem, plan: list[Placed]) -> None:
    changed = "La session a changé depuis la recherche"
    if problem.by_key.keys() != {placed.task for placed in plan}:
        raise ValidationError(f"{changed} : des entretiens ont été ajoutés, planifiés ou retirés. Cherchez de nouveau.")
    if {key for placed in plan for key in placed.people} - problem.person.keys():
        raise ValidationError(f"{changed} : un évaluateur n'y est plus nommé. Cherchez de nouveau.")
    if {placed.room for placed in plan} - {room.name for room in problem.rooms}:
        raise ValidationError(f"{changed} : une salle n'existe plus. Cherchez de nouveau.")
    if faults := clashes(problem, plan):
        more = f" (et {len(faults) - 3} autres)" if len(faults) > 3 else ""
        raise ValidationError(f"{changed} : {' ; '.join(faults[:3])}{more}. Cherchez de nouveau.")


def _write(session: Session, problem: Problem, placed: Placed, room: Room, by: User) -> None:
    """Make an interview, or move the one that is planned."""
    row = EnrolmentBloc.objects.select_related("bloc", "enrolment__candidate__user").get(pk=placed.task)
    row.enrolment.session = session
    start, minutes = Clock(session).moment(placed.start), problem.by_key[placed.task].minutes
    active = row.interviews.exclude(state__in=Interview.CLOSED).first()
    if active is None:
        last = row.interviews.aggregate(last=Max("attempt"))["last"] or 0
        active = Interview(enrolment_bloc=row, attempt=last + 1, start=start, minutes=minutes, room=room)
        active.save()
        Assignment.objects.bulk_create(Assignment(interview=active, appointment_id=key) for key in placed.people)
        moved, verb = True, "planned"
    else:
        active.enrolment_bloc = row
        moved = (active.start, active.minutes, active.room_id) != (start, minutes, room.pk)
        active.start, active.minutes, active.room = start, minutes, room
        active.save(update_fields=["start", "minutes", "room"])
        gone, come = assign_evaluators(active, Appointment.objects.filter(pk__in=placed.people).select_related("user"))
        if gone or come:
            mail_evaluators(active, gone=_convoked(gone), come=_convoked(come))
        elif not moved:
            return
        verb = "moved"
    names = [problem.person[key].name for key in placed.people]
    entry = {"interview": active.pk, "start": start.isoformat(), "minutes": minutes, "room": room.name}
    journal.record(row.enrolment.stream, f"interview.{verb}", entry | {"evaluators": names, "accepted": []}, by=by)
    # Who was not yet convoked is told then, of everything at once.
    if moved and row.enrolment.convocations.exists():
        mail_candidate(active, verb)
