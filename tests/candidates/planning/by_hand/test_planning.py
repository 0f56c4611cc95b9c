"""The plan of the interviews, by hand: an interview is planned, moved, planned again."""

import pytest
from django.core.exceptions import ValidationError

from candidates.models import Interview
from candidates.planning.services import cancel_interview, replan_interview
from cqp.models import JournalEntry, Mail
from cqp.workflow import TransitionRefused, perform
from referentiel.models import Branch
from tests.candidates.planning.by_hand.scene import at, plan, row_of
from tests.factories import make_admin, make_branch, make_evaluator, make_room, make_session


def test_an_interview_is_planned_with_its_evaluators_and_the_candidate_is_told(session, admin, pair):
    row = row_of(session)
    interview = plan(row, admin, pair, room="  Salle   1 ")
    assert (interview.minutes, interview.room.name, interview.attempt) == (30, "Salle 1", 1)
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


def test_the_slot_of_a_cancelled_interview_is_free(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    cancel_interview(interview=interview, by=admin, reason="Salle fermée.")
    assert plan(row_of(session), admin, pair)


def test_an_interview_moves_and_the_candidate_is_told(session, admin, pair):
    interview = plan(row_of(session), admin, pair)
    new = make_evaluator(session)
    moved = replan_interview(
        interview=interview, by=admin, start=at(session, 10), room="Salle 2", appointments=[pair[0], new]
    )
    assert (moved.start, moved.room.name) == (at(session, 10), "Salle 2")
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
    row, _ = row_of(session), make_room(session)
    with django_assert_num_queries(45):
        plan(row, admin, pair)
