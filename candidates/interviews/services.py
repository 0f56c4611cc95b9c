"""The half hour as the evaluators tell it: reception, start, pauses, incidents, end, absence, interruption.

`at` is when it happened, by the device that tells it, perhaps hours later: it is never taken for later than now, nor for
earlier than the interview's own day or what came before. The journal tells each act; the words stay beside the interview.
"""

import datetime as dt
import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from candidates.enrolments.guide import guide_snapshot
from candidates.models import Assignment, Incident, Interview, Pause, Reception, Session
from cqp.evidence import journal
from cqp.models import User
from cqp.workflow import TransitionRefused, perform

I = Interview.State  # noqa: E741  the states of an interview

type Strokes = list[list[list[int]]]


def lock_session(interview: int) -> Session:
    """Queue with the session's own steps, the jury's decisions and the publication, which lock the session first."""
    return Session.objects.select_for_update(of=("self",)).get(enrolments__enrolment_blocs__interviews=interview)


def lock_interview(interview: int) -> Interview:
    """Lock an interview and return it with its session. Whoever needs the session's lock takes it before."""
    rows = Interview.objects.select_related("enrolment_bloc__enrolment__session")
    return rows.select_for_update(of=("self",)).get(pk=interview)


# --- The clock --------------------------------------------------------------------------------------------------------


def start(*, interview: Interview, by: User, at: dt.datetime) -> Interview:
    """Start the interview's clock, and keep the guide's questions as they apply now. Raises TransitionRefused."""
    with transaction.atomic():
        lock_session(interview.pk)
        interview = perform(interview, "start", by=by)
        interview.started_at = _clamp(at, _midnight(interview))
        interview.guide = guide_snapshot(interview.enrolment_bloc)
        interview.save(update_fields=["started_at", "guide"])
    return interview


def finish(*, interview: Interview, by: User, at: dt.datetime) -> Interview:
    """Stop the interview's clock. Raises TransitionRefused."""
    with transaction.atomic():
        lock_session(interview.pk)
        return _stop(perform(interview, "finish", by=by), at)


def interrupt(*, interview: Interview, by: User, at: dt.datetime, reason: str) -> Interview:
    """Stop a running interview that will not go on, for a reason that is kept. The next attempt is another interview.

    Raises TransitionRefused.
    """
    with transaction.atomic():
        lock_session(interview.pk)
        return _stop(perform(interview, "interrupt", by=by, comment=reason), at)


def _stop(interview: Interview, at: dt.datetime) -> Interview:
    interview.finished_at = _clamp(at, _last_moment(interview))
    interview.save(update_fields=["finished_at"])
    interview.pauses.filter(ended_at=None).update(ended_at=interview.finished_at)
    return interview


def pause(*, interview: Interview, by: User, at: dt.datetime, incident: Incident | None = None) -> None:
    """Let the clock stand still: the planned break, or an incident's. One that stands still already does.

    Raises TransitionRefused when the interview does not run.
    """
    with transaction.atomic():
        locked = lock_interview(interview.pk)
        if locked.state != I.RUNNING:
            state = locked.get_state_display()
            raise TransitionRefused(f"L'horloge ne s'arrête que pendant l'entretien : il est maintenant « {state} ».")
        if locked.pauses.filter(ended_at=None).exists():
            return
        since = _clamp(at, _last_moment(locked))
        Pause.objects.create(interview=locked, incident=incident, started_at=since)
        _record(locked, "pause", by, since, planned=incident is None)


def resume(*, interview: Interview, by: User, at: dt.datetime) -> None:
    """Let the clock go on. One that goes on already does."""
    with transaction.atomic():
        locked = lock_interview(interview.pk)
        if open_pause := locked.pauses.filter(ended_at=None).first():
            open_pause.ended_at = _clamp(at, open_pause.started_at)
            open_pause.save(update_fields=["ended_at"])
            _record(locked, "resume", by, open_pause.ended_at)


def _midnight(interview: Interview) -> dt.datetime:
    """Return the first moment of the interview's day, in the session's zone."""
    zone = interview.enrolment_bloc.enrolment.session.zone
    return dt.datetime.combine(interview.start.astimezone(zone).date(), dt.time.min, zone)


def _last_moment(interview: Interview) -> dt.datetime:
    """Return the last moment that the interview's clock knows: its start, or the bound of a pause."""
    bounds = [moment for pause in interview.pauses.all() for moment in (pause.started_at, pause.ended_at)]
    return max(moment for moment in (interview.started_at, *bounds, _midnight(interview)) if moment)


def _clamp(at: dt.datetime, floor: dt.datetime) -> dt.datetime:
    return min(max(at, floor), timezone.now())


# --- Who is there, and what happens -----------------------------------------------------------------------------------


def note_absence(*, interview: Interview, by: User, reason: str, excused: bool | None = None) -> Interview:
    """Close an interview to which the candidate did not come. `excused`: None until it is known. Raises TransitionRefused."""
    with transaction.atomic():
        lock_session(interview.pk)
        interview = perform(interview, "mark_absent", by=by, comment=reason)
        interview.absence_excused = excused
        interview.save(update_fields=["absence_excused"])
    return interview


def check_identity(*, interview: Interview, assignment: Assignment, by: User, paper: str, at: dt.datetime) -> None:
    """Keep which paper `assignment` was shown (a `Reception.Paper`). Raises TransitionRefused."""
    with transaction.atomic():
        reception = _reception(interview)
        reception.paper, reception.checked_by = paper, assignment
        reception.checked_at = _clamp(at, _midnight(reception.interview))
        reception.save(update_fields=["paper", "checked_by", "checked_at"])
        _record(reception.interview, "identity", by, reception.checked_at, paper=paper)


def sign_attendance(*, interview: Interview, by: User, strokes: Strokes, at: dt.datetime) -> None:
    """Keep the candidate's signature as drawn; without strokes, take it back. Raises TransitionRefused."""
    with transaction.atomic():
        reception = _reception(interview)
        moment = _clamp(at, _midnight(reception.interview))
        reception.strokes, reception.signed_at = (strokes, moment) if strokes else (None, None)
        reception.save(update_fields=["strokes", "signed_at"])
        drawn = hashlib.sha256(json.dumps(strokes, separators=(",", ":")).encode()).hexdigest() if strokes else ""
        _record(reception.interview, "attendance", by, moment, sha256=drawn)


def _reception(interview: Interview) -> Reception:
    locked = lock_interview(interview.pk)
    if locked.state in (I.ABSENT, I.CANCELLED):
        raise TransitionRefused(f"L'accueil ne se note plus : l'entretien est « {locked.get_state_display()} ».")
    reception, _ = Reception.objects.get_or_create(interview=locked)
    reception.interview = locked
    return reception


def note_incident(*, interview: Interview, by: User, category: str, text: str, at: dt.datetime) -> Incident:
    """Keep what disturbed the interview. It changes no state. Raises TransitionRefused when the interview was cancelled."""
    with transaction.atomic():
        locked = lock_interview(interview.pk)
        if locked.state == I.CANCELLED:
            raise TransitionRefused("L'entretien est annulé : l'incident est gardé à part.")
        moment = _clamp(at, _midnight(locked))
        incident = Incident.objects.create(
            interview=locked, category=category, text=text.strip(), reported_by=by, at=moment
        )
        _record(locked, "incident", by, moment, incident=incident.pk, category=category)
    return incident


def _record(interview: Interview, what: str, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"interview": interview.pk, "at": at.isoformat(), **more}
    journal.record(interview.enrolment_bloc.enrolment.stream, f"interview.{what}", payload, by=by)
