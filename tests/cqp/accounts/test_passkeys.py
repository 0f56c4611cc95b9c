"""A passkey enters instead of a code; it is never asked for on top of one."""

import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail as outbox
from django.test import Client
from django.urls import NoReverseMatch, reverse

from cqp.accounts.passkeys import device_name
from cqp.models import User
from tests.cqp.accounts.entering import enter_as
from tests.cqp.accounts.passkey import FLAG, Phone
from tests.cqp.accounts.test_accounts import CODE, CONFIRM, code_in
from tests.factories import PASSWORD, make_user

KEYS, ADD, ENTER = "/compte/cles/", "/compte/cles/ajouter/", "/compte/cles/entrer/"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea():
    return User.objects.create_user("lea@example.org", first_name="Léa")


@pytest.fixture
def in_space(lea):
    return enter_as(Client(headers={"User-Agent": IPHONE}), lea)


def add(client, phone, **more):
    page = client.get(ADD).content.decode()
    options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page)[1]))
    return client.post(ADD, {"credential": phone.create(options), "name": "Mon iPhone", **more})


def enter(client, phone, **more):
    options = client.get(ENTER, headers={"Accept": "application/json"}).json()["request_options"]
    return client.post(ENTER, {"credential": phone.get(options), **more})


def person_of(client) -> str | None:
    return client.session.get("_auth_user_id")


def test_candidate_adds_a_key_and_enters_with_it_without_a_code(lea, in_space):
    phone, later = Phone(), Client()
    assert add(in_space, phone)["Location"] == KEYS
    assert "Mon iPhone" in in_space.get(KEYS).content.decode()
    assert enter(later, phone)["Location"] == "/"
    assert person_of(later) == str(lea.pk)


def test_key_brings_back_to_the_page_that_was_asked_for_and_to_no_other_site(lea, in_space):
    phone = Phone()
    assert add(in_space, phone, next="/candidat/")["Location"] == "/candidat/"
    assert enter(Client(), phone, next="/candidat/")["Location"] == "/candidat/"
    assert enter(Client(), phone, next="https://ailleurs.example/")["Location"] == "/"


def test_key_has_the_name_of_the_device_and_a_number_from_the_second_on(lea, in_space):
    assert 'value="iPhone"' in in_space.get(ADD).content.decode()
    add(in_space, Phone(), name="iPhone")
    assert 'value="iPhone 2"' in in_space.get(ADD).content.decode()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (IPHONE, "iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/131.0 Mobile Safari/537.36", "Téléphone Android"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Safari/537.36", "Tablette Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0", "Ordinateur Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "Mac"),
        ("", "Mon appareil"),
    ],
)
def test_device_is_named_as_people_say(user_agent, name):
    assert device_name(user_agent) == name


def test_person_is_told_by_mail_of_a_key_added_and_of_one_removed(lea, in_space):
    add(in_space, Phone())
    in_space.post(f"{KEYS}{Authenticator.objects.get().pk}/retirer/")
    assert [message.subject for message in outbox.outbox] == [
        "Une clé d'accès ouvre votre espace",
        "Une clé d'accès a été retirée",
    ]
    assert outbox.outbox[0].to == [lea.email]


def test_candidate_who_lost_the_phone_enters_with_a_code_and_removes_its_key(lea, in_space):
    add(in_space, Phone())
    client = Client()
    client.post(CODE, {"email": lea.email})
    response = client.post(CONFIRM, {"code": code_in(outbox.outbox[-1])})
    assert response["Location"] == "/"
    assert person_of(client) == str(lea.pk)
    key = Authenticator.objects.get()
    assert client.get(f"{KEYS}{key.pk}/retirer/").status_code == 200
    assert client.post(f"{KEYS}{key.pk}/retirer/")["Location"] == KEYS
    assert not Authenticator.objects.exists()


def test_password_is_enough_for_whoever_has_a_key(client):
    user = make_user()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "iPhone", "credential": {}})
    client.post("/compte/login/", {"login": user.email, "password": PASSWORD})
    assert person_of(client) == str(user.pk)


def test_removed_key_opens_nothing(lea, in_space):
    phone = Phone()
    add(in_space, phone)
    Authenticator.objects.all().delete()
    client = Client()
    page = client.get(enter(client, phone)["Location"]).content.decode()
    assert "n'a pas été reconnue" in html.unescape(page)
    assert person_of(client) is None


