"""Where a person is logged in, how long that lasts, and how it ends."""

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from cqp.accounts.passkeys import device_name
from cqp.accounts.session_store import ENTERED_AT, USER_AGENT
from cqp.models import LoginSession, User

# For whoever administers a branch or the site. Others keep Django's SESSION_COOKIE_AGE.
STAFF_LASTS, STAFF_IDLE = dt.timedelta(hours=12), dt.timedelta(hours=2)
# A session is noted as seen once in this time, so that a touch costs no query.
SEEN_EVERY = dt.timedelta(minutes=1)
# What a browser says of itself, the first that fits: word of the user agent, name.
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"),
            ("Safari", "Safari"))  # fmt: skip


@dataclass(frozen=True)
class Login:
    """One session of a person, as they recognise it. `identity` names it in a form, and opens nothing."""

    identity: str
    device: str
    entered_at: dt.datetime | None
    seen_at: dt.datetime
    is_current: bool


def note_entrance(request: HttpRequest, **kwargs: Any) -> None:
    """Note when and with what somebody entered (signal `user_logged_in`)."""
    request.session[ENTERED_AT] = time.time()
    request.session[USER_AGENT] = request.headers.get("User-Agent", "")[:200]


def is_staff(user: User) -> bool:
    return user.is_staff or user.is_superuser or user.administered_branches.exists()


def why_ended(request: HttpRequest, now: dt.datetime) -> str:
    """Say why the session of a logged in person is over; "" while it is not. A query once a minute at most, for old ones.

    Whoever is given a branch to administer has the short session from then on.
    """
    seen = getattr(request.session, "seen_at", None)
    if seen is None or now - seen < SEEN_EVERY:
        return ""
    entered = dt.datetime.fromtimestamp(request.session.get(ENTERED_AT, 0), dt.UTC)
    # Looked at once a minute: a minute early, so that it is never late.
    lasted, idle = now - entered > STAFF_LASTS - SEEN_EVERY, now - seen > STAFF_IDLE
    if not (lasted or idle) or not is_staff(request.user):  # type: ignore[arg-type]
        return ""
    return "douze heures" if lasted else "deux heures sans activité"


def note_seen(request: HttpRequest, now: dt.datetime) -> None:
    """Note that the person did something in this session."""
    seen = getattr(request.session, "seen_at", None)
    if seen is not None and now - seen >= SEEN_EVERY:
        LoginSession.objects.filter(pk=request.session.session_key).update(seen_at=now)


def list_logins(request: HttpRequest, user: User) -> list[Login]:
    """Return a person's open sessions, this one first, then the last seen."""
    current = request.session.session_key
    logins = [
        Login(
            identity=identity_of(row.session_key),
            device=describe(row.user_agent),
            entered_at=row.entered_at,
            seen_at=row.seen_at,
            is_current=row.session_key == current,
        )
        for row in _open_rows(user)
    ]
    return sorted(logins, key=lambda login: (not login.is_current, -login.seen_at.timestamp()))


def end_login(*, by: User, identity: str) -> bool:
    """End one of a person's own sessions. False: there is no such session."""
    keys = [row.session_key for row in _open_rows(by) if constant_time_compare(identity_of(row.session_key), identity)]
    return LoginSession.objects.filter(user=by, pk__in=keys).delete()[0] > 0


def end_logins(user: User, *, besides: str | None = None) -> None:
    """End a person's sessions, but for the one of the key `besides`."""
    LoginSession.objects.filter(user=user).exclude(pk=besides or "").delete()


def end_others(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """End the other sessions of whoever chose a password (signals of allauth): they would end at their next request."""
    end_logins(user, besides=request.session.session_key)


def delete_expired() -> int:
    return LoginSession.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def identity_of(session_key: str) -> str:
    return salted_hmac("cqp.accounts.logins", session_key, algorithm="sha256").hexdigest()[:32]


def describe(user_agent: str) -> str:
    """Return what a person would call the browser of a session: `Firefox, Ordinateur Windows`."""
    browser = next((name for word, name in BROWSERS if word in user_agent), "")
    return f"{browser}, {device_name(user_agent)}" if browser else "Appareil inconnu"


def _open_rows(user: User) -> list[LoginSession]:
    """Return the sessions that still open: neither expired nor from before the last password."""
    rows = LoginSession.objects.filter(user=user, expire_date__gt=timezone.now())
    expected = user.get_session_auth_hash()
    return [row for row in rows if constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), expected)]
