"""Whom to call is at the foot of every page, before the login too, and of the pages of what went wrong."""

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse

from candidates.enrolments.invitations import link_token
from cqp.accounts import roles
from tests.factories import make_branch, make_enrolment, make_invitation, make_session, make_user

pytestmark = pytest.mark.django_db
TELEPHONE = "tel:0102030405"
LOGIN, CODE = "/compte/login/", "/compte/login/code/"


@pytest.fixture
def branch(referentiel):
    branch = referentiel.branch
    branch.telephone, branch.address = "01 02 03 04 05", "12 rue des Entrepreneurs"
    branch.save()
    return branch


def foot(response) -> str:
    return response.content.decode().partition('<footer class="site-footer">')[2]


@pytest.mark.parametrize("page", [LOGIN, CODE, "/compte/password/reset/", "/compte/signup/", "/nulle-part/"])
def test_visitor_finds_the_branch_on_every_page(client, branch, page):
    response = client.get(page)
    assert TELEPHONE in foot(response)
    assert "12 rue des Entrepreneurs" in foot(response)


def test_person_who_waits_for_a_code_finds_the_branch(client, branch):
    assert TELEPHONE in foot(client.post(CODE, {"email": "lea@example.org"}, follow=True))


def test_person_without_a_role_finds_the_branch(client, branch):
    client.force_login(make_user())
    assert TELEPHONE in foot(client.get("/compte/cles/"))
    assert TELEPHONE in foot(client.get("/"))


def test_invited_person_finds_their_own_branch_only(client, branch, referentiel):
    other = make_branch()
    other.telephone = "09 08 07 06 05"
    other.save()
    invitation = make_invitation(make_enrolment(make_session(referentiel)))
    found = foot(client.get(reverse("candidate:invitation", args=[link_token(invitation)])))
    assert TELEPHONE in found
    assert "09 08 07 06 05" not in found
    unknown = foot(client.get(reverse("candidate:invitation", args=["0" * 96])))
    assert TELEPHONE in unknown
    assert "09 08 07 06 05" in unknown


def test_stale_form_says_whom_to_call(branch):
    assert TELEPHONE in foot(Client(enforce_csrf_checks=True).post(LOGIN))


def test_too_many_tries_say_whom_to_call(client, branch):
    answers = [client.post("/compte/password/reset/", {"email": "lea@example.org"}) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert TELEPHONE in foot(answers[-1])


def test_mail_that_did_not_leave_says_whom_to_call(client, branch, monkeypatch):
    def refuse(self, messages):
        raise OSError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    response = client.post(CODE, {"email": "lea@example.org"})
    assert response.status_code == 503
    assert TELEPHONE in foot(response)


def test_unreadable_request_says_whom_to_call(client, branch, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    response = client.post(LOGIN, {"login": "a", "password": "b"})
    assert response.status_code == 400
    assert TELEPHONE in foot(response)


def test_error_page_says_whom_to_call_and_asks_the_database_nothing(rf, client, branch, monkeypatch):
    from cqp.home.views import server_error

    monkeypatch.setattr(roles, "LAST_CONTACTS", [])
    client.get(LOGIN)

    def refuse(execute, *args):
        raise AssertionError("a query")

    with connection.execute_wrapper(refuse):
        response = server_error(rf.get("/"))
    assert TELEPHONE in foot(response)
