"""The administrator's pages of a plan: what it is made with, the search, the plan, an absence."""

import datetime as dt

import pytest

from candidates.models import Interview, PlanSettings, Room
from candidates.planning.setup import add_room
from tests import factories as make

pytestmark = pytest.mark.django_db

TUESDAY = dt.date(2026, 12, 1)


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel, interviews_from=TUESDAY, interviews_to=TUESDAY, jury_on=dt.date(2026, 12, 18))


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def client(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def url(session):
    return f"/branche/sessions/{session.pk}/planifier/"


def text(response) -> str:
    return " ".join(response.text.replace("&#x27;", "'").split())


def test_from_nothing_to_an_applied_plan(client, session, url, run_tasks):
    for _ in range(2):
        make.make_evaluator(session)
        make.make_enrolment(session, blocs=[1])
    assert "Aucune salle" in text(client.get(url))
    client.post(f"{url}salles/", {"name": "Salle Veil", "access": "Rez-de-chaussée"})
    client.post(f"{url}heures/", {"opens": "10:00", "closes": "16:00", "lunch_from": "12:00", "lunch_to": "13:00"})
    rules = {
        "pairs": "same",
        "scoring_minutes": 5,
        "in_a_row": 4,
        "pause_minutes": 15,
        "candidate_rest_minutes": 15,
        "step_minutes": 5,
    }
    client.post(f"{url}regles/", rules)
    assert PlanSettings.objects.get().scoring_minutes == 5
    assert "Recherche en cours" in text(client.post(f"{url}chercher/", follow=True))
    assert "déjà en cours" in text(client.post(f"{url}chercher/", follow=True))
    run_tasks()
    page = text(client.get(url))
    assert "Un planning complet est trouvé : 2 entretiens, chaque candidat en un jour." in page
    assert "Mardi 1 décembre 2026" in page
    assert not Interview.objects.exists()
    run = session.plan_runs.get()
    done = text(client.post(f"/branche/recherches/{run.pk}/appliquer/", follow=True))
    assert "Le planning est appliqué" in done
    assert [one.start.hour for one in Interview.objects.order_by("start")] == [9, 9]
    assert "déjà appliqué" in text(client.post(f"/branche/recherches/{run.pk}/appliquer/", follow=True))


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, session, url):
    add_room(session=session, by=session.branch.administrators.first(), name="Salle Veil")
    page = client.post(f"{url}salles/", {"name": "salle  VEIL", "access": "Au fond"})
    assert page.status_code == 422
    assert "existe déjà" in text(page)
    assert 'value="Au fond"' in page.text
    page = client.post(f"{url}heures/", {"opens": "18:00", "closes": "9:00", "lunch_from": "12:00", "lunch_to": ""})
    assert "Indiquez le début et la fin du déjeuner" in text(page)
    assert client.post(f"{url}regles/", {"in_a_row": 0}).status_code == 422


def test_a_room_with_an_interview_stays(client, session, url):
    room = add_room(session=session, by=session.branch.administrators.first(), name="Salle Veil")
    enrolment = make.make_enrolment(session, blocs=[1])
    make.make_interview(enrolment.enrolment_blocs.get(), [], room="Salle Veil")
    page = text(client.post(f"/branche/salles/{room.pk}/retirer/", follow=True))
    assert "« Salle Veil » a 1 entretien : déplacez-le d'abord." in page
    Interview.objects.all().delete()
    client.post(f"/branche/salles/{room.pk}/retirer/")
    assert not Room.objects.exists()


