"""Until when a person is kept."""

import datetime as dt

from django.utils import timezone

from candidates.models import Candidate, Session
from candidates.sessions.dates import months_later
from cqp.models import JournalEntry
from referentiel.models import Branch, BranchSettings


def retention_months(branch: Branch) -> int:
    """Return how long the branch keeps what is about a candidate, in months after the publication of the results."""
    settings: BranchSettings = getattr(branch, "settings", None) or BranchSettings(branch=branch)
    return settings.retention_months


def last_day(candidate: Candidate) -> dt.date | None:
    """Return the day from which the period runs: the publication of their last session (its jury, if it never was), or the
    withdrawal of their enrolment. None where nothing says: they were never enrolled.
    """
    days = [_end(enrolment.session) for enrolment in candidate.enrolments.all()]
    if days:
        return max(days)
    withdrawn = JournalEntry.objects.filter(verb="enrolment.withdrawn", payload__candidate=candidate.pk).last()
    return timezone.localdate(withdrawn.at) if withdrawn else None


def _end(session: Session) -> dt.date:
    return session.published_at.astimezone(session.zone).date() if session.published_at else session.jury_on


def due_on(candidate: Candidate, months: int) -> dt.date | None:
    """Return the day on which they are to be erased."""
    last = last_day(candidate)
    return months_later(last, months) if last else None
