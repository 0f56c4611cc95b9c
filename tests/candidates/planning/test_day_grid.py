"""The grid of a day: what it shows, and the answers to a move."""

import datetime as dt

import pytest
from django.core import mail as sent
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.models import Availability, Interview, Room
from candidates.planning.services import slot_token
from cqp.models import Mail
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 10, 25)  # The summer time ends that night.


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel, interviews_from=DAY, interviews_to=DAY + dt.timedelta(days=1))


@pytest.fixture
def client(client, session):
    client.force_login(make.make_admin(session.branch))
    return client


@pytest.fixture
def interview(session):
    evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    row = make.make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    return make.make_interview(row, evaluators, start=at(session, 9), room="Salle 1")


def at(session, hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), session.zone)


def place(client, interview, **changed):
    now = Interview.objects.get(pk=interview.pk)
    data = {"start": f"{DAY}T10:30", "room": "Salle 2", "slot_token": slot_token(now)} | changed
    return client.post(f"/branche/entretiens/{interview.pk}/placer/", data)


def test_the_day_shows_rooms_hours_and_who_is_there(client, session, interview):
    Room.objects.create(session=session, name="Visio", is_remote=True)
    html = client.get(f"/branche/sessions/{session.pk}/planning/{DAY}/").content.decode()
    assert 'data-room="Visio"' in html
    assert 'data-room="Salle 1"' in html
    assert 'data-start="540" data-minutes="30"' in html
    assert 'data-opens="540" data-closes="1080"' in html
    for one in interview.assignments.all():
        assert str(one.appointment.user) in html
    for day in ("2026-10-24", "demain", "2026-13-01"):
        assert client.get(f"/branche/sessions/{session.pk}/planning/{day}/").status_code == 404


def test_a_move_is_kept_and_nobody_is_mailed(client, session, interview):
    response = place(client, interview)
    assert (response.status_code, response.json()["message"]) == (
        200,
        f"{interview.enrolment_bloc} : 10 h 30, Salle 2.",
    )
    interview.refresh_from_db()
    assert (interview.start, interview.room.name) == (at(session, 10, 30), "Salle 2")
    assert (Mail.objects.count(), len(sent.outbox)) == (0, 0)
    assert interview.assignments.filter(state="active").count() == 2


def test_what_forbids_a_move_is_told(client, session, interview):
    for changed, words in (
        ({"start": f"{DAY}T23:50"}, "finirait le lendemain"),
        ({"start": "2026-10-23T09:00"}, "ont lieu du 25/10/2026"),
        ({"start": "neuf heures"}, "L'heure n'a pas été comprise"),
        ({"room": " "}, "Indiquez la salle."),
        ({"slot_token": "old"}, "vient d'être déplacé par ailleurs"),
    ):
        response = place(client, interview, **changed)
        assert response.status_code == 422
        assert words in " ".join(response.json()["errors"])
    Interview.objects.filter(pk=interview.pk).update(locked_at=timezone.now())
    assert "est figé" in place(client, interview).json()["errors"][0]
    interview.refresh_from_db()
    assert interview.start == at(session, 9)


def test_who_cannot_come_then_is_told_and_may_be_accepted(client, session, interview):
    alix = interview.assignments.first().appointment
    Availability.objects.create(session=session, appointment=alix, date=DAY, to_time=dt.time(10, 45))
    response = place(client, interview)
    assert (response.status_code, response.json()["warnings"]) == (
        409,
        [f"{alix.user} n'est pas disponible à cette heure."],
    )
    assert place(client, interview, accepted=response.json()["accepted"]).status_code == 200
    assert place(client, interview, start=f"{DAY}T10:15").status_code == 200


def test_a_jury_that_is_open_closes_the_grid(client, session, interview):
    type(session).objects.filter(pk=session.pk).update(state="jury")
    assert "Les entretiens sont clos" in place(client, interview).json()["errors"][0]
    html = client.get(f"/branche/sessions/{session.pk}/planning/{DAY}/").content.decode()
    assert "day-handle" not in html


def test_the_night_of_the_change_of_hour_is_an_ordinary_day(client, session, interview):
    assert place(client, interview, start="2026-10-26T09:00").status_code == 200
    interview.refresh_from_db()
    assert interview.start == dt.datetime(2026, 10, 26, 8, tzinfo=dt.UTC)


def test_the_grid_costs_the_same_with_one_interview_or_three(client, session, interview):
    url = f"/branche/sessions/{session.pk}/planning/{DAY}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    queries()
    with_one = queries()
    for hour in (11, 14):
        row = make.make_enrolment(session, blocs=[1]).enrolment_blocs.get()
        make.make_interview(row, [make.make_evaluator(session)], start=at(session, hour))
    assert queries() == with_one
