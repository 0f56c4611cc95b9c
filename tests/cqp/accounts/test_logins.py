"""Where one is logged in: who stays for how long, the list, the end of one session and of all."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cqp.accounts.logins import describe
from cqp.models import LoginSession
from tests.cqp.accounts.test_accounts import enter
from tests.factories import PASSWORD, make_admin, make_evaluator, make_session, make_user

LOGINS, END_ALL = "/compte/connexions/", "/compte/connexions/fin/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def log_in(user, **headers) -> Client:
    client = Client(headers=headers)
    enter(client, user.email)
    return client


def row_of(client) -> LoginSession:
    return LoginSession.objects.get(pk=client.session.session_key)


def entered_ago(client, hours: float) -> None:
    session = client.session
    session["entered_at"] -= hours * 3600
    session.save()
    seen_ago(client, minutes=2)


def seen_ago(client, **ago) -> None:
    LoginSession.objects.filter(pk=client.session.session_key).update(seen_at=timezone.now() - dt.timedelta(**ago))


def is_in(client) -> bool:
    return client.get("/").status_code == 200


@pytest.fixture
def admin(branch):
    return make_admin(branch)


def test_an_administrator_is_out_after_twelve_hours_however_busy_and_is_told_why(admin):
    client = log_in(admin)
    entered_ago(client, 11.9)
    assert is_in(client)
    entered_ago(client, 0.1)
    sessions = reverse("branch:sessions")
    response = client.get(sessions, follow=True)
    assert response.redirect_chain == [(f"/compte/login/?next={sessions}", 302)]
    assert "après douze heures" in response.text
    assert not LoginSession.objects.filter(user=admin).exists()


def test_an_administrator_is_out_after_two_idle_hours(admin):
    client = log_in(admin)
    seen_ago(client, minutes=119)
    assert is_in(client)
    seen_ago(client, minutes=121)
    assert "deux heures sans activité" in client.get("/", follow=True).text
    assert not is_in(client)


def test_whoever_administers_the_site_is_out_too_and_a_json_endpoint_answers_401():
    user = make_user()
    user.is_staff = True
    user.save()
    client = log_in(user)
    seen_ago(client, hours=3)
    assert client.get(reverse("evaluator:person")).status_code == 401


def test_evaluators_and_candidates_stay_logged_in(referentiel):
    client = log_in(make_evaluator(make_session(referentiel)).user)
    entered_ago(client, 100)
    seen_ago(client, hours=50)
    assert is_in(client)


def test_whoever_becomes_an_administrator_has_the_short_session_from_then_on(branch):
    user = make_user()
    client = log_in(user)
    entered_ago(client, 13)
    assert is_in(client)
    branch.administrators.add(user)
    seen_ago(client, minutes=2)
    assert not is_in(client)


def test_a_session_is_seen_once_a_minute_and_not_by_what_a_page_asks_by_itself(admin):
    client = log_in(admin)
    seen_ago(client, minutes=90)
    client.get("/", headers={"X-Automatic": "1"})
    assert timezone.now() - row_of(client).seen_at > dt.timedelta(minutes=89)
    client.get("/")
    seen = row_of(client).seen_at
    assert timezone.now() - seen < dt.timedelta(minutes=89)
    client.get("/")
    assert row_of(client).seen_at == seen


def test_a_person_finds_their_devices_this_one_first_and_no_address(admin):
    client, other = log_in(admin, user_agent=FIREFOX), log_in(admin, user_agent=CHROME)
    log_in(make_user(), user_agent=CHROME.replace("Mobile ", ""))
    other.get("/")
    page = client.get(LOGINS).text
    assert page.index("Firefox, Ordinateur Windows") < page.index("Chrome, Téléphone Android")
    assert page.count("cet appareil") == 1
    assert "Tablette" not in page
    assert "127.0.0.1" not in page
    assert client.session.session_key not in page


def test_one_device_is_ended_and_the_other_stays(admin):
    client, other = log_in(admin, user_agent=FIREFOX), log_in(admin, user_agent=CHROME)
    ends = re.findall(r'action="(/compte/connexions/[0-9a-f]+/fin/)"', client.get(LOGINS).text)
    response = client.post(ends[1], follow=True)
    assert "Cet appareil est déconnecté" in response.text
    assert is_in(client)
    assert not is_in(other)
    assert client.post(ends[1]).status_code == 404
    assert client.post(ends[0])["Location"] == "/compte/login/"
    assert not is_in(client)


def test_nobody_ends_the_session_of_another(admin):
    client, theirs = log_in(admin), log_in(make_user())
    end = re.search(r'action="(/compte/connexions/[0-9a-f]+/fin/)"', theirs.get(LOGINS).text)[1]
    assert client.post(end).status_code == 404
    assert is_in(theirs)


def test_all_devices_are_ended_at_once(admin):
    client, other, theirs = log_in(admin), log_in(admin), log_in(make_user())
    assert client.post(END_ALL)["Location"] == "/compte/login/"
    assert [is_in(one) for one in (client, other, theirs)] == [False, False, True]


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one():
    user = make_user()
    client, other = log_in(user), log_in(user)
    new = "cinq chevaux blancs et un âne"
    client.post("/compte/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_in(client)
    assert not is_in(other)
    assert list(LoginSession.objects.filter(user=user)) == [row_of(client)]


def test_a_new_password_does_not_make_a_session_younger(branch):
    client = log_in(make_admin(branch))
    entered_ago(client, 11)
    new = "cinq chevaux blancs et un âne"
    client.post("/compte/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    entered_ago(client, 1)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox, Ordinateur Windows"),
        (CHROME, "Chrome, Téléphone Android"),
        (CHROME + " Edg/131.0", "Edge, Téléphone Android"),
        ("curl/8.0", "Appareil inconnu"),
        ("", "Appareil inconnu"),
    ],
)
def test_a_session_is_described_as_people_say(user_agent, device):
    assert describe(user_agent) == device


@pytest.mark.parametrize("devices", [1, 3])
def test_the_list_costs_the_same(django_assert_num_queries, devices):
    user = make_user()
    clients = [Client() for _ in range(devices)]
    for client in clients:
        client.force_login(user)
    client = clients[0]
    client.get(LOGINS)
    with django_assert_num_queries(5):
        page = client.get(LOGINS).text
    assert page.count(">Déconnecter<") == devices
