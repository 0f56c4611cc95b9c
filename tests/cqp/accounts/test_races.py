"""200 attempts at once, each on its own connection: no more are evaluated than one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import allauth.account.forms
import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import Client

from cqp.models import User
from tests.cqp.accounts.test_accounts import CODE, CONFIRM, LOGIN
from tests.factories import make_user

AT_ONCE = 200

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.usefixtures("committed_referentiel")]


def all_at_once(act) -> list:
    """Do `act(n)` for each of AT_ONCE, as many at a time as there are threads; return what each returned."""
    threads = 20
    gate = threading.Barrier(threads)

    def alone(n: int):
        if n < threads:
            gate.wait(60)
        try:
            return act(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(alone, range(AT_ONCE)))


def waits_of(responses) -> set[str]:
    return {
        text
        for response in responses
        for text in ("Attendez 5 minutes", "Attendez une minute")
        if text in response.text
    }


def test_of_200_wrong_passwords_for_one_account_five_are_evaluated(monkeypatch):
    user, evaluated, check = make_user(), [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda self, raw: evaluated.append(raw) or check(self, raw))
    addresses = [f"203.0.113.{n}" for n in range(AT_ONCE)]
    responses = all_at_once(
        lambda n: Client(REMOTE_ADDR=addresses[n]).post(LOGIN, {"login": user.email, "password": f"faux {n}"})
    )
    assert len(evaluated) == 5
    assert waits_of(responses) == {"Attendez 5 minutes"}


def test_of_200_codes_asked_from_one_address_20_leave(monkeypatch):
    people = [make_user() for _ in range(AT_ONCE)]
    all_at_once(lambda n: Client().post(CODE, {"email": people[n].email}))
    assert len(outbox.outbox) == 20


def test_of_200_answers_to_one_code_five_are_compared(monkeypatch):
    user, client, compared = make_user(), Client(), []
    client.post(CODE, {"email": user.email})
    compare = allauth.account.forms.compare_user_code
    monkeypatch.setattr(
        allauth.account.forms, "compare_user_code", lambda **codes: compared.append(codes) or compare(**codes)
    )

    def answer(n: int):
        same = Client(REMOTE_ADDR=f"203.0.113.{n}")
        same.cookies = client.cookies.copy()
        return same.post(CONFIRM, {"code": "BBBB-BBBB"})

    all_at_once(answer)
    assert len(compared) == 5
