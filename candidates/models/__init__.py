"""Who, when, with whom. Split as the work is: people, the session, the dossier, the interview."""

from candidates.models.appointment import Appointment, Conflict
from candidates.models.convocations import Convocation
from candidates.models.dossier import (
    Answer,
    CompletenessCheck,
    Dossier,
    DossierFile,
    HeadingComment,
    Upload,
    UploadChunk,
    WithdrawnPage,
)
from candidates.models.enrolment import AccommodationWish, Enrolment, EnrolmentBloc, HeldBloc, Invitation
from candidates.models.imports import Import
from candidates.models.interview import Assignment, Incident, IncidentNote, Interview, Pause, Reception
from candidates.models.people import Affiliation, Candidate, DataExport, Erasure, Organisation
from candidates.models.planning import Absence, Availability, PlanRun, PlanSettings, Room, SessionDay
from candidates.models.reminders import Reminder
from candidates.models.session import Session

__all__ = [
    "Absence",
    "AccommodationWish",
    "Affiliation",
    "Answer",
    "Appointment",
    "Assignment",
    "Availability",
    "Candidate",
    "CompletenessCheck",
    "Conflict",
    "Convocation",
    "DataExport",
    "Dossier",
    "DossierFile",
    "Enrolment",
    "EnrolmentBloc",
    "Erasure",
    "HeadingComment",
    "HeldBloc",
    "Import",
    "Incident",
    "IncidentNote",
    "Interview",
    "Invitation",
    "Organisation",
    "Pause",
    "PlanRun",
    "PlanSettings",
    "Reception",
    "Reminder",
    "Room",
    "Session",
    "SessionDay",
    "Upload",
    "UploadChunk",
    "WithdrawnPage",
]
