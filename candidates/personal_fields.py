"""What is kept of a candidate once they are erased, and what goes. See `cqp.personal_data`."""

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Cast, Concat

from cqp.personal_data import MARK, declare, declare_gone, declare_whole

declare(
    "candidates.Candidate",
    kept="erased_at",
    user=None,
    # No two rows of a branch have the same identity.
    birth_name=Concat(Value("effacée n° "), Cast("pk", CharField())),
    used_name="",
    first_names="Personne",
    sex="",
    birth_year=1900,
    birth_month=None,
    birth_day=None,
    birth_place="",
    birth_insee="",
    birth_country="",
)
declare(
    "candidates.Enrolment",
    kept="access_route identity_confirmed_at created_at",
    employer=None,
    training_centre=None,
    referent_trainer_name="",
    referent_trainer_email="",
    extra_minutes=0,
    break_minutes=0,
    other_measures="",
    at_distance=False,
)
declare("candidates.EnrolmentBloc", declared="")
declare("candidates.HeldBloc", kept="source obtained_on valid_until", proof="")
declare("candidates.Dossier", kept="version state submitted_at due_at seq", contents=[])
declare("candidates.CompletenessCheck", kept="outcome due_at at", reason=MARK)
# What happened, when and where is the interview's; its questions are the guide's.
declare(
    "candidates.Interview",
    kept="attempt start minutes room state started_at finished_at absence_excused locked_at guide",
)
declare("candidates.Reception", kept="checked_at signed_at", paper="", strokes=None)
# A category may tell of health.
declare(
    "candidates.Incident",
    kept="at severity state closed_at",
    category="other",
    text=MARK,
    decision=Case(When(decision="", then=Value("")), default=Value(MARK)),
)
declare("candidates.Pause", kept="started_at ended_at")
declare_gone(
    "candidates.AccommodationWish",
    "candidates.Answer",
    "candidates.Conflict",
    "candidates.Convocation",
    "candidates.DataExport",
    "candidates.DossierFile",
    "candidates.HeadingComment",
    "candidates.Import",
    "candidates.IncidentNote",
    "candidates.Invitation",
    "candidates.PlanRun",
    "candidates.Reminder",
    "candidates.Reminder",
    "candidates.Upload",
    "candidates.UploadChunk",
    "candidates.WithdrawnPage",
)
declare_whole(
    "Tells of the session, of those who evaluate, or of organisations.",
    "candidates.Session",
    "candidates.SessionDay",
    "candidates.Room",
    "candidates.Availability",
    "candidates.PlanSettings",
    "candidates.Absence",
    "candidates.Appointment",
    "candidates.Appointment_blocs",
    "candidates.Assignment",
    "candidates.Affiliation",
    "candidates.Organisation",
    "candidates.Commune",
)
declare_whole("The trace of the erasure: it names nobody.", "candidates.Erasure")
