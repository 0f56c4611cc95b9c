"""The states of an interview and of an incident."""

from django.utils import timezone

from candidates.models import Incident, Interview
from candidates.sessions.permissions import administers, administers_interview, can_note_absence, evaluates
from candidates.sessions.workflow import I, S
from cqp.models import User
from cqp.workflow import Missing, Transition, Workflow


def session_is_at_interviews(interview: Interview) -> list[Missing]:
    session = interview.enrolment_bloc.enrolment.session
    if session.state == S.INTERVIEWS:
        return []
    text = f"La session n'en est pas aux entretiens, mais à l'étape « {session.get_state_display()} »."
    return [Missing(f"{text} La branche doit la faire avancer.")]


def note_start(interview: Interview, by: User, comment: str) -> None:
    interview.started_at = timezone.now()


def note_finish(interview: Interview, by: User, comment: str) -> None:
    interview.finished_at = timezone.now()


PLANNED = frozenset({I.PLANNED})
RUNNING = frozenset({I.RUNNING})

INTERVIEW = Workflow(
    name="interview",
    model=Interview,
    stream=lambda interview: interview.enrolment_bloc.enrolment.stream,
    transitions=(
        Transition(
            "start",
            "Commencer l'entretien",
            PLANNED,
            I.RUNNING,
            evaluates,
            session_is_at_interviews,
            effect=note_start,
        ),
        Transition("finish", "Terminer l'entretien", RUNNING, I.FINISHED, evaluates, effect=note_finish),
        Transition(
            "interrupt",
            "Interrompre l'entretien",
            RUNNING,
            I.INTERRUPTED,
            evaluates,
            needs_comment=True,
            effect=note_finish,
        ),
        Transition(
            "mark_absent",
            "Noter l'absence",
            PLANNED,
            I.ABSENT,
            can_note_absence,
            session_is_at_interviews,
            needs_comment=True,
        ),
        Transition("cancel", "Annuler l'entretien", PLANNED, I.CANCELLED, administers_interview, needs_comment=True),
    ),
)


# --- Incidents -----------------------------------------------------------------------------------------------------------


def _decide(incident: Incident, by: User, comment: str) -> None:
    incident.decision, incident.closed_at = comment, timezone.now()


def _undecide(incident: Incident, by: User, comment: str) -> None:
    incident.decision, incident.closed_at = "", None


INCIDENT = Workflow(
    name="incident",
    model=Incident,
    stream=lambda incident: incident.stream,
    transitions=(
        Transition(
            "close",
            "Clore l'incident",
            frozenset({Incident.State.OPEN}),
            Incident.State.CLOSED,
            allowed=lambda user, incident: administers(user, incident.session),
            needs_comment=True,
            effect=_decide,
        ),
        Transition(
            "reopen",
            "Rouvrir l'incident",
            frozenset({Incident.State.CLOSED}),
            Incident.State.OPEN,
            allowed=lambda user, incident: administers(user, incident.session),
            needs_comment=True,
            effect=_undecide,
        ),
    ),
)
