"""The states of an interview and of an incident."""

from candidates.interviews.workflow import INCIDENT, INTERVIEW
from cqp.evidence.hooks import declare_evident
from cqp.workflow import declare_workflows

declare_workflows(INTERVIEW, INCIDENT)

declare_evident(
    "candidates.Interview",
    "enrolment_bloc attempt start minutes room state started_at finished_at absence_excused locked_at guide",
)
declare_evident("candidates.Assignment", "interview appointment state")
declare_evident("candidates.Reception", "interview paper checked_by checked_at strokes signed_at")
declare_evident(
    "candidates.Incident",
    "session interview category severity text reported_by at state decision closed_at",
)
declare_evident("candidates.IncidentNote", "incident text by at")
declare_evident("candidates.Pause", "interview incident started_at ended_at")
