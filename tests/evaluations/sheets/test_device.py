"""What a device is given: its key, the day to keep, the worker, the manifest."""

import base64
import datetime as dt
import json

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from cqp.models import LocalKey
from evaluations.models import ScoringSheet
from evaluations.sheets.day import prepare_day
from tests import factories as make
from tests.evaluations.sheets.screen import add_dossier, url
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


def plan_today(session, evaluators, *, days=0, blocs=(1,)):
    """An interview of today (or in some days) at noon, in the session's zone."""
    start = dt.datetime.combine(timezone.localdate() + dt.timedelta(days=days), dt.time(12), session.zone)
    enrolment = make.make_enrolment(session, blocs=list(blocs))
    return make.make_interview(enrolment.enrolment_blocs.get(), evaluators, start=start)


@pytest.fixture
def session(referentiel):
    today = timezone.localdate()
    return make.make_session(
        referentiel,
        state="interviews",
        deposit_closes_at=timezone.now(),
        interviews_from=today,
        interviews_to=today + dt.timedelta(days=2),
    )


@pytest.fixture
def alix(session):
    return make.make_evaluator(session)


@pytest.fixture
def as_alix(client, alix):
    client.force_login(alix.user)
    return client


# --- The key


def test_an_evaluator_gets_the_same_key_on_each_device_and_no_cache_keeps_it(as_alix, alix):
    first, second = as_alix.post(url("key")), as_alix.post(url("key"))
    assert first.json()["key"] == second.json()["key"]
    assert first.json()["user"] == alix.user.pk
    assert base64.b64decode(first.json()["key"]) == bytes(LocalKey.objects.get(user=alix.user).key)
    assert len(base64.b64decode(first.json()["key"])) == 32
    assert first.headers["Cache-Control"] == "no-store"


def test_two_evaluators_have_two_keys(as_alix, client, session):
    alix = as_alix.post(url("key")).json()["key"]
    client.force_login(make.make_evaluator(session).user)
    assert client.post(url("key")).json()["key"] != alix


def test_whoever_evaluates_nothing_gets_no_key(client, session):
    for person in (make.make_juror(session).user, make.make_admin(session.branch), make.make_user()):
        client.force_login(person)
        assert client.post(url("key")).status_code == 404
    assert not LocalKey.objects.exists()


def test_a_key_is_not_given_to_a_get_nor_without_login(as_alix, client):
    assert as_alix.get(url("key")).status_code == 405
    client.logout()
    assert client.post(url("key")).status_code == 401


# --- The day


def test_the_day_opens_the_sheets_of_today_and_tomorrow_and_says_what_to_keep(as_alix, alix, session):
    bea = make.make_evaluator(session)
    today, tomorrow = plan_today(session, [alix, bea]), plan_today(session, [alix], days=1)
    plan_today(session, [alix], days=2)
    plan_today(session, [bea])
    stored = add_dossier(today, pages=3, rendered=2)
    first, second = as_alix.post(url("day")).json()["interviews"]
    sheet = today.sheets.get(assignment__appointment=alix)
    assert first["interview"] == today.pk
    assert second["interview"] == tomorrow.pk
    assert first["title"] == f"{today.enrolment_bloc.enrolment.candidate}, bloc 1"
    assert first["sheet"] == url("sheet", sheet.pk)
    assert first["urls"] == [url("sheet", sheet.pk), url("prepare", today.pk)]
    assert first["images"] == [f"/fichiers/{stored.key}/pages/{number}.webp" for number in (1, 2)]
    assert second["images"] == []
    end = dt.datetime.fromtimestamp(first["expires"] / 1000, session.zone)
    assert (end.date(), end.hour) == (session.interviews_to, 23)


def test_each_page_to_keep_is_one_that_the_evaluator_may_read(as_alix, alix, session):
    plan_today(session, [alix])
    (one,) = as_alix.post(url("day")).json()["interviews"]
    for address in one["urls"]:
        page = as_alix.get(address)
        assert page.status_code == 200
        assert f'data-person="{alix.user.pk}"' in page.text


def test_preparing_the_day_twice_opens_nothing_twice(alix, session):
    interview = plan_today(session, [alix])
    first, second = prepare_day(by=alix.user), prepare_day(by=alix.user)
    assert [sheet.pk for sheet in first] == [sheet.pk for sheet in second]
    assert interview.sheets.count() == 1
    assert first[0].scores.count() == 25


def test_the_day_holds_nothing_before_the_undertaking_nor_of_an_interview_left(as_alix, alix, session):
    interview = plan_today(session, [alix])
    interview.assignments.update(state="replaced")
    assert as_alix.post(url("day")).json()["interviews"] == []
    interview.assignments.update(state="active")
    alix.undertaking_signed_at = None
    alix.save()
    assert as_alix.post(url("day")).json()["interviews"] == []
    assert not ScoringSheet.objects.exists()


def test_the_day_holds_nothing_of_a_session_before_its_interviews(as_alix, alix, session):
    plan_today(session, [alix])
    session.state = "deposit"
    session.save()
    assert as_alix.post(url("day")).json()["interviews"] == []


def test_a_signed_sheet_is_no_longer_to_be_kept(as_alix, alix, session):
    interview = plan_today(session, [alix, make.make_evaluator(session)])
    (sheet,) = prepare_day(by=alix.user)
    type(interview).objects.update(state="finished", started_at=timezone.now(), finished_at=timezone.now())
    assert len(as_alix.post(url("day")).json()["interviews"]) == 1
    score_all(alix.user, sheet)
    sign(alix.user, sheet)
    assert as_alix.post(url("day")).json()["interviews"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_day_made_ready_is_read_again_in_eight_queries(as_alix, alix, session, count, django_assert_num_queries):
    for _ in range(count):
        add_dossier(plan_today(session, [alix]))
    as_alix.post(url("day"))
    with django_assert_num_queries(8):
        as_alix.post(url("day"))


# --- The application on the tablet


def test_the_worker_is_always_asked_anew_and_names_every_asset(client):
    response = client.get(url("service_worker"))
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Cache-Control"] == "no-cache"
    options = json.loads(response.text[response.text.index("serve(") + 6 : response.text.rindex(")")])
    assert "/static/js/scoring/scoring.js" in options["assets"]
    assert "/static/vendor/bootstrap.min.css" in options["assets"]
    assert options["shell"] == url("offline")
    for asset in options["assets"]:
        assert finders.find(asset.removeprefix("/static/")), asset


def test_the_page_without_the_network_is_the_same_for_everyone_and_names_nobody(as_alix, alix, client):
    mine = as_alix.get(url("offline"))
    client.logout()
    nobody = client.get(url("offline"))
    assert "data-person" not in nobody.text
    assert str(alix.user) not in nobody.text
    assert mine.status_code == nobody.status_code == 200


def test_the_manifest_makes_the_site_an_application(client):
    manifest = client.get(url("manifest"))
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    content = manifest.json()
    assert content["start_url"] == url("home")
    assert {icon["sizes"] for icon in content["icons"]} == {"192x192", "512x512"}
    for icon in content["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def test_the_home_page_offers_to_prepare_the_day_and_says_who_is_there(as_alix, alix):
    page = as_alix.get(url("home")).text
    assert f'data-person="{alix.user.pk}"' in page
    assert "Préparer ma journée" in page
    assert '<link rel="manifest" href="/evaluateur/manifest.webmanifest">' in page


def test_pages_of_others_have_no_worker(client, session):
    client.force_login(make.make_admin(session.branch))
    assert "data-worker" not in client.get(session.get_absolute_url()).text
