"""A fresh proof before what opens an account changes: by password, by a code sent to one's own address."""

import time

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from cqp.models import Mail, User
from tests.candidates.enrolments.scene import person_of
from tests.cqp.accounts.test_accounts import CODE, CONFIRM, code_in, enter
from tests.factories import PASSWORD, make_admin, make_enrolment, make_session, make_user

PROVE, PROVE_BY_CODE = "/compte/reauthenticate/", "/compte/reauthenticate/code/"
SET, KEYS = "/compte/password/set/", "/compte/cles/ajouter/"
NEW = "cinq chevaux blancs et un âne"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def lea():
    return User.objects.create_user("lea@example.org", first_name="Léa")


@pytest.fixture
def stolen(lea):
    """A browser with nothing but a session of Léa's."""
    client = Client()
    client.force_login(lea)
    return client


def age(client, minutes: float) -> None:
    """Let every proof of the session be that old."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    session.save()


def prove(client, **more):
    client.post(PROVE_BY_CODE, {"send": ""})
    return client.post(PROVE_BY_CODE, {"code": code_in(outbox.outbox[-1]), **more})


@pytest.mark.parametrize("page", [SET, KEYS, "/compte/cles/1/retirer/"])
def test_a_bare_session_is_asked_for_a_proof(stolen, page):
    assert stolen.get(page)["Location"] == f"{PROVE_BY_CODE}?next={page.replace('/', '%2F')}"


def test_a_bare_session_sets_no_password_and_ends_no_other(stolen, lea):
    other = Client()
    other.force_login(lea)
    response = stolen.post(SET, {"password1": NEW, "password2": NEW})
    assert response["Location"] == SET
    lea.refresh_from_db()
    assert not lea.has_usable_password()
    assert other.get("/").status_code == 200
    assert NEW not in str(dict(stolen.session))


def test_a_bare_session_removes_no_address(stolen, lea):
    lea.emailaddress_set.create(email="autre@example.org")
    response = stolen.post("/compte/email/", {"action_remove": "", "email": "autre@example.org"})
    assert response["Location"].startswith(PROVE_BY_CODE)
    assert lea.emailaddress_set.filter(email="autre@example.org").exists()


def test_whoever_has_no_password_proves_by_a_code_and_comes_back(stolen, lea):
    assert "Recevoir un code" in stolen.get(f"{PROVE_BY_CODE}?next={SET}").text
    assert not outbox.outbox
    response = prove(stolen, next=SET)
    assert response["Location"] == SET
    assert outbox.outbox[0].to == [lea.email]
    assert stolen.post(SET, {"password1": NEW, "password2": NEW}).status_code == 302
    lea.refresh_from_db()
    assert lea.check_password(NEW)


def test_the_kept_mail_does_not_show_the_code(stolen):
    prove(stolen)
    assert code_in(outbox.outbox[0]) not in Mail.objects.get().body


def test_a_code_serves_once_and_not_in_another_session(stolen, lea):
    prove(stolen)
    code = code_in(outbox.outbox[0])
    assert "Code incorrect" in stolen.post(PROVE_BY_CODE, {"code": code}).text
    other = Client()
    other.force_login(lea)
    assert other.post(PROVE_BY_CODE, {"code": code}).status_code == 200
    assert other.get(SET).status_code == 302


def test_the_sixth_answer_to_a_code_is_not_compared(stolen):
    stolen.post(PROVE_BY_CODE, {"send": ""})
    for _ in range(5):
        assert "Code incorrect" in stolen.post(PROVE_BY_CODE, {"code": "BBBB-BBBB"}).text
    response = stolen.post(PROVE_BY_CODE, {"code": code_in(outbox.outbox[0])})
    assert "Attendez 15 minutes" in response.text
    assert stolen.get(SET).status_code == 302


def test_a_late_code_says_so(stolen, monkeypatch):
    stolen.post(PROVE_BY_CODE, {"send": ""})
    late = time.time() + 16 * 60
    monkeypatch.setattr("time.time", lambda: late)
    response = stolen.post(PROVE_BY_CODE, {"code": code_in(outbox.outbox[0])}, follow=True)
    assert "Ce code n'est plus valable" in response.text.replace("&#x27;", "'")
    assert stolen.get(SET).status_code == 302


def test_codes_are_not_sent_without_end(stolen):
    for _ in range(5):
        response = stolen.post(PROVE_BY_CODE, {"send": ""}, follow=True)
    assert "Trop de codes demandés" in response.text
    assert len(outbox.outbox) == 3


def test_entering_is_a_proof_for_ten_minutes(lea):
    client = Client()
    client.post(CODE, {"email": lea.email})
    client.post(CONFIRM, {"code": code_in(outbox.outbox[0])})
    assert person_of(client) == str(lea.pk)
    age(client, 9)
    assert client.get(SET).status_code == 200
    age(client, 2)
    assert client.get(SET)["Location"].startswith(PROVE_BY_CODE)


def test_whoever_has_a_password_is_asked_for_it_and_may_have_a_code_instead():
    user, client = make_user(), Client()
    client.force_login(user)
    response = client.get(KEYS, follow=True)
    assert response.redirect_chain[0][0].startswith(PROVE)
    assert f"{PROVE_BY_CODE}?next=" in response.text
    assert client.post(PROVE, {"password": "faux", "next": KEYS}).status_code == 200
    assert client.post(PROVE, {"password": PASSWORD, "next": KEYS})["Location"] == KEYS
    assert client.get(KEYS).status_code == 200


def test_wrong_passwords_are_counted_with_those_of_the_entrance():
    user, client = make_user(), Client()
    client.force_login(user)
    for _ in range(5):
        client.post(PROVE, {"password": "faux"})
    assert "Attendez 5 minutes" in enter(Client(), user.email).text


def test_an_administrator_proves_before_a_candidate_s_address_changes_and_types_it_once(branch, referentiel):
    enrolment, client = make_enrolment(make_session(referentiel)), Client()
    client.force_login(make_admin(branch))
    url = reverse("branch:enrolment_address", args=[enrolment.pk])
    response = client.post(url, {"email": "neuve@example.org"})
    assert response["Location"].startswith(PROVE)
    client.post(PROVE, {"password": PASSWORD, "next": url})
    enrolment.candidate.user.refresh_from_db()
    assert enrolment.candidate.user.email == "neuve@example.org"
