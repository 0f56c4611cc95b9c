"""The plan of the interviews, by hand."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from candidates.models import Affiliation, Interview, Organisation
from candidates.services.appointments import declare_conflict
from candidates.services.planning import PlanWarned, cancel_interview, plan_interview, replan_interview
from candidates.services.sessions import local_time
from cqp.models import JournalEntry, Mail
from cqp.workflow import TransitionRefused, perform
from referentiel.models import Branch
from tests.factories import (
    make_admin,
    make_appointment,
    make_branch,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_session,
)


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def pair(session):
    return [make_evaluator(session), make_evaluator(session)]


def at(session, hour, minute=0, day=0) -> dt.datetime:
    naive = dt.datetime.combine(session.interviews_from, dt.time(hour, minute)) + dt.timedelta(days=day)
    return local_time(naive, session.time_zone)


def row_of(session, number=1, **fields):
    return make_enrolment(session, blocs=[number], **fields).enrolment_blocs.get()


def plan(row, by, pair, start=None, room="Salle 1", **more) -> Interview:
    start = start or at(row.enrolment.session, 9)
    return plan_interview(enrolment_bloc=row, by=by, start=start, room=room, appointments=pair, **more)


def refusal(*args, **kwargs) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        plan(*args, **kwargs)
    return refused.value.message_dict


def employ(appointment, organisation):
    Affiliation.objects.create(user=appointment.user, organisation=organisation)


def organisation(branch, kind="training_centre", name="CFA de Lyon"):
    return Organisation.objects.create(branch=branch, kind=kind, name=name)


def test_an_interview_is_planned_with_its_evaluators_and_the_candidate_is_told(session, admin, pair):
    row = row_of(session)
    interview = plan(row, admin, pair, room="  Salle   1 ")
    assert (interview.minutes, interview.room, interview.attempt) == (30, "Salle 1", 1)
    assert [a.appointment for a in interview.assignments.all()] == pair
    mail = Mail.objects.get(to=row.enrolment.candidate.user.email)
    assert "à 9 h, heure de Paris" in mail.body
    assert "30 minutes" in mail.body
    assert JournalEntry.objects.get(stream__name=row.enrolment.stream).verb == "interview.planned"


def test_the_measures_lengthen_the_interview(session, admin, pair):
    assert plan(row_of(session, extra_minutes=10, break_minutes=5), admin, pair).minutes == 45


def test_a_double_click_plans_once(session, admin, pair):
    row = row_of(session)
    plan(row, admin, pair)
    with pytest.raises(ValidationError, match="a déjà un entretien"):
        plan(row, admin, pair)
    assert Interview.objects.count() == 1


@pytest.mark.parametrize(("hour", "day"), [(9, -1), (9, 3), (23, -1)])
def test_outside_the_session_s_days_is_refused(session, admin, pair, hour, day):
    assert "ont lieu du" in refusal(row_of(session), admin, pair, at(session, hour, day=day))["start"][0]


def test_the_days_are_those_of_the_session_s_zone(referentiel, admin):
    """The first interview in La Réunion, at 0 h 30, is still the day before in UTC."""
    session = make_session(referentiel, time_zone="Indian/Reunion")
    pair = [make_evaluator(session), make_evaluator(session)]
    assert plan(row_of(session), admin, pair, at(session, 0, 30)).start.date() < session.interviews_from
    assert "start" in refusal(row_of(session), admin, pair, at(session, 0, 30, day=3))


def test_an_interview_does_not_end_on_the_next_day(session, admin, pair):
    assert "finirait le lendemain" in refusal(row_of(session), admin, pair, at(session, 23, 45))["start"][0]


def test_an_interview_on_the_night_of_the_change_lasts_as_long_as_any(referentiel, admin):
    night = dt.date(2026, 10, 25)
    session = make_session(
        referentiel,
        deposit_opens_at=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        deposit_closes_at=dt.datetime(2026, 10, 20, tzinfo=dt.UTC),
        interviews_from=night,
        interviews_to=night,
        jury_on=night,
    )
    pair = [make_evaluator(session), make_evaluator(session)]
    start = local_time(dt.datetime.fromisoformat("2026-10-25T01:45"), "Europe/Paris").astimezone(session.zone)
    interview = plan(row_of(session, extra_minutes=60), admin, pair, start)
    assert interview.end == dt.datetime(2026, 10, 25, 1, 15, tzinfo=dt.UTC)
    # 3 h is 2 h UTC: the room has been free for 45 minutes.
    other = [make_evaluator(session), make_evaluator(session)]
    assert plan(
        row_of(session), admin, other, local_time(dt.datetime.fromisoformat("2026-10-25T03:00"), "Europe/Paris")
    )


@pytest.mark.parametrize(
    ("hour", "minute", "free"), [(8, 30, True), (8, 31, False), (9, 0, False), (9, 29, False), (9, 30, True)]
)
def test_an_interview_takes_its_room_until_its_end_excluded(session, admin, pair, hour, minute, free):
    plan(row_of(session), admin, pair)
    others = [make_evaluator(session), make_evaluator(session)]
    row, start = row_of(session), at(session, hour, minute)
    if free:
        assert plan(row, admin, others, start)
    else:
        assert "est déjà prise de 9 h à 9 h 30" in refusal(row, admin, others, start, "SALLE 1")["room"][0]


def test_a_candidate_is_not_in_two_interviews(session, admin, pair):
    first, second = make_enrolment(session, blocs=[1, 2]).enrolment_blocs.all()
    plan(first, admin, pair)
    others = [make_evaluator(session), make_evaluator(session)]
    assert "a déjà un entretien de 9 h" in refusal(second, admin, others, at(session, 9, 10), "Salle 2")["start"][0]


def test_an_evaluator_is_not_in_two_interviews(session, admin, pair):
    plan(row_of(session), admin, pair)
    busy = refusal(row_of(session), admin, [pair[0], make_evaluator(session)], at(session, 9, 10), "Salle 2")
    assert list(busy) == ["appointments"]
    assert busy["appointments"][0].startswith(f"{pair[0].user} est déjà en entretien de 9 h à 9 h 30")


def test_an_evaluator_taken_in_another_branch_is_taken_and_nobody_is_named(session, admin, referentiel):
    elsewhere = _session_of_another_branch()
    theirs = make_evaluator(elsewhere)
    row = _row_of_another_branch(elsewhere)
    plan(row, make_admin(elsewhere.branch), [theirs], at(session, 9))
    mine = make_evaluator(session, user=theirs.user)
    (message,) = refusal(row_of(session), admin, [mine, make_evaluator(session)])["appointments"]
    assert message.endswith("(dans une autre session).")
    assert row.enrolment.candidate.birth_name not in message


def _session_of_another_branch():
    from referentiel.models import Referentiel

    referentiel = Referentiel.objects.create(branch=make_branch(), code="AUTRE", version="1", title="Autre")
    referentiel.blocs.create(number=1, code="B1", title="Ailleurs", evaluator_count=1)
    return make_session(referentiel)


def _row_of_another_branch(session):
    return make_enrolment(session, candidate=make_candidate(session.branch)).enrolment_blocs.get()


def test_an_evaluator_who_is_a_candidate_elsewhere_at_that_time_is_taken(session, admin, referentiel, pair):
    other = make_session(referentiel)
    theirs = [make_evaluator(other), make_evaluator(other)]
    lea = make_candidate(referentiel.branch)
    plan(row_of(other, candidate=lea), admin, theirs, at(session, 9))
    as_evaluator = make_evaluator(session, user=lea.user)
    messages = refusal(row_of(session), admin, [as_evaluator, pair[0]])
    assert "est déjà en entretien" in messages["appointments"][0]


def test_the_slot_of_a_cancelled_interview_is_free(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    cancel_interview(interview=interview, by=admin, reason="Salle fermée.")
    assert plan(row_of(session), admin, pair)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_number_of_evaluators_is_the_bloc_s(session, admin, count):
    people = [make_evaluator(session) for _ in range(count)]
    assert f"vous en avez choisi {count}" in refusal(row_of(session), admin, people)["appointments"][0]


def test_another_session_s_evaluator_is_refused(session, admin, referentiel, pair):
    stranger = make_evaluator(make_session(referentiel))
    messages = refusal(row_of(session), admin, [pair[0], stranger])["appointments"]
    assert messages == [f"{stranger.user} n'est pas nommé dans cette session."]


@pytest.mark.parametrize("role", ["juror", "substitute", "observer"])
def test_only_an_evaluator_holds_interviews(session, admin, pair, role):
    messages = refusal(row_of(session), admin, [pair[0], make_appointment(session, role)])["appointments"]
    assert "n'est pas évaluateur" in messages[0]


def test_a_declared_link_forbids_the_interview(session, admin, pair):
    row = row_of(session)
    declare_conflict(appointment=pair[0], candidate=row.enrolment.candidate, by=admin)
    assert "un lien avec" in refusal(row, admin, pair, accept_warnings=True)["appointments"][0]


def test_a_warning_comes_back_and_is_journalled_once_accepted(session, admin, pair):
    centre = organisation(session.branch)
    employ(pair[0], centre)
    row = row_of(session, training_centre=centre)
    with pytest.raises(PlanWarned) as warned:
        plan(row, admin, pair)
    assert warned.value.warnings == [f"{pair[0].user} est du même organisme de formation : CFA de Lyon."]
    assert (Interview.objects.count(), Mail.objects.count()) == (0, 0)
    plan(row, admin, pair, accept_warnings=True)
    assert JournalEntry.objects.get(stream__name=row.enrolment.stream).payload["accepted"] == warned.value.warnings


def test_everything_that_forbids_is_said_at_once(session, admin, pair):
    plan(row_of(session), admin, pair)
    messages = refusal(row_of(session), admin, [pair[0]], at(session, 9), "")
    assert set(messages) == {"room", "appointments"}
    assert len(messages["appointments"]) == 2


def test_an_interview_moves_and_the_candidate_is_told(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    new = make_evaluator(session)
    moved = replan_interview(
        interview=interview, by=admin, start=at(session, 10), room="Salle 2", appointments=[pair[0], new]
    )
    assert (moved.start, moved.room) == (at(session, 10), "Salle 2")
    assert {a.appointment_id: a.state for a in moved.assignments.all()} == {
        pair[0].pk: "active",
        pair[1].pk: "replaced",
        new.pk: "active",
    }
    assert Mail.objects.first().subject.startswith("Entretien déplacé")


def test_a_replaced_evaluator_comes_back(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    third = make_evaluator(session)
    for people in ([pair[0], third], pair):
        replan_interview(interview=interview, by=admin, start=at(session, 9), room="Salle 1", appointments=people)
    active = interview.assignments.filter(state="active")
    assert {a.appointment_id for a in active} == {one.pk for one in pair}
    assert Mail.objects.filter(template="interview_planned").count() == 1


def test_an_interview_may_move_within_its_own_time(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    replan_interview(interview=interview, by=admin, start=at(session, 9, 10), room="Salle 1", appointments=pair)
    interview.refresh_from_db()
    assert interview.start == at(session, 9, 10)


def test_new_measures_count_when_the_interview_is_planned_again(session, admin, pair):
    row = row_of(session)
    interview = plan(row, admin, pair)
    type(row.enrolment).objects.update(extra_minutes=15)
    interview.refresh_from_db()
    moved = replan_interview(interview=interview, by=admin, start=interview.start, room="Salle 1", appointments=pair)
    assert moved.minutes == 45


def test_an_interview_that_began_does_not_move(referentiel, admin):
    session = make_session(referentiel, state="interviews")
    pair = [make_evaluator(session), make_evaluator(session)]
    interview = plan(row_of(session), admin, pair)
    perform(interview, "start", by=pair[0].user)
    with pytest.raises(ValidationError, match="ne peut plus être déplacé"):
        replan_interview(interview=interview, by=admin, start=at(session, 10), room="Salle 1", appointments=pair)


def test_after_an_absence_the_next_attempt_is_another_interview(referentiel, admin):
    session = make_session(referentiel, state="interviews")
    pair = [make_evaluator(session), make_evaluator(session)]
    row = row_of(session)
    perform(plan(row, admin, pair), "mark_absent", by=pair[0].user, comment="Pas venue.")
    assert plan(row, admin, pair, at(session, 14)).attempt == 2


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_nothing_is_planned_once_the_jury_sits(referentiel, admin, state):
    session = make_session(referentiel, state=state)
    with pytest.raises(ValidationError, match="Les entretiens sont clos"):
        plan(row_of(session), admin, [make_evaluator(session), make_evaluator(session)])


def test_another_branch_s_administrator_plans_nothing(session, pair):
    stranger = make_admin(make_branch())
    row = row_of(session)
    with pytest.raises(PermissionError):
        plan(row, stranger, pair)
    with pytest.raises(TransitionRefused):
        cancel_interview(interview=plan(row, make_admin(session.branch), pair), by=stranger, reason="Non.")
    assert Branch.objects.count() == 2


@pytest.mark.parametrize("others", [1, 3])
def test_planning_costs_the_same_whatever_the_plan(session, admin, pair, django_assert_num_queries, others):
    for n in range(others):
        people = [make_evaluator(session), make_evaluator(session)]
        plan(row_of(session), admin, people, room=f"Salle {n + 2}")
    row = row_of(session)
    with django_assert_num_queries(41):
        plan(row, admin, pair)
