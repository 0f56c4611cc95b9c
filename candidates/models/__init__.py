"""Who, when, with whom. Split as the work is: people, the session, the dossier, the interview."""

from candidates.models.dossier import Dossier, DossierFile
from candidates.models.interview import Assignment, Incident, Interview, Pause, Reception
from candidates.models.people import Affiliation, Candidate, Organisation
from candidates.models.session import Appointment, Conflict, Enrolment, EnrolmentBloc, HeldBloc, Session

__all__ = [
    "Affiliation",
    "Appointment",
    "Assignment",
    "Candidate",
    "Conflict",
    "Dossier",
    "DossierFile",
    "Enrolment",
    "EnrolmentBloc",
    "HeldBloc",
    "Incident",
    "Interview",
    "Organisation",
    "Pause",
    "Reception",
    "Session",
]
