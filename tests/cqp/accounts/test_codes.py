"""The code by mail: its life, its tries, a late one, another one."""

import time

import pytest
from django.core import mail as outbox
from django.test import Client

from cqp.models import Mail, User
from tests.cqp.accounts.test_accounts import CODE, CONFIRM, UNKNOWN, code_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_person_enters_with_a_code_and_the_kept_mail_does_not_show_it(client):
    user = make_user()
    response = client.post(CODE, {"email": user.email})
    assert response["Location"] == CONFIRM
    code = code_in(outbox.outbox[0])
    kept = Mail.objects.get()
    assert (kept.to, kept.subject, kept.state) == (user.email, "Votre code pour entrer", "sent")
    assert code not in kept.body
    assert code.replace("-", "") not in kept.body
    assert "[code masqué]" in kept.body
    assert client.get(CONFIRM).status_code == 200
    response = client.post(CONFIRM, {"code": code})
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_code_serves_once(client):
    user = make_user()
    client.post(CODE, {"email": user.email})
    code = code_in(outbox.outbox[0])
    client.post(CONFIRM, {"code": code})
    client.logout()
    assert client.post(CONFIRM, {"code": code})["Location"] == CODE
    assert "_auth_user_id" not in client.session


def test_fifth_wrong_code_ends_the_attempt_and_the_right_one_comes_too_late(client):
    user = make_user()
    client.post(CODE, {"email": user.email})
    code = code_in(outbox.outbox[0])
    for _ in range(4):
        assert "Code incorrect" in client.post(CONFIRM, {"code": "AAAA-AAAA"}).content.decode()
    assert client.post(CONFIRM, {"code": "AAAA-AAAA"})["Location"] == CODE
    client.post(CONFIRM, {"code": code})
    assert "_auth_user_id" not in client.session


def test_fourth_request_of_a_code_within_a_minute_is_refused(client):
    user = make_user()
    answers = [Client().post(CODE, {"email": user.email}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "Attendez une minute" in answers[3].content.decode()
    assert len(outbox.outbox) == 3


@pytest.fixture
def later(monkeypatch):
    """Return a function that lets seconds pass for the codes."""
    now = time.time()

    def wait(seconds: int) -> None:
        monkeypatch.setattr("time.time", lambda: now + seconds)

    return wait


def test_a_code_lives_a_quarter_of_an_hour_as_the_page_and_the_mail_say(client, later):
    user = make_user()
    client.post(CODE, {"email": user.email})
    assert "pendant 15 minutes" in outbox.outbox[0].body
    assert "pendant 15 minutes" in client.get(CONFIRM).text
    later(14 * 60)
    assert client.post(CONFIRM, {"code": code_in(outbox.outbox[0])})["Location"] == "/"


@pytest.mark.parametrize("minutes", [16, 70])
def test_a_late_code_says_so_and_the_address_is_still_there(client, later, minutes):
    user = make_user()
    client.post(CODE, {"email": user.email})
    later(minutes * 60)
    response = client.post(CONFIRM, {"code": code_in(outbox.outbox[0])}, follow=True)
    assert response.redirect_chain[-1][0] == CODE
    page = response.text.replace("&#x27;", "'")
    assert "Ce code n'est plus valable : un code sert pendant 15 minutes." in page
    assert f'value="{user.email}"' in page
    assert "_auth_user_id" not in client.session


def test_a_page_that_waited_too_long_says_so_when_it_is_loaded_again(client, later):
    client.post(CODE, {"email": UNKNOWN})
    later(16 * 60)
    assert "Ce code n'est plus valable" in client.get(CONFIRM, follow=True).text.replace("&#x27;", "'")


def test_person_who_waits_for_a_code_may_ask_for_another_or_change_the_address(client):
    user = make_user()
    client.post(CODE, {"email": UNKNOWN})
    response = client.post("/compte/login/code/autre/", follow=True)
    assert response.redirect_chain[-1][0] == CODE
    assert f'value="{UNKNOWN}"' in response.text
    client.post(CODE, {"email": user.email})
    client.post(CONFIRM, {"code": code_in(outbox.outbox[1])})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_code_for_an_unknown_address_looks_the_same_and_says_so_by_mail_only(client):
    response = client.post(CODE, {"email": UNKNOWN})
    assert response["Location"] == CONFIRM
    page = client.get(CONFIRM)
    assert page.status_code == 200
    message = outbox.outbox[0]
    assert (message.to, message.subject) == ([UNKNOWN], "Aucun compte à cette adresse")
    assert "http" not in message.body
    assert not User.objects.filter(email=UNKNOWN).exists()
