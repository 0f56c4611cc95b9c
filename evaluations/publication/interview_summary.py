"""How an interview went, as the certification report says it: one sentence a fact, nothing of why it was arranged so."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from candidates.interviews.clock import elapsed_seconds
from candidates.models import Incident, Interview, Pause
from candidates.sessions.dates import hour_text
from referentiel.models import GuideQuestion


def account(interview: Interview, zone: ZoneInfo) -> list[str]:
    """Return what happened: the real duration, the pauses, the incidents, what the candidate declared. Two queries.

    Of an incident, its nature and time: what was written of it stays with the interview.
    """
    pauses = list(interview.pauses.all())
    incidents = list(interview.incidents.all())
    return [
        *_outcome(interview),
        *_duration(interview, pauses),
        *(_pause_text(pause, zone) for pause in pauses),
        *(_incident_text(incident, zone) for incident in incidents),
        *_declared(interview),
    ]


def _outcome(interview: Interview) -> list[str]:
    if interview.state == Interview.State.INTERRUPTED:
        return ["Entretien interrompu, sans suite."]
    if interview.state != Interview.State.ABSENT:
        return []
    excuse = {True: ", absence excusée", False: ", absence non excusée", None: ""}[interview.absence_excused]
    return [f"Candidat absent{excuse}."]


def _duration(interview: Interview, pauses: list[Pause]) -> list[str]:
    if interview.started_at is None:
        return []
    held = elapsed_seconds(interview, pauses, timezone.now()) // 60
    planned = interview.minutes - interview.enrolment_bloc.enrolment.break_minutes
    return [f"Durée : {_minutes(held)} sur {planned} prévues{', pauses non comprises' if pauses else ''}."]


def _pause_text(pause: Pause, zone: ZoneInfo) -> str:
    what = "Pause imprévue" if pause.incident_id else "Pause prévue"
    lasted = (pause.ended_at - pause.started_at) if pause.ended_at else dt.timedelta()
    return f"{what} à {_hour(pause.started_at, zone)}, {_minutes(int(lasted.total_seconds()) // 60)}."


def _incident_text(incident: Incident, zone: ZoneInfo) -> str:
    return f"Incident à {_hour(incident.at, zone)} : {incident.get_category_display()}."


def _declared(interview: Interview) -> list[str]:
    """Return which competences were asked about with other questions, by what was declared before the start."""
    labels = dict(GuideQuestion.Condition.choices)
    competences: dict[str, set[str]] = {}
    for question in interview.guide or []:
        if question["condition"]:
            competences.setdefault(question["condition"], set()).add(question["competence"])
    return [
        f"{labels[condition]} : {', '.join(sorted(codes))} évaluée{'s' if len(codes) > 1 else ''} avec les questions "
        "prévues pour ce cas."
        for condition, codes in competences.items()
    ]


def _hour(moment: dt.datetime, zone: ZoneInfo) -> str:
    return hour_text(moment.astimezone(zone).time())


def _minutes(count: int) -> str:
    return f"{count} minute{'s' if count > 1 else ''}"
