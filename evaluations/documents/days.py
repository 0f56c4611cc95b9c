"""The day of a decision: that on which the jury met, in the session's zone; not the instant at which somebody typed it."""

import datetime as dt
from typing import Any

from candidates.models import Session
from candidates.sessions.dates import MONTHS
from evaluations.models import Decision


def get_jury_day(session: Session) -> dt.date:
    """Return the day on which the jury met; before it has, the day that is planned."""
    deliberation = getattr(session, "deliberation", None)
    return deliberation.opened_at.astimezone(session.zone).date() if deliberation else session.jury_on


def get_decision_day(decision: Decision, session: Session) -> dt.date:
    """Return the day from which a decision counts. One that was revised on an appeal has the day of its revision."""
    if "appeal" in decision.bench or getattr(session, "deliberation", None) is None:
        return get_typing_day(decision, session)
    return get_jury_day(session)


def get_typing_day(decision: Decision, session: Session) -> dt.date:
    """Return the day on which a decision was typed: what documents issued before December 2026 say."""
    return decision.decided_at.astimezone(session.zone).date()


def get_certificate_day(context: dict[str, Any], jury_on: dt.date) -> dt.date:
    """Return the day of the decision that completed a certificate, of its frozen context: blocs held before may be older.

    A certificate issued before that day was kept as a date says it in words: `1er novembre 2026`.
    """
    if written := context.get("decided_on"):
        return dt.date.fromisoformat(written)
    parts = str(context.get("date", "")).split()
    try:
        return dt.date(int(parts[2]), MONTHS.index(parts[1]) + 1, int(parts[0].removesuffix("er")))
    except (IndexError, ValueError):
        return jury_on
