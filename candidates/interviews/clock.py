"""The interview's clock: what has passed since its start, the pauses left out."""

import datetime as dt
from collections.abc import Iterable

from candidates.models import Interview, Pause


def elapsed_seconds(interview: Interview, pauses: Iterable[Pause], now: dt.datetime) -> int:
    """Return the whole seconds from the start to the end (to `now` while it runs), without the pauses; 0 before the start.

    A pause counts for the part of it that lies between the two; an open one lasts until the end.
    """
    if interview.started_at is None:
        return 0
    end = interview.finished_at or now
    total = (end - interview.started_at).total_seconds()
    for pause in pauses:
        since = max(pause.started_at, interview.started_at)
        until = min(pause.ended_at or end, end)
        total -= max(0.0, (until - since).total_seconds())
    return max(0, int(total))


def signal_text(elapsed: int, minutes: int) -> str:
    """Return the discreet signal at 25 minutes of 30, and at their end; "" before.

    `static/js/scoring/clock.js` says the same.
    """
    if elapsed >= minutes * 60:
        return "Temps écoulé"
    return "Bientôt la fin" if elapsed * 6 >= minutes * 60 * 5 else ""