def test_key_whose_owner_proved_nothing_is_neither_added_nor_let_in(lea, in_space):
    found = Phone(flags=FLAG.UP)
    assert "pas été ajoutée" in add(in_space, found).content.decode()
    assert not Authenticator.objects.exists()
    phone, client = Phone(), Client()
    add(in_space, phone)
    phone.flags = FLAG.UP
    enter(client, phone)
    assert person_of(client) is None


def test_another_phone_cannot_answer_for_a_key(lea, in_space):
    phone, client = Phone(), Client()
    add(in_space, phone)
    enter(client, Phone(user=phone.user))
    assert person_of(client) is None


def test_answer_serves_once(lea, in_space):
    phone, client = Phone(), Client()
    add(in_space, phone)
    options = client.get(ENTER, headers={"Accept": "application/json"}).json()["request_options"]
    answer = phone.get(options)
    other = Client()
    other.get(ENTER, headers={"Accept": "application/json"})
    other.post(ENTER, {"credential": answer})
    assert person_of(other) is None
    client.post(ENTER, {"credential": answer})
    assert person_of(client) == str(lea.pk)


def test_another_site_cannot_pass_on_an_answer_in_production(lea, in_space, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    phone = Phone(origin="https://testserver")
    add(in_space, phone)
    assert Authenticator.objects.count() == 1
    phone.origin = "https://ailleurs.example"
    client = Client()
    enter(client, phone)
    assert person_of(client) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '"x"',
        "{}",
        '{"response": 3}',
        '{"response": {"userHandle": null}}',
        '{"response": {"userHandle": "AAAA"}}',
        '{"id": "x", "rawId": 3, "response": {}}',
    ],
)
def test_answer_that_is_none_is_refused_and_breaks_nothing(in_space, text):
    client = Client()
    client.get(ENTER, headers={"Accept": "application/json"})
    assert client.post(ENTER, {"credential": text}).status_code == 302
    assert person_of(client) is None
    in_space.get(ADD)
    assert in_space.post(ADD, {"credential": text}).status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("garbage", ["", "AAAA", "oWFhAQ", 3, None, "e30", "é"])
def test_key_with_a_part_garbled_is_refused_and_breaks_nothing(in_space, field, garbage):
    page = in_space.get(ADD).content.decode()
    options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page)[1]))
    told = json.loads(Phone().create(options))
    told["response"][field] = garbage
    assert "pas été ajoutée" in in_space.post(ADD, {"credential": json.dumps(told)}).content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("garbage", ["", "AAAA", "oWFhAQ", 3, None, "e30", "é"])
def test_answer_with_a_part_garbled_is_refused_and_breaks_nothing(in_space, field, garbage):
    phone, client = Phone(), Client()
    add(in_space, phone)
    told = json.loads(phone.get(client.get(ENTER, headers={"Accept": "application/json"}).json()["request_options"]))
    told["response"][field] = garbage
    assert client.post(ENTER, {"credential": json.dumps(told)}).status_code == 302
    assert person_of(client) is None


def test_another_person_s_key_is_a_404(lea, in_space):
    key = Authenticator.objects.create(user=make_user(), type="webauthn", data={"name": "iPhone", "credential": {}})
    assert in_space.get(f"{KEYS}{key.pk}/retirer/").status_code == 404
    assert in_space.post(f"{KEYS}{key.pk}/retirer/").status_code == 404
    assert "iPhone" not in in_space.get(KEYS).content.decode()
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("page", [ADD, f"{KEYS}1/retirer/"])
def test_whoever_has_a_password_gives_it_before_their_keys_change(client, page):
    client.force_login(make_user())
    assert client.get(page)["Location"].startswith("/compte/reauthenticate/")
    client.post("/compte/reauthenticate/", {"password": PASSWORD})
    assert client.get(ADD).status_code == 200


@pytest.mark.parametrize("name", ["mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp",
                                  "mfa_view_recovery_codes", "mfa_edit_webauthn"])  # fmt: skip
def test_other_second_factors_have_no_page(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("page", ["/compte/login/", KEYS, ADD])
def test_pages_have_no_script_of_their_own(in_space, client, page):
    """The site's security policy would refuse it."""
    content = (client if "login" in page else in_space).get(page).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", content)
    assert " style=" not in content
