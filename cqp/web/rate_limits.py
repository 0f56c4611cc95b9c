"""How often something may be tried: the one mechanism of the site's limits, allauth's among them.

An attempt is counted before it is evaluated, by one statement of the database: of any number at once, those that come past
the limit are refused. The attempt that reaches the limit begins the whole wait, and nothing makes a wait shorter. Never count
inside a transaction: what is rolled back was not counted.
"""

import datetime as dt
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from cqp.models import RateLimit

COUNT = """
INSERT INTO cqp_ratelimit (key, count, until) VALUES (%(key)s, 1, %(end)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN cqp_ratelimit.until <= %(now)s THEN 1 ELSE cqp_ratelimit.count + 1 END,
    until = CASE
        WHEN cqp_ratelimit.until <= %(now)s THEN %(end)s
        WHEN cqp_ratelimit.count + 1 = %(amount)s AND cqp_ratelimit.until < %(end)s THEN %(end)s
        ELSE cqp_ratelimit.until
    END
RETURNING count, until
"""


@dataclass(frozen=True)
class Rate:
    """At most `amount` attempts under `key` within `seconds`. `key` may name a person or an address: its digest is kept."""

    key: str
    amount: int
    seconds: float


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted. `until` (seconds since 1970): when those that are refused may try again."""

    rate: Rate
    is_allowed: bool
    until: float

    @property
    def wait(self) -> int:
        """Whole seconds to wait, at least one."""
        return max(1, math.ceil(self.until - time.time()))

    def withdraw(self) -> None:
        """Count it no more: it was no miss. A wait that has begun stays as long."""
        RateLimit.objects.filter(key=_digest(self.rate.key), count__gt=0).update(count=F("count") - 1)


def count_attempt(rate: Rate) -> Attempt:
    """Count an attempt and tell whether it may be evaluated."""
    now = time.time()
    values: dict[str, str | float] = {
        "key": _digest(rate.key),
        "now": now,
        "end": now + rate.seconds,
        "amount": rate.amount,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        count, until = cursor.fetchone()
    return Attempt(rate, count <= rate.amount, until)


def count_attempts(rates: Iterable[Rate]) -> Attempt:
    """Count an attempt under several rates, and return the first that refuses it, else the last."""
    for rate in rates:
        attempt = count_attempt(rate)
        if not attempt.is_allowed:
            break
    return attempt


def is_exhausted(rate: Rate) -> Attempt | None:
    """Return the attempt that would be refused now, None when one may be made. Counts nothing: for what is only shown."""
    row = RateLimit.objects.filter(key=_digest(rate.key), count__gte=rate.amount, until__gt=time.time()).first()
    return Attempt(rate, False, row.until) if row else None


def forget(key: str) -> None:
    """Forget the attempts under `key`, of somebody who has proved who they are."""
    RateLimit.objects.filter(key=_digest(key)).delete()


def delete_expired() -> int:
    return RateLimit.objects.filter(until__lte=time.time()).delete()[0]


def wait_text(seconds: int) -> str:
    """Say how long to wait: `Attendez 5 minutes, puis recommencez.`"""
    if seconds <= 60:
        return "Attendez une minute, puis recommencez."
    if seconds <= 5400:
        return f"Attendez {math.ceil(seconds / 60)} minutes, puis recommencez."
    return f"Attendez {math.ceil(dt.timedelta(seconds=seconds) / dt.timedelta(hours=1))} heures, puis recommencez."


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """The page of whoever tried too often: 429, with the wait in words and for machines."""
    response = render(request, "429.html", {"wait": wait_text(wait)}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response


def _digest(key: str) -> str:
    return salted_hmac("cqp.web.rate_limits", key, algorithm="sha256").hexdigest()
