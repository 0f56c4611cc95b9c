"""A session is planned by the worker, looked at, then applied whole; an absence is covered on the morning itself."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from candidates.models import Absence, Availability, Conflict, Interview, PlanRun, PlanSettings, Room, SessionDay
from candidates.planning.absences import apply_cover, propose_cover
from candidates.planning.problem_reading import Clock, read_problem
from candidates.planning.search_runs import apply_plan, ask_plan, fail_lost_searches, search_plan, stop_plan
from candidates.planning.services import plan_interview
from candidates.planning.solver.problem import Span
from cqp.models import JournalEntry, Mail
from tests import factories as make

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY = dt.date(2026, 12, 1), dt.date(2026, 12, 2)


@pytest.fixture
def session(referentiel):
    session = make.make_session(
        referentiel, interviews_from=TUESDAY, interviews_to=WEDNESDAY, jury_on=dt.date(2026, 12, 18)
    )
    for n in range(2):
        Room.objects.create(session=session, name=f"Salle {n + 1}")
    return session


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def evaluators(session):
    return [make.make_evaluator(session) for _ in range(4)]


@pytest.fixture
def enrolments(session):
    return [make.make_enrolment(session) for _ in range(2)]


def at(hour: int, day: dt.date = TUESDAY) -> dt.datetime:
    """An hour of Paris, in winter."""
    return dt.datetime.combine(day, dt.time(hour - 1), dt.UTC)


@pytest.fixture
def planned(session, admin, evaluators, enrolments, run_tasks):
    run = ask_plan(session=session, by=admin)
    run_tasks()
    run.refresh_from_db()
    return run


def test_a_plan_is_found_then_applied_whole(session, admin, planned, enrolments):
    assert (planned.state, planned.planned, planned.total, planned.reasons) == ("found", 6, 6, [])
    assert planned.quality["split"] == 0
    assert sorted(planned.quality["loads"].values()) == [3, 3, 3, 3]
    assert not Interview.objects.exists()
    assert apply_plan(run=planned, by=admin) == 6
    for enrolment in enrolments:
        interviews = Interview.objects.filter(enrolment_bloc__enrolment=enrolment)
        assert len({one.start.date() for one in interviews}) == 1
        assert all(one.assignments.count() == 2 and one.minutes == 30 for one in interviews)
        assert JournalEntry.objects.filter(stream=enrolment.stream, verb="interview.planned").count() == 3
    assert not Mail.objects.exists()  # they are convoked afterwards
    first = Interview.objects.order_by("start").first()
    assert first.start == at(9)
    with pytest.raises(ValidationError, match="déjà appliqué"):
        apply_plan(run=planned, by=admin)


def test_one_search_at_a_time_which_can_be_stopped(session, admin, evaluators, enrolments):
    run = ask_plan(session=session, by=admin)
    with pytest.raises(ValidationError, match="déjà en cours"):
        ask_plan(session=session, by=make.make_admin(session.branch))
    stop_plan(run=run, by=admin)
    search_plan.func(run.pk)
    run.refresh_from_db()
    assert run.state in ("found", "stopped")
    assert ask_plan(session=session, by=admin).pk != run.pk


def test_where_no_plan_can_be_it_says_why_and_applies_nothing(session, admin, enrolments, run_tasks):
    make.make_evaluator(session)
    run = ask_plan(session=session, by=admin)
    run_tasks()
    run.refresh_from_db()
    assert (run.state, run.planned) == ("impossible", 0)
    assert "il faut 2 évaluateurs, 1 n'est possible" in run.reasons[0]
    with pytest.raises(ValidationError, match="pas complet"):
        apply_plan(run=run, by=admin)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s, e, n: make.make_enrolment(s), "des entretiens ont été ajoutés"),
        (lambda s, e, n: Room.objects.filter(name="Salle 1").delete(), "une salle n'existe plus"),
        (lambda s, e, n: e[0].delete(), "un évaluateur n'y est plus nommé"),
        (lambda s, e, n: Availability.objects.create(session=s, appointment=e[0], date=WEDNESDAY), "n'est pas là"),
        (
            lambda s, e, n: Conflict.objects.create(appointment=e[0], candidate=n[0].candidate, declared_by=e[0].user),
            "ne peut pas l'évaluer",
        ),
    ],
)
def test_a_plan_that_no_longer_fits_is_refused_whole(session, admin, evaluators, enrolments, planned, change, words):
    change(session, evaluators, enrolments)
    with pytest.raises(ValidationError, match=words):
        apply_plan(run=planned, by=admin)
    assert not Interview.objects.exists()


def test_what_is_planned_already_stays_and_what_is_locked_never_moves(
    session, admin, evaluators, enrolments, run_tasks
):
    row = enrolments[0].enrolment_blocs.first()
    kept = plan_interview(enrolment_bloc=row, by=admin, start=at(9), room="Salle 1", appointments=evaluators[:2])
    run = ask_plan(session=session, by=admin)
    run_tasks()
    run.refresh_from_db()
    assert run.total == 5
    apply_plan(run=run, by=admin)
    kept.refresh_from_db()
    assert kept.start == at(9)
    Interview.objects.filter(pk=kept.pk).update(locked_at=timezone.now())
    again = ask_plan(session=session, by=admin, again=True)
    run_tasks()
    again.refresh_from_db()
    assert (again.state, again.total) == ("found", 5)
    apply_plan(run=again, by=admin)
    assert Interview.objects.count() == 6


def test_hours_rooms_measures_and_other_sessions_are_read(session, referentiel, admin, evaluators):
    first, second, *_ = evaluators
    enrolment = make.make_enrolment(session, blocs=[1], extra_minutes=10)
    SessionDay.objects.create(
        session=session, date=TUESDAY, opens=dt.time(10), closes=dt.time(16), lunch_from=None, lunch_to=None
    )
    PlanSettings.objects.create(session=session, scoring_minutes=5, pairs="same")
    Availability.objects.create(
        session=session, appointment=first, date=WEDNESDAY, from_time=dt.time(9), to_time=dt.time(12)
    )
    first.blocs.add(make.bloc(referentiel, 1))
    elsewhere = make.make_session(
        referentiel, interviews_from=TUESDAY, interviews_to=TUESDAY, jury_on=dt.date(2026, 12, 18)
    )
    other = make.make_evaluator(elsewhere, user=second.user)
    make.make_interview(make.make_enrolment(elsewhere, blocs=[1]).enrolment_blocs.get(), [other], start=at(14))
    Absence.objects.create(appointment=second, starts_at=at(9, WEDNESDAY), ends_at=at(12, WEDNESDAY), declared_by=admin)
    found, clock = read_problem(session, again=False), Clock(session)
    (task,) = found.tasks
    assert (task.minutes, task.candidate, task.evaluators) == (40, enrolment.pk, 2)
    assert found.days[0].name == "mardi 1er décembre"
    assert found.days[0].parts == (clock.span(at(10), at(16)),)
    assert len(found.days[1].parts) == 2
    people = {person.key: person for person in found.people}
    assert people[first.pk].hours == (clock.span(at(9, WEDNESDAY), at(12, WEDNESDAY)),)
    assert people[first.pk].blocs == {make.bloc(referentiel, 1).pk}
    busy = clock.minute(at(14))
    assert people[second.pk].busy == (Span(busy, busy + 35), clock.span(at(9, WEDNESDAY), at(12, WEDNESDAY)))
    assert (found.rules.scoring, found.rules.pairs) == (5, "same")


def test_the_night_of_the_summer_time_and_la_reunion(referentiel):
    autumn = make.make_session(
        referentiel,
        interviews_from=dt.date(2026, 10, 23),
        interviews_to=dt.date(2026, 10, 26),
        jury_on=dt.date(2026, 12, 18),
    )
    clock = Clock(autumn)
    assert clock.moment(clock.at(dt.date(2026, 10, 23), dt.time(9))) == dt.datetime(2026, 10, 23, 7, tzinfo=dt.UTC)
    assert clock.moment(clock.at(dt.date(2026, 10, 26), dt.time(9))) == dt.datetime(2026, 10, 26, 8, tzinfo=dt.UTC)
    assert [day.name for day in read_problem(autumn, again=False).days] == ["vendredi 23 octobre", "lundi 26 octobre"]
    island = make.make_session(
        referentiel,
        time_zone="Indian/Reunion",
        interviews_from=TUESDAY,
        interviews_to=TUESDAY,
        jury_on=dt.date(2026, 12, 18),
    )
    clock = Clock(island)
    assert clock.moment(clock.at(TUESDAY, dt.time(9))) == dt.datetime(2026, 12, 1, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("count", [1, 3])
def test_a_session_is_read_in_as_many_queries_whatever_its_size(session, evaluators, count, django_assert_num_queries):
    for _ in range(count):
        enrolment = make.make_enrolment(session)
        make.make_interview(enrolment.enrolment_blocs.first(), evaluators[:2], start=at(10))
    with django_assert_num_queries(19):
        read_problem(session, again=False)


def test_a_search_without_a_sign_of_life_is_said_to_have_failed(session, admin):
    run = ask_plan(session=session, by=admin)
    PlanRun.objects.filter(pk=run.pk).update(state="running", seen_at=timezone.now() - dt.timedelta(minutes=3))
    assert fail_lost_searches() == 1
    ask_plan(session=session, by=admin)


def test_another_branch_plans_nothing(session, planned):
    stranger = make.make_admin(make.make_branch())
    for act in (
        lambda: ask_plan(session=session, by=stranger),
        lambda: stop_plan(run=planned, by=stranger),
        lambda: apply_plan(run=planned, by=stranger),
    ):
        with pytest.raises(PermissionError):
            act()


def test_on_the_morning_itself_a_reserve_takes_over_and_only_those_concerned_are_told(
    session, admin, evaluators, planned
):
    apply_plan(run=planned, by=admin)
    reserve = make.make_evaluator(session)
    type(reserve).objects.filter(pk=reserve.pk).update(is_reserve=True)
    before = dict(Interview.objects.values_list("pk", "start"))
    hers = set(evaluators[0].assignments.values_list("interview", flat=True))
    span = {"starts_at": at(8), "ends_at": at(19, WEDNESDAY)}
    proposal = propose_cover(absent=evaluators[0], **span)
    assert {interview.pk for interview, _ in proposal.takes} == hers
    assert {appointment for _, appointment in proposal.takes} == {reserve}
    assert proposal.left == []
    Mail.objects.all().delete()
    with pytest.raises(ValidationError, match="a changé pendant que vous lisiez"):
        apply_cover(absent=evaluators[0], by=admin, reason="Souffrante", expected=[], **span)
    apply_cover(absent=evaluators[0], by=admin, reason="Souffrante", expected=proposal.tokens, **span)
    assert dict(Interview.objects.values_list("pk", "start")) == before
    assert set(reserve.assignments.filter(state="active").values_list("interview", flat=True)) == hers
    assert not evaluators[0].assignments.filter(state="active").exists()
    assert {mail.to for mail in Mail.objects.all()} == {reserve.user.email, evaluators[0].user.email}
    assert Absence.objects.get().reason == "Souffrante"
    assert propose_cover(absent=evaluators[0], **span).takes == []