def test_an_evaluators_blocs_and_days_are_kept(client, session, referentiel):
    alix = make.make_evaluator(session)
    url = f"/branche/nominations/{alix.pk}/disponibilites/"
    assert client.get(url).status_code == 200
    first = make.bloc(referentiel, 1)
    data = {
        "blocs": [first.pk],
        "is_reserve": "on",
        "at_most_per_day": 6,
        f"there_{TUESDAY}": "on",
        f"from_{TUESDAY}": "14:00",
    }
    client.post(url, data)
    alix.refresh_from_db()
    assert (alix.is_reserve, alix.at_most_per_day, list(alix.blocs.all())) == (True, 6, [first])
    (one,) = alix.availabilities.all()
    assert (one.date, one.from_time, one.to_time) == (TUESDAY, dt.time(14), dt.time(23, 59))
    every = [bloc.pk for bloc in referentiel.blocs.all()]
    client.post(url, {"blocs": every, f"there_{TUESDAY}": "on"})
    assert (alix.blocs.count(), alix.availabilities.count()) == (0, 0)
    page = client.post(url, {"blocs": every})
    assert "Cochez au moins un jour" in text(page)
    late = {f"from_{TUESDAY}": "14:00", f"to_{TUESDAY}": "12:00"}
    assert "L'heure de fin doit suivre" in text(client.post(url, data | late))


def test_an_absence_is_shown_before_it_is_noted(client, session):
    alix, karim, reserve = (make.make_evaluator(session) for _ in range(3))
    enrolment = make.make_enrolment(session, blocs=[1])
    start = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
    interview = make.make_interview(enrolment.enrolment_blocs.get(), [alix, karim], start=start)
    url = f"/branche/nominations/{alix.pk}/absence/"
    assert "Voir qui peut remplacer" in text(client.get(url))
    span = {"starts_at": "2026-12-01T00:00", "ends_at": "2026-12-01T23:59"}
    page = client.get(url, span)
    assert "1 entretien repris" in text(page)
    assert str(reserve.user) in text(page)
    take = {"take": f"{interview.pk}:{reserve.pk}"}
    assert "Motif" in text(client.post(url, span | take))
    done = client.post(url, span | take | {"reason": "Souffrante"}, follow=True)
    assert "est notée" in text(done)
    active = interview.assignments.filter(state="active").values_list("appointment", flat=True)
    assert set(active) == {karim.pk, reserve.pk}


def test_an_interview_is_locked_and_unlocked(client, session):
    interview = make.make_interview(make.make_enrolment(session, blocs=[1]).enrolment_blocs.get(), [])
    url = f"/branche/entretiens/{interview.pk}/figer/"
    assert "Ne plus figer" in text(client.post(url, {"locked": "1"}, follow=True))
    assert "Figer cet entretien" in text(client.post(url, {"locked": "0"}, follow=True))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_whatever_there_is(
    client, session, admin, url, count, run_tasks, django_assert_num_queries
):
    for n in range(count):
        add_room(session=session, by=admin, name=f"Salle {n}")
        for _ in range(2):
            make.make_evaluator(session)
        make.make_enrolment(session, blocs=[1])
    client.post(f"{url}chercher/")
    run_tasks()
    with django_assert_num_queries(15):
        client.get(url)


def test_a_rooms_days_are_kept_and_the_plan_obeys(client, session, run_tasks):
    room = add_room(session=session, by=session.branch.administrators.first(), name="Salle Veil")
    for _ in range(2):
        make.make_evaluator(session)
    make.make_enrolment(session, blocs=[1])
    url = f"/branche/salles/{room.pk}/"
    assert "Disponible" in client.get(url).text
    assert "Cochez au moins un jour" in client.post(url, {}).text
    day = {f"there_{TUESDAY}": "on"}
    response = client.post(url, day | {f"from_{TUESDAY}": "15:00", f"to_{TUESDAY}": "14:00"})
    assert response.status_code == 422
    assert "L'heure de fin doit suivre" in text(response)
    client.post(url, day | {f"from_{TUESDAY}": "16:00"})
    assert [(one.from_time, one.to_time) for one in room.availabilities.all()] == [(dt.time(16), dt.time(23, 59))]
    client.post(f"/branche/sessions/{session.pk}/planifier/chercher/")
    run_tasks()
    assert session.plan_runs.get().best[0]["start"] >= "2026-12-01T15:00"
    client.post(url, day)
    assert not room.availabilities.exists()
