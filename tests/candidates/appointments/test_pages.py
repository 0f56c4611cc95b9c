"""What the administrator sees and does under /branche/: candidates, evaluators, jurors."""

import datetime as dt

import pytest

from candidates.appointments.services import declare_conflict
from candidates.models import Appointment, Enrolment
from tests.candidates.branch_pages import EVALUATOR, person, text, url
from tests.factories import (
    bloc,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
)

pytestmark = pytest.mark.usefixtures("nothing_from_above")


def test_an_administrator_enrols_a_candidate(page, session, referentiel):
    response = page.post(url("enrol", session.pk), person(referentiel), follow=True)
    assert "Léa d'Ornano-Le Bœuf est inscrit à la session" in text(response)
    assert "11/1988" in text(response)
    assert "VAE" in text(response)


def test_a_double_click_enrols_once_and_leads_to_the_first(page, session, referentiel):
    for _ in range(2):
        response = page.post(url("enrol", session.pk), person(referentiel))
    assert response.status_code == 422
    assert "est déjà inscrit à cette session : rien n'a été créé." in text(response)
    assert url("enrolment", Enrolment.objects.get().pk) in response.content.decode()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"birth_year": "1888"}, "Vérifiez l'année de naissance"),
        ({"birth_year": "2030"}, "Vérifiez l'année de naissance"),
        ({"birth_year": "99999999999999999999"}, "Vérifiez l'année de naissance"),
        ({"birth_year": "mille"}, "nombre entier"),
        ({"birth_day": "31"}, "n'existe pas"),
        ({"blocs": []}, "Choisissez au moins un bloc."),
        ({"blocs": ["999999"]}, "Sélectionnez un choix valide"),
        ({"email": "lea"}, "Saisissez une adresse"),
        ({"extra_minutes": "500"}, "inférieure ou égale à 120"),
        ({"birth_name": "x" * 101}, "100"),
    ],
)
def test_a_wrong_enrolment_comes_back_with_its_reason_and_all_that_was_typed(
    page, session, referentiel, changed, message
):
    response = page.post(url("enrol", session.pk), person(referentiel, **changed))
    assert response.status_code == 422
    assert message in text(response)
    assert "CFA de Lyon" in response.content.decode()
    assert not Enrolment.objects.exists()


def test_a_form_left_open_while_the_interviews_began_keeps_what_was_typed(page, referentiel):
    session = make_session(referentiel, state="interviews")
    response = page.post(url("enrol", session.pk), person(referentiel))
    assert response.status_code == 422
    assert "Les inscriptions sont closes : la session est à l'étape « entretiens »" in text(response)
    assert "lea@example.org" in response.content.decode()


def test_an_enrolment_is_corrected(page, session, referentiel):
    page.post(url("enrol", session.pk), person(referentiel))
    enrolment = Enrolment.objects.get()
    changed = person(referentiel, birth_day="3", blocs=[bloc(referentiel, 1).pk, bloc(referentiel, 2).pk])
    response = page.post(url("enrolment_edit", enrolment.pk), changed | {"email": "voleur@example.org"}, follow=True)
    assert "03/11/1988" in text(response)
    assert "lea@example.org" in text(response)
    assert enrolment.enrolment_blocs.count() == 2


def test_a_mistaken_enrolment_is_taken_out(page, session):
    enrolment = make_enrolment(session)
    assert page.post(url("enrolment_withdraw", enrolment.pk)).url == url("session", session.pk)
    assert not Enrolment.objects.exists()


def test_an_enrolment_with_an_interview_is_not_taken_out(page, referentiel):
    session = make_session(referentiel)
    enrolment = make_enrolment(session, blocs=[1])
    make_interview(enrolment.enrolment_blocs.get(), [make_evaluator(session)])
    response = page.post(url("enrolment_withdraw", enrolment.pk))
    assert response.status_code == 409
    assert "ne peut plus être retirée" in text(response)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_candidate_costs_the_same(page, referentiel, django_assert_num_queries, count):
    session = make_session(referentiel)
    enrolment = make_enrolment(session, blocs=list(range(1, count + 1)))
    for hour, row in enumerate(enrolment.enrolment_blocs.all()):
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(row, [make_evaluator(session), make_evaluator(session)], start=start)
    with django_assert_num_queries(20):
        page.get(url("enrolment", enrolment.pk))


def test_an_administrator_appoints_an_evaluator(page, session):
    response = page.post(url("appoint", session.pk), EVALUATOR | {"employer": "Metro"}, follow=True)
    assert "Marc Le Bœuf est évaluateur" in text(response)
    assert "Metro (entreprise)" in text(response)


def test_a_double_click_appoints_once(page, session):
    for _ in range(2):
        response = page.post(url("appoint", session.pk), EVALUATOR)
    assert response.status_code == 422
    assert "est déjà évaluateur" in text(response)
    assert Appointment.objects.count() == 1


def test_a_juror_without_college_comes_back(page, session):
    response = page.post(url("appoint", session.pk), EVALUATOR | {"role": "juror"})
    assert response.status_code == 422
    assert "siège pour un collège" in text(response)


def test_a_link_is_noted_once_and_shown(page, session):
    evaluator, enrolment = make_evaluator(session), make_enrolment(session)
    for _ in range(2):
        response = page.post(url("conflict_declare", evaluator.pk), {"candidate": enrolment.candidate_id}, follow=True)
    assert "un lien avec" in text(response)
    assert evaluator.conflicts.count() == 1


def test_a_link_with_a_candidate_of_another_session_is_refused(page, session, branch):
    response = page.post(url("conflict_declare", make_evaluator(session).pk), {"candidate": make_candidate(branch).pk})
    assert response.status_code == 422


def test_an_appointment_is_removed_while_nothing_hangs_on_it(page, referentiel):
    session = make_session(referentiel)
    free, busy = make_evaluator(session), make_evaluator(session)
    make_interview(make_enrolment(session, blocs=[1]).enrolment_blocs.get(), [busy])
    assert page.post(url("appointment_remove", free.pk)).status_code == 302
    response = page.post(url("appointment_remove", busy.pk))
    assert response.status_code == 409
    assert "a des entretiens" in text(response)
    assert list(session.appointments.all()) == [busy]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_an_evaluator_costs_the_same(page, referentiel, django_assert_num_queries, admin, count):
    session = make_session(referentiel)
    evaluator = make_evaluator(session)
    for hour in range(count):
        enrolment = make_enrolment(session, blocs=[1])
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(enrolment.enrolment_blocs.get(), [evaluator], start=start)
        declare_conflict(appointment=evaluator, candidate=enrolment.candidate, by=admin)
    with django_assert_num_queries(12):
        page.get(url("appointment", evaluator.pk))
