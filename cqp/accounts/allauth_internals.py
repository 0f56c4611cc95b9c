"""What allauth does not document, in this one module. `tests/cqp/accounts/test_allauth_internals.py` says what breaks."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.internal.flows.reauthentication import resume_request, suspend_request
from allauth.account.models import Login
from allauth.core.exceptions import RateLimited
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import Rate as AllauthRate
from allauth.core.internal.ratelimit import get_cache_key as rate_key
from allauth.core.internal.ratelimit import get_rates as list_rates
from allauth.mfa.webauthn.internal.auth import begin_registration
from django.http import HttpRequest, HttpResponse

from cqp.models import User

__all__ = [
    "AllauthRate",
    "RateLimited",
    "get_login_attempt",
    "last_proof_at",
    "list_rates",
    "log_in",
    "passkey_options",
    "rate_key",
    "record_proof",
    "replace_rate_limits",
    "resume_request",
    "suspend_request",
]


def log_in(request: HttpRequest, user: User, *, method: str, redirect_url: str) -> HttpResponse:
    """Open the account of a person who proved who they are by `method`, and send them to `redirect_url`."""
    record_authentication(request, user, method=method)
    return perform_login(request, Login(user=user, email=user.email, redirect_url=redirect_url))


def passkey_options(user: User) -> dict[str, Any]:
    """Return what a browser needs to make a passkey that stays on the device and wants its owner's finger, face or code."""
    return begin_registration(user, passwordless=True)


def replace_rate_limits(*, consume: Callable[..., Any], clear: Callable[..., None]) -> None:
    """Have allauth count by `consume` and forget by `clear`, whatever calls its limits."""
    ratelimit._consume_single_rate = consume
    ratelimit.clear = clear


def get_login_attempt(request: HttpRequest) -> tuple[str, str]:
    """Return the address for which a login code was asked, and what tells this code from the next."""
    state = request._login_stage.state  # type: ignore[attr-defined]
    return state.get("email", ""), f"{state.get('email', '')}:{state['at']}"


def last_proof_at(request: HttpRequest, user: User) -> float:
    """Return when (seconds since 1970) the person last proved who they are in this session, entering included; 0: never."""
    return max((record["at"] for record in get_authentication_records(request, user)), default=0)


def record_proof(request: HttpRequest, user: User, *, method: str) -> None:
    """Note that the person, who is logged in, has just proved who they are."""
    record_authentication(request, user, method=method, reauthenticated=True)
