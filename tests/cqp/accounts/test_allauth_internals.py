"""What allauth does not document and we use: a failure here after an upgrade names the function to rewrite.

`cqp/accounts/allauth_internals.py` is the only module that may import it.
"""

import subprocess

import pytest
from allauth.core import context
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.db import SessionStore

from cqp.accounts.allauth_internals import last_proof_at, log_in, passkey_options, record_proof
from tests.factories import make_user


@pytest.fixture
def request_of_nobody(db, rf):
    request = rf.get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    MessageMiddleware(lambda request: None).process_request(request)
    with context.request_context(request):
        yield request


def test_no_other_module_imports_the_insides_of_allauth():
    command = ["git", "grep", "-lE", r"allauth\.([a-z_]+\.)*internal", "--", "*.py", ":!tests"]
    files = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    assert files == ["cqp/accounts/allauth_internals.py"]


def test_a_person_is_logged_in_by_a_method_of_ours_and_sent_on(request_of_nobody):
    lea = make_user("lea@example.org")
    answer = log_in(request_of_nobody, lea, method="invitation", redirect_url="/candidat/")
    assert (answer.status_code, answer["Location"]) == (302, "/candidat/")
    assert request_of_nobody.session["_auth_user_id"] == str(lea.pk)
    # Where allauth keeps how somebody entered: without it, it would ask for the password again.
    assert request_of_nobody.session["account_authentication_methods"][0]["method"] == "invitation"


def test_a_passkey_is_asked_to_stay_on_the_device_and_to_know_its_owner(request_of_nobody):
    selection = passkey_options(make_user("lea@example.org"))["publicKey"]["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")


def test_allauth_counts_by_our_mechanism_whatever_calls_its_limits(request_of_nobody, monkeypatch):
    from allauth.core import ratelimit as public
    from allauth.core.internal import ratelimit

    from cqp.accounts import allauth_limits
    from cqp.models import RateLimit

    assert ratelimit._consume_single_rate is allauth_limits.consume_single_rate
    assert ratelimit.clear is allauth_limits.clear
    monkeypatch.setattr(ratelimit, "cache", None)  # Nothing is left that asks it.
    request_of_nobody.method = "POST"
    for _ in range(3):
        assert public.consume(request_of_nobody, action="request_login_code", key="lea@example.org")
    assert not public.consume(request_of_nobody, action="request_login_code", key="lea@example.org", dry_run=True)
    assert not public.consume(request_of_nobody, action="request_login_code", key="lea@example.org")
    assert request_of_nobody.wait <= 60
    public.clear(request_of_nobody, action="request_login_code", key="lea@example.org")
    assert public.consume(request_of_nobody, action="request_login_code", key="lea@example.org")
    by_address = max(RateLimit.objects.values_list("count", flat=True))
    assert by_address == 5  # An account that proves itself forgets nothing of its address.


def test_a_proof_is_noted_where_allauth_looks_for_it(request_of_nobody):
    from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate

    lea = make_user("lea@example.org")
    assert last_proof_at(request_of_nobody, lea) == 0
    record_proof(request_of_nobody, lea, method="code")
    request_of_nobody.user = lea
    assert did_recently_reauthenticate(request_of_nobody)
    assert last_proof_at(request_of_nobody, lea) > 0
