"""The course of an interview as the pages and the devices know it."""

import datetime as dt
from typing import Any

from candidates.interviews.clock import elapsed_seconds
from candidates.models import Interview, Pause


def read_course(interview: Interview, now: dt.datetime) -> dict[str, Any]:
    """Return the state of an interview for its clock, in one query: the reception and the pauses.

    `now`, `started`, `finished`, `paused_since` in ms since 1970 or None; `paused`: seconds of the pauses that ended;
    `elapsed`: seconds of interview; `minutes`: how long it lasts without the planned break. The interview comes with
    its enrolment.
    """
    facts = ("reception__paper", "reception__signed_at", "pauses__started_at", "pauses__ended_at")
    rows = list(Interview.objects.filter(pk=interview.pk).values_list(*facts))
    paper, signed_at, _, _ = rows[0]
    pauses = [Pause(started_at=since, ended_at=until) for _, _, since, until in rows if since]
    open_pause = next((pause for pause in pauses if pause.ended_at is None), None)
    ended = sum((pause.ended_at - pause.started_at).total_seconds() for pause in pauses if pause.ended_at)
    return {
        "now": _ms(now),
        "state": interview.state,
        "started": _ms(interview.started_at),
        "finished": _ms(interview.finished_at),
        "paused_since": _ms(open_pause.started_at if open_pause else None),
        "paused": int(ended),
        "elapsed": elapsed_seconds(interview, pauses, now),
        "minutes": interview.minutes - interview.enrolment_bloc.enrolment.break_minutes,
        "paper": paper or "",
        "attended": signed_at is not None,
    }


def _ms(moment: dt.datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if moment else None
