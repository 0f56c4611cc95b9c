"""The branch's page of an interview: what happened, an absence excused afterwards, what may still be planned."""

import datetime as dt

import pytest

from candidates.interviews.clock import elapsed_seconds
from candidates.models import Incident, Interview, Pause, Reception, Session
from candidates.planning.services import excuse_absence, plan_interview
from candidates.templatetags.signature import signature_path
from cqp.models import JournalEntry
from cqp.workflow import perform
from tests.candidates.branch_pages import text, url
from tests.factories import make_admin, make_branch, make_enrolment, make_evaluator, make_interview, make_session

pytestmark = pytest.mark.usefixtures("nothing_from_above")
START = dt.datetime(2027, 4, 12, 9, 0, tzinfo=dt.UTC)
NOW = START + dt.timedelta(hours=2)


def after(minutes: int, seconds: int = 0) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes, seconds=seconds)


@pytest.fixture
def row(referentiel):
    return make_enrolment(make_session(referentiel, state="interviews"), blocs=[1]).enrolment_blocs.get()


@pytest.fixture
def pair(row):
    return [make_evaluator(row.enrolment.session, last_name=name) for name in ("Alix", "Béa")]


def held(row, pair, **fields):
    values = {"state": "finished", "start": START, "started_at": after(12), "finished_at": after(52), **fields}
    return make_interview(row, pair, **values)


def absent(row, pair, by):
    interview = make_interview(row, pair)
    return perform(interview, "mark_absent", by=by, comment="Pas venue.")


# The clock.


def test_the_clock_is_at_zero_before_the_start():
    assert elapsed_seconds(Interview(start=START), [], NOW) == 0


def test_the_clock_runs_until_now_then_stops_at_the_end():
    running = Interview(started_at=START)
    assert elapsed_seconds(running, [], after(10, 30)) == 630
    assert elapsed_seconds(Interview(started_at=START, finished_at=after(30)), [], NOW) == 1800


@pytest.mark.parametrize(
    ("pause", "seconds"),
    [
        ((after(5), after(15)), 1200),
        ((after(20), None), 1200),
        ((after(-10), after(5)), 1500),
        ((after(25), after(45)), 1500),
        ((after(40), after(45)), 1800),
        ((after(-5), after(60)), 0),
    ],
)
def test_a_pause_leaves_the_clock_for_what_lies_inside_the_interview(pause, seconds):
    interview = Interview(started_at=START, finished_at=after(30))
    assert elapsed_seconds(interview, [Pause(started_at=pause[0], ended_at=pause[1])], NOW) == seconds


# The signature.


def test_a_signature_is_drawn_as_a_path():
    assert signature_path([[[0, 0], [1000, 400]], [[5, 6]]]) == "M0 0L1000 400 M5 6L5 6"


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "",
        "M0 0",
        {},
        [[]],
        [[[0, 0, 0]]],
        [[[0, 401]]],
        [[[-1, 0]]],
        [[[1.5, 2]]],
        [[[True, 1]]],
        [[["0", '"/><script>']]],
        [[{"x": 1}]],
        [[[0, 0]], "x"],
    ],
)
def test_what_is_not_a_signature_draws_nothing(hostile):
    assert signature_path(hostile) == ""


# The page.


def test_the_administrator_reads_what_happened(page, row, pair):
    interview = held(row, pair)
    assignment = interview.assignments.get(appointment=pair[0])
    Reception.objects.create(
        interview=interview,
        paper="passport",
        checked_by=assignment,
        checked_at=after(11),
        strokes=[[[10, 20], [30, 40]]],
        signed_at=after(12),
    )
    incident = Incident.objects.create(
        interview=interview, category="technical", text="Le réseau <coupé>.", reported_by=pair[1].user, at=after(20)
    )
    Pause.objects.create(interview=interview, incident=incident, started_at=after(20), ended_at=after(30))
    response = page.get(url("interview", interview.pk))
    said = text(response)
    for expected in (
        "11:12, 12 minutes après l'heure prévue",
        "30 minutes, sans les pauses, pour 30 prévues",
        "11:20 à 11:30, matériel, connexion",
        f"Passeport, par {pair[0].user} à 11:11",
        "Signé à 11:12",
        f"noté par {pair[1].user} le 12 avril à 11:20",
        "Le réseau <coupé>.",
    ):
        assert expected in said
    assert '<path d="M10 20L30 40"' in response.text
    assert f'role="img" aria-label="Signature de {row.enrolment.candidate}"'.replace("'", "&#x27;") in response.text


def test_an_interview_that_began_on_time_is_not_said_late(page, row, pair):
    interview = held(row, pair, started_at=after(0, 59))
    assert "après l'heure prévue" not in text(page.get(url("interview", interview.pk)))


def test_what_was_not_done_is_said(page, row, pair):
    said = text(page.get(url("interview", held(row, pair).pk)))
    assert "Aucune pièce n'a été notée." in said
    assert "Le candidat n'a pas signé." in said


def test_a_planned_interview_shows_no_course(page, row, pair):
    assert "Déroulement" not in text(page.get(url("interview", make_interview(row, pair).pk)))


def test_a_hostile_signature_shows_no_markup(page, row, pair):
    interview = held(row, pair)
    Reception.objects.create(interview=interview, strokes=[[['"/><script>', 1]]], signed_at=NOW)
    response = page.get(url("interview", interview.pk))
    assert '<path d=""' in response.text
    assert "<script>" not in response.text.replace("<script src", "")


