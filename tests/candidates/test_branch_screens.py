"""What the administrator sees and does under /branche/."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from candidates import workflow
from candidates.models import Appointment, Enrolment, Interview, Organisation, Session
from candidates.services.appointments import affiliate, declare_conflict
from candidates.views.branch import sessions as branch_sessions
from tests.factories import (
    bloc,
    make_admin,
    make_branch,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_juror,
    make_session,
    make_user,
)


@pytest.fixture(autouse=True)
def nothing_from_above(monkeypatch):
    """The guards and panels of the upper apps have their own tests."""
    monkeypatch.setattr(workflow, "extra_guards", workflow.defaultdict(list))
    monkeypatch.setattr(branch_sessions, "PANELS", [])


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def session(referentiel):
    return make_session(referentiel, state="preparation")


def url(name, *args) -> str:
    return reverse(f"branch:{name}", args=args)


def text(response) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


SESSION = {
    "title": "Session de printemps",
    "place": "12 rue de la Paix, Paris",
    "time_zone": "Europe/Paris",
    "deposit_opens_at": "2027-03-01T09:00",
    "deposit_closes_at": "2027-04-01T18:00",
    "interviews_from": "2027-04-12",
    "interviews_to": "2027-04-14",
    "jury_on": "2027-05-03",
}
PERSON = {
    "email": "lea@example.org",
    "birth_name": "d'Ornano-Le Bœuf",
    "first_names": "Léa, Marie",
    "sex": "F",
    "birth_day": "",
    "birth_month": "11",
    "birth_year": "1988",
    "birth_country": "France",
    "employer": "Metro",
    "training_centre": "CFA de Lyon",
    "access_route": "vae",
    "extra_minutes": "10",
    "break_minutes": "0",
}
EVALUATOR = {"role": "evaluator", "email": "marc@example.org", "first_name": "Marc", "last_name": "Le Bœuf"}


def person(referentiel, **changed):
    return PERSON | {"blocs": [bloc(referentiel, 1).pk]} | changed


# --- Sessions ------------------------------------------------------------------------------------------------------


def test_an_administrator_without_a_session_is_told_what_to_do_first(page):
    response = page.get(url("sessions"))
    assert "Aucune session. Créez la première" in text(response)
    assert url("session_create") in response.content.decode()


def test_somebody_without_a_branch_creates_nothing(client, db):
    client.force_login(make_user())
    assert client.get(url("session_create")).status_code == 404
    assert "Vous n'administrez aucune branche" in text(client.get(url("sessions")))


def test_an_administrator_creates_a_session(page, referentiel):
    response = page.post(url("session_create"), SESSION | {"referentiel": referentiel.pk})
    session = Session.objects.get()
    assert response.url == url("session", session.pk)
    assert session.deposit_closes_at == dt.datetime(2027, 4, 1, 16, tzinfo=dt.UTC)


def test_hours_are_those_of_the_zone_chosen_in_the_same_form(page, referentiel):
    values = SESSION | {"referentiel": referentiel.pk}
    page.post(url("session_create"), values | {"time_zone": "Indian/Reunion"})
    session = Session.objects.get()
    assert session.deposit_closes_at == dt.datetime(2027, 4, 1, 14, tzinfo=dt.UTC)
    page.post(url("session_edit", session.pk), values | {"time_zone": "America/Cayenne"})
    session.refresh_from_db()
    assert session.deposit_closes_at == dt.datetime(2027, 4, 1, 21, tzinfo=dt.UTC)
    assert 'value="2027-04-01T18:00"' in page.get(url("session_edit", session.pk)).content.decode()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"deposit_opens_at": "2026-10-25T02:30"}, "a lieu deux fois"),
        ({"deposit_closes_at": "2027-03-28T02:30"}, "n'existe pas"),
        ({"deposit_closes_at": "2027-02-01T18:00"}, "doit venir après l'ouverture"),
        ({"interviews_to": "2027-04-11"}, "ne peut pas précéder le premier"),
        ({"jury_on": "2027-04-13"}, "avant la fin des entretiens"),
        ({"jury_on": "demain"}, "date valide"),
        ({"deposit_opens_at": ""}, "obligatoire"),
        ({"time_zone": "Europe/Berlin"}, "Sélectionnez un choix valide"),
        ({"referentiel": "999999"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_wrong_session_comes_back_with_its_reason_and_all_that_was_typed(page, referentiel, changed, message):
    response = page.post(url("session_create"), SESSION | {"referentiel": referentiel.pk} | changed)
    assert response.status_code == 422
    assert message in text(response)
    assert "Session de printemps" in response.content.decode()
    assert not Session.objects.exists()


def test_a_double_click_creates_one_session(page, referentiel):
    for _ in range(2):
        response = page.post(url("session_create"), SESSION | {"referentiel": referentiel.pk})
    assert response.status_code == 422
    assert "déjà une session de cet intitulé" in text(response)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_sessions_costs_the_same(page, referentiel, django_assert_num_queries, count):
    for _ in range(count):
        make_enrolment(make_session(referentiel))
    with django_assert_num_queries(6):
        page.get(url("sessions"))


# --- The board -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_the_same_whatever_the_session(page, referentiel, django_assert_num_queries, count):
    session = make_session(referentiel)
    centre = Organisation.objects.create(branch=session.branch, kind="training_centre", name="CFA de Lyon")
    for hour in range(count):
        enrolment = make_enrolment(session, training_centre=centre)
        make_juror(session)
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        pair = [make_evaluator(session), make_evaluator(session)]
        make_interview(enrolment.enrolment_blocs.first(), pair, start=start)
    with django_assert_num_queries(19):
        page.get(url("session", session.pk))


def test_the_board_lists_what_is_missing_as_links(page, session):
    response = page.get(url("session", session.pk))
    assert "Aucun candidat n'est inscrit." in text(response)
    assert response.content.decode().count(url("enrol", session.pk)) == 2


def test_a_refused_step_says_what_is_missing_and_changes_nothing(page, session):
    response = page.post(url("session_transition", session.pk, "open_deposit"))
    assert response.status_code == 409
    assert "« Ouvrir le dépôt des dossiers » n'est pas encore possible. Rien n'a changé." in text(response)
    session.refresh_from_db()
    assert session.state == "preparation"


def test_a_step_is_made_and_said(page, session):
    make_enrolment(session)
    response = page.post(url("session_transition", session.pk, "open_deposit"), follow=True)
    assert "La session est à l'étape « dépôt des dossiers »." in text(response)


def test_a_board_left_open_over_a_change_says_what_the_state_is_now_and_keeps_the_reason(page, referentiel):
    session = make_session(referentiel, state="interviews")
    response = page.post(url("session_transition", session.pk, "back_to_preparation"), {"comment": "Erreur de date"})
    assert response.status_code == 409
    assert "l'état est maintenant « entretiens »" in text(response)
    assert "Erreur de date" in response.content.decode()


def test_a_step_back_without_a_reason_is_refused(page, referentiel):
    session = make_session(referentiel)
    response = page.post(url("session_transition", session.pk, "back_to_preparation"), {"comment": " "})
    assert "demande un motif" in text(response)
    session.refresh_from_db()
    assert session.state == "deposit"


def test_a_step_that_does_not_exist_is_not_found(page, session):
    assert page.post(url("session_transition", session.pk, "abracadabra")).status_code == 404


def test_a_number_of_the_board_leads_to_its_list(page, referentiel):
    session = make_session(referentiel)
    done, waiting = make_enrolment(session, blocs=[1]), make_enrolment(session, blocs=[1])
    make_interview(done.enrolment_blocs.get(), [make_evaluator(session)])
    response = page.get(url("session", session.pk), {"voir": "a-deposer"})
    assert str(waiting.candidate) in text(response)
    assert url("enrolment", done.pk) not in response.content.decode()
    assert "Dossiers à déposer : 1" in text(response)


def test_an_unknown_list_shows_everybody(page, session):
    make_enrolment(session)
    assert "1 candidat" in text(page.get(url("session", session.pk), {"voir": "<script>"}))


def test_an_interview_that_should_have_begun_is_late(page, referentiel):
    session = make_session(referentiel, state="interviews")
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    make_interview(row, [make_evaluator(session)], start=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))
    assert "Entretiens en retard : 1" in text(page.get(url("session", session.pk)))


def test_an_upper_app_s_panel_is_on_the_board(page, session, monkeypatch):
    monkeypatch.setattr(
        branch_sessions, "PANELS", [lambda session, user: ("components/empty.html", {"text": session.title})]
    )
    assert page.get(url("session", session.pk)).context["panels"][0][1] == {"text": session.title}


# --- Enrolments ----------------------------------------------------------------------------------------------------


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
        ({"birth_name": "a\x00b"}, "nul"),
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
    with django_assert_num_queries(16):
        page.get(url("enrolment", enrolment.pk))


# --- Appointments --------------------------------------------------------------------------------------------------


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
    with django_assert_num_queries(13):
        page.get(url("appointment", evaluator.pk))


# --- The plan ------------------------------------------------------------------------------------------------------


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


# --- Other branches ------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(referentiel):
    """Every page of a session, by name."""
    session = make_session(referentiel)
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    evaluator = make_evaluator(session)
    interview = make_interview(row, [evaluator])
    of_session = ("session", "session_edit", "enrol", "appoint", "planning")
    return {
        **{name: url(name, session.pk) for name in of_session},
        "session_transition": url("session_transition", session.pk, "back_to_preparation"),
        **{name: url(name, row.enrolment_id) for name in ("enrolment", "enrolment_edit", "enrolment_withdraw")},
        **{name: url(name, evaluator.pk) for name in ("appointment", "appointment_remove", "conflict_declare")},
        "plan": url("plan", row.pk),
        **{name: url(name, interview.pk) for name in ("interview", "interview_cancel", "interview_absent")},
    }


POST_ONLY = {
    "session_transition",
    "enrolment_withdraw",
    "appointment_remove",
    "conflict_declare",
    "interview_cancel",
    "interview_absent",
}


@pytest.mark.parametrize("who", ["administrator of another branch", "evaluator", "candidate"])
def test_what_is_not_theirs_is_not_found(client, addresses, who):
    users = {
        "administrator of another branch": lambda: make_admin(make_branch()),
        "evaluator": lambda: Appointment.objects.get().user,
        "candidate": lambda: Enrolment.objects.get().candidate.user,
    }
    client.force_login(users[who]())
    for name, address in addresses.items():
        if name not in POST_ONLY:
            assert client.get(address).status_code == 404, name
        assert client.post(address, {"comment": "x"}).status_code in (404, 405), name
    assert Interview.objects.get().state == "planned"


def test_another_branch_s_sessions_are_not_listed(client, referentiel):
    session = make_session(referentiel)
    client.force_login(make_admin(make_branch()))
    assert session.title not in text(client.get(url("sessions")))


def test_reading_changes_nothing(page, addresses):
    for name in POST_ONLY:
        assert page.get(addresses[name]).status_code == 405


def test_every_page_is_behind_the_login(client, addresses):
    for address in addresses.values():
        assert client.get(address).status_code == 302
