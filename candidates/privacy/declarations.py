"""What is kept of a candidate once they are erased, and what goes, in which order; what their archive holds.

See `cqp.privacy.fields`.
"""

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Cast, Concat

from candidates.privacy.erased_entries import list_emptied_entries
from candidates.privacy.erasure_parts import (
    empty_account,
    empty_candidate,
    empty_dossiers,
    empty_elsewhere,
    empty_identity,
    empty_interviews,
    empty_journal,
)
from candidates.privacy.export_parts import dossiers_share, enrolment_share, interviews_share, journal_share
from candidates.privacy.hooks import erasure_parts, export_parts
from candidates.privacy.services import drop_old_exports
from cqp.core.hooks import Job, periodic
from cqp.evidence.hooks import declare_evident, declare_plain, emptied_entries
from cqp.privacy.fields import MARK, declare, declare_deleted, declare_retained

declare(
    "candidates.Candidate",
    retained="erased_at",
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
    retained="access_route identity_confirmed_at created_at",
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
declare("candidates.HeldBloc", retained="source obtained_on valid_until", proof="")
declare("candidates.Dossier", retained="version state submitted_at due_at seq", contents=[])
declare("candidates.CompletenessCheck", retained="outcome due_at at", reason=MARK)
# What happened, when and where is the interview's; its questions are the guide's.
declare(
    "candidates.Interview",
    retained="attempt start minutes state started_at finished_at absence_excused locked_at guide",
)
declare("candidates.Reception", retained="checked_at signed_at", paper="", strokes=None)
# A category may tell of health.
declare(
    "candidates.Incident",
    retained="at severity state closed_at",
    category="other",
    text=MARK,
    decision=Case(When(decision="", then=Value("")), default=Value(MARK)),
)
declare("candidates.Pause", retained="started_at ended_at")
declare_deleted(
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
    "candidates.Upload",
    "candidates.UploadChunk",
    "candidates.WithdrawnPage",
)
declare_retained(
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
declare_retained("The trace of the erasure: it names nobody.", "candidates.Erasure")

for share in (enrolment_share, dossiers_share, interviews_share, journal_share):
    export_parts.register(share, order=10)
# What hangs on the interviews has gone before (order 10 to 49); the identity goes last of all.
for part in (empty_dossiers, empty_interviews, empty_candidate, empty_account, empty_journal, empty_elsewhere):
    erasure_parts.register(part, order=50)
erasure_parts.register(empty_identity, order=100)

periodic.register(
    Job(drop_old_exports, "{count} copie(s) de données de plus de sept jours supprimée(s)."), key="exports", order=70
)

declare_evident("candidates.Erasure", "candidate at by reason report")
declare_plain("A copy of what is kept, for a time.", "candidates.DataExport")
emptied_entries.register(list_emptied_entries)
