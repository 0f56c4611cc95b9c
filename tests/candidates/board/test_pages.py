"""What the administrator sees and does under /branche/: sessions, the board, and what is not theirs."""

import datetime as dt

import pytest

from candidates.board.hooks import panels
from candidates.models import Appointment, Enrolment, Interview, Organisation, Session
from tests.candidates.branch_pages import SESSION, text, url
from tests.factories import (
    make_admin,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_juror,
    make_session,
    make_user,
)

pytestmark = pytest.mark.usefixtures("nothing_from_above")


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
    with django_assert_num_queries(7):
        page.get(url("sessions"))


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
    with django_assert_num_queries(34):
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
    monkeypatch.setattr(panels, "entries", [])
    panels.register(lambda session, user: ("components/empty.html", {"text": session.title}))
    assert page.get(url("session", session.pk)).context["panels"][0][1] == {"text": session.title}


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