def test_the_journal_tells_who_planned_and_why_it_ended(page, row, pair, admin):
    start = dt.datetime.combine(row.enrolment.session.interviews_from, dt.time(9), dt.UTC)
    interview = plan_interview(enrolment_bloc=row, by=admin, start=start, room="Salle 4", appointments=pair)
    perform(interview, "mark_absent", by=pair[0].user, comment="Train <annulé>.")
    said = text(page.get(url("interview", interview.pk)))
    assert f"Salle 4, avec {pair[0].user} et {pair[1].user}" in said
    assert "Candidat noté absent . Motif : « Train <annulé>. »" in said
    assert f", par {pair[0].user}" in said


def test_the_journal_of_another_interview_is_not_shown(page, row, pair, admin):
    first = absent(row, pair, pair[0].user)
    second = make_interview(row, pair, attempt=2)
    assert "Candidat noté absent" in text(page.get(url("interview", first.pk)))
    assert "Candidat noté absent" not in text(page.get(url("interview", second.pk)))


def test_an_entry_whose_content_was_erased_is_left_out(page, row, pair, monkeypatch):
    interview = absent(row, pair, pair[0].user)
    from django.db import connection

    from cqp.evidence import triggers

    triggers.drop_all(connection)
    JournalEntry.objects.update(payload=None, salt=None)
    assert page.get(url("interview", interview.pk)).status_code == 200
    triggers.install_all(connection)


@pytest.mark.parametrize("state", ["absent", "interrupted", "cancelled"])
def test_after_an_interview_that_was_not_held_another_is_planned(page, row, pair, state):
    interview = make_interview(row, pair, state=state)
    response = page.get(url("interview", interview.pk))
    assert "Planifier un nouvel entretien" in text(response)
    assert url("plan", row.pk) in response.text
    assert "Planifier" in text(page.get(url("session", row.enrolment.session_id)))


def test_an_interrupted_interview_has_its_list_on_the_board(page, row, pair):
    make_interview(row, pair, state="interrupted")
    assert "Entretiens interrompus : 1" in text(page.get(url("session", row.enrolment.session_id)))


# An absence, excused or not, said afterwards.


def test_an_absence_is_excused_with_a_reason_and_the_journal_keeps_it(page, row, pair, admin):
    interview = absent(row, pair, admin)
    address = url("interview_excuse", interview.pk)
    assert "on ne sait pas encore si elle est excusée" in text(page.get(url("interview", interview.pk)))
    values = {"excuse-excused": "yes", "excuse-comment": "Certificat reçu."}
    said = text(page.post(address, values, follow=True))
    assert "Excuse de l'absence : absence excusée. Motif : « Certificat reçu. »" in said
    interview.refresh_from_db()
    assert interview.absence_excused is True
    entry = JournalEntry.objects.get(verb="interview.excused")
    assert entry.payload == {"interview": interview.pk, "excused": True, "reason": "Certificat reçu."}
    assert entry.actor == admin


def test_an_excuse_may_be_taken_back(row, pair, admin):
    interview = absent(row, pair, admin)
    for excused in (True, False):
        interview = excuse_absence(interview=interview, by=admin, excused=excused, reason="Vu.")
    assert interview.absence_excused is False
    assert JournalEntry.objects.filter(verb="interview.excused").count() == 2


def test_a_double_click_excuses_once(page, row, pair, admin):
    interview = absent(row, pair, admin)
    values = {"excuse-excused": "no", "excuse-comment": "Rien reçu."}
    for _ in range(2):
        assert page.post(url("interview_excuse", interview.pk), values).status_code == 302
    assert JournalEntry.objects.filter(verb="interview.excused").count() == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"excuse-excused": "yes", "excuse-comment": "  "}, "Écrivez le motif"),
        ({"excuse-excused": "yes", "excuse-comment": "x" * 501}, "500"),
        ({"excuse-comment": "Vu."}, "Choisissez : excusée ou non excusée."),
        ({"excuse-excused": "maybe", "excuse-comment": "Vu."}, "Sélectionnez un choix valide"),
    ],
)
def test_a_wrong_excuse_comes_back(page, row, pair, admin, values, message):
    interview = absent(row, pair, admin)
    response = page.post(url("interview_excuse", interview.pk), values)
    assert response.status_code == 422
    assert message in text(response)
    interview.refresh_from_db()
    assert interview.absence_excused is None


def test_only_an_absence_is_excused(page, row, pair):
    interview = make_interview(row, pair)
    values = {"excuse-excused": "yes", "excuse-comment": "Vu."}
    response = page.post(url("interview_excuse", interview.pk), values)
    assert response.status_code == 422
    assert "n'est pas noté absent" in text(response)


def test_once_the_results_are_published_an_excuse_does_not_change(page, row, pair, admin):
    interview = absent(row, pair, admin)
    Session.objects.update(state="decided", published_at=NOW)
    values = {"excuse-excused": "yes", "excuse-comment": "Vu."}
    assert "Les résultats sont publiés" in text(page.post(url("interview_excuse", interview.pk), values))
    interview.refresh_from_db()
    assert interview.absence_excused is None
    assert "Dire si l'absence" not in text(page.get(url("interview", interview.pk)))


def test_another_branch_excuses_nothing(row, pair, admin):
    interview = absent(row, pair, admin)
    with pytest.raises(PermissionError):
        excuse_absence(interview=interview, by=make_admin(make_branch()), excused=True, reason="Vu.")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_happened(page, row, pair, django_assert_num_queries, count):
    interview = held(row, pair)
    for minute in range(count):
        incident = Incident.objects.create(interview=interview, category="other", text="x", reported_by=pair[0].user)
        Pause.objects.create(
            interview=interview, incident=incident, started_at=after(minute), ended_at=after(minute + 1)
        )
    with django_assert_num_queries(13):
        page.get(url("interview", interview.pk))
