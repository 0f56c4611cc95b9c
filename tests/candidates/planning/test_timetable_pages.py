"""What the administrator sees and does under /branche/: the plan of the interviews."""

import datetime as dt

import pytest

from candidates.appointments.services import affiliate, declare_conflict
from candidates.models import Interview, Organisation, Session
from tests.candidates.branch_pages import text, url
from tests.factories import (
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
)

pytestmark = pytest.mark.usefixtures("nothing_from_above")


@pytest.fixture
def row(referentiel):
    return make_enrolment(make_session(referentiel), blocs=[1]).enrolment_blocs.get()


def plan(row, *people, **changed) -> dict:
    start = f"{row.enrolment.session.interviews_from}T09:00"
    return {"start": start, "room": "Salle 1", "appointments": [one.pk for one in people], **changed}


def test_an_administrator_plans_an_interview(page, row):
    session = row.enrolment.session
    pair = make_evaluator(session), make_evaluator(session)
    response = page.post(url("plan", row.pk), plan(row, *pair), follow=True)
    assert "L'entretien est planifié" in text(response)
    assert "09:00 à 09:30" in text(response)


def test_a_double_click_plans_once_and_leads_to_the_interview(page, row):
    session = row.enrolment.session
    values = plan(row, make_evaluator(session), make_evaluator(session))
    first, second = page.post(url("plan", row.pk), values), page.post(url("plan", row.pk), values)
    assert first.url == second.url == url("interview", Interview.objects.get().pk)


def test_a_second_administrator_s_other_plan_is_refused_and_kept(page, row):
    session = row.enrolment.session
    values = plan(row, make_evaluator(session), make_evaluator(session))
    page.post(url("plan", row.pk), values)
    response = page.post(url("plan", row.pk), values | {"room": "Salle 7"})
    assert response.status_code == 422
    assert "a déjà un entretien" in text(response)
    assert "Salle 7" in response.content.decode()
    assert url("interview", Interview.objects.get().pk) in response.content.decode()


def test_a_warning_is_shown_then_accepted(page, row):
    session = row.enrolment.session
    pair = make_evaluator(session), make_evaluator(session)
    affiliate(pair[0].user, session.branch_id, training_centre="CFA de Lyon")
    row.enrolment.training_centre = Organisation.objects.get()
    row.enrolment.save()
    response = page.post(url("plan", row.pk), plan(row, *pair))
    assert response.status_code == 422
    assert "du même organisme de formation : CFA de Lyon" in text(response)
    assert "Je planifie quand même" in text(response)
    assert not Interview.objects.exists()
    shown = response.context["form"]["shown"].value()
    page.post(url("plan", row.pk), plan(row, *pair, accept="on", shown=shown))
    assert Interview.objects.count() == 1


def test_accepting_one_warning_does_not_accept_another(page, row):
    session = row.enrolment.session
    pair = make_evaluator(session), make_evaluator(session)
    affiliate(pair[0].user, session.branch_id, training_centre="CFA de Lyon")
    row.enrolment.training_centre = Organisation.objects.get()
    row.enrolment.save()
    response = page.post(url("plan", row.pk), plan(row, *pair, accept="on", shown="0123456789abcdef"))
    assert response.status_code == 422
    assert not Interview.objects.exists()


def test_the_form_says_who_is_incompatible_beforehand(page, row, admin):
    session = row.enrolment.session
    evaluator = make_evaluator(session)
    declare_conflict(appointment=evaluator, candidate=row.enrolment.candidate, by=admin)
    assert f"{evaluator.user} (incompatible : " in text(page.get(url("plan", row.pk)))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start": "2020-01-01T09:00"}, "Les entretiens de la session ont lieu du"),
        ({"start": "9 heures"}, "date et une heure valides"),
        ({"start": ""}, "obligatoire"),
        ({"room": "x" * 81}, "80"),
        ({"appointments": ["999999"]}, "Sélectionnez un choix valide"),
        ({"appointments": []}, "Choisissez les évaluateurs."),
    ],
)
def test_a_wrong_plan_comes_back_with_its_reason(page, row, changed, message):
    session = row.enrolment.session
    pair = make_evaluator(session), make_evaluator(session)
    response = page.post(url("plan", row.pk), plan(row, *pair, **changed))
    assert response.status_code == 422
    assert message in text(response)
    assert not Interview.objects.exists()


def test_an_interview_moves(page, row):
    session = row.enrolment.session
    pair = make_evaluator(session), make_evaluator(session)
    interview = make_interview(row, list(pair))
    values = plan(row, *pair, start=f"{session.interviews_from}T14:00", room="Salle 2")
    assert page.post(url("interview", interview.pk), values).status_code == 302
    assert "14:00 à 14:30" in text(page.get(url("interview", interview.pk)))


def test_moving_an_interview_that_began_meanwhile_keeps_what_was_typed(page, referentiel):
    session = make_session(referentiel, state="interviews")
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    pair = make_evaluator(session), make_evaluator(session)
    interview = make_interview(row, list(pair), state="running")
    response = page.post(url("interview", interview.pk), plan(row, *pair, room="Salle 9"))
    assert response.status_code == 422
    assert "ne peut plus être déplacé : son état est « en cours »" in text(response)
    assert "Salle 9" in response.content.decode()


@pytest.mark.parametrize(("name", "state"), [("cancel", "cancelled"), ("absent", "absent")])
def test_an_interview_is_closed_for_a_reason(page, row, name, state):
    interview = make_interview(row, [make_evaluator(row.enrolment.session)])
    Session.objects.update(state="interviews")
    address = url(f"interview_{name}", interview.pk)
    assert page.post(address, {f"{name}-comment": ""}).status_code == 422
    assert page.post(address, {f"{name}-comment": "Grève."}).status_code == 302
    interview.refresh_from_db()
    assert interview.state == state
    again = page.post(address, {f"{name}-comment": "Deux clics."})
    assert again.status_code == 409
    assert "Deux clics." in again.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_costs_the_same_whatever_its_size(page, referentiel, django_assert_num_queries, count):
    session = make_session(referentiel)
    for hour in range(count):
        planned, _ = make_enrolment(session, blocs=[1, 2]).enrolment_blocs.all()
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(planned, [make_evaluator(session), make_evaluator(session)], start=start)
    with django_assert_num_queries(7):
        response = page.get(url("planning", session.pk))
    assert f"{count} entretien" in text(response)


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_of_a_plan_costs_the_same(page, row, django_assert_num_queries, count):
    for _ in range(count):
        make_evaluator(row.enrolment.session)
    with django_assert_num_queries(12):
        page.get(url("plan", row.pk))
