"""allauth's limits, counted by `cqp.web.rate_limits`: its own read a list from the cache and write it back, which loses some.

`install` is called once, at start, by `cqp.apps`. Which limits there are is said in the settings (ACCOUNT_RATE_LIMITS).
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from cqp.accounts.allauth_internals import (
    AllauthRate,
    RateLimited,
    list_rates,
    rate_key,
    replace_rate_limits,
)
from cqp.web.rate_limits import Attempt, Rate, count_attempt, forget, is_exhausted, too_many


@dataclass(frozen=True)
class Usage:
    """What allauth keeps of an attempt, to take it back."""

    attempt: Attempt

    def rollback(self) -> None:
        self.attempt.withdraw()


def install() -> None:
    replace_rate_limits(consume=consume_single_rate, clear=clear)


def consume_single_rate(
    request: HttpRequest,
    *,
    app: str,
    action: str,
    rate: AllauthRate,
    key: str | None = None,
    user: Any = None,
    dry_run: bool = False,
    raise_exception: bool = False,
) -> Usage | None:
    """Count an attempt under one rate; None past it. The wait is noted on the request, for whoever words the refusal."""
    counted = Rate(rate_key(request, app=app, action=action, rate=rate, key=key, user=user), rate.amount, rate.duration)
    attempt = (is_exhausted(counted) or Attempt(counted, True, 0)) if dry_run else count_attempt(counted)
    if attempt.is_allowed:
        return Usage(attempt)
    request.wait = attempt.wait  # type: ignore[attr-defined]
    if raise_exception:
        raise RateLimited
    return None


def clear(
    request: HttpRequest, *, app: str, action: str, config: Any = None, key: Any = None, user: Any = None
) -> None:
    """Forget the attempts on an account whose owner proved who they are. Those of their address stay.

    One's own account must not reset what is counted of an address from which others are attacked.
    """
    for rate in list_rates(app=app, action=action, config=config):
        if rate.per != "ip":
            forget(rate_key(request, app=app, action=action, rate=rate, key=key, user=user))


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """The page that allauth answers with, under the name `handler429` of `cqp.urls`."""
    return too_many(request, getattr(request, "wait", 60))
