"""What allauth does not document, in this one module. `tests/cqp/accounts/test_allauth_internals.py` says what breaks."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.http import HttpRequest, HttpResponse

from cqp.models import User


def log_in(request: HttpRequest, user: User, *, method: str, redirect_url: str) -> HttpResponse:
    """Open the account of a person who proved who they are by `method`, and send them to `redirect_url`."""
    record_authentication(request, user, method=method)
    return perform_login(request, Login(user=user, email=user.email, redirect_url=redirect_url))


def passkey_options(user: User) -> dict[str, Any]:
    """Return what a browser needs to make a passkey that stays on the device and wants its owner's finger, face or code."""
    return begin_registration(user, passwordless=True)
