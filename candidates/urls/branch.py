from django.urls import path

from candidates.forms.accommodation import GrantForm, ProofForm, RefuseForm
from candidates.views.branch import (
    accommodation,
    appointments,
    completeness,
    enrolments,
    interviews,
    invitations,
    pages,
    personal_data,
    planning,
    sessions,
)

urlpatterns = [
    path("", sessions.index, name="sessions"),
    path("sessions/nouvelle/", sessions.create, name="session_create"),
    path("sessions/<int:pk>/", sessions.board, name="session"),
    path("sessions/<int:pk>/modifier/", sessions.edit, name="session_edit"),
    path("sessions/<int:pk>/etape/<slug:name>/", sessions.move, name="session_transition"),
    path("sessions/<int:pk>/inscrire/", enrolments.enrol_candidate, name="enrol"),
    path("inscriptions/<int:pk>/", enrolments.page, name="enrolment"),
    path("inscriptions/<int:pk>/modifier/", enrolments.edit, name="enrolment_edit"),
    path("sessions/<int:pk>/inviter/", invitations.invite_candidates, name="invite_all"),
    path("inscriptions/<int:pk>/inviter/", invitations.invite_candidate, name="invite"),
    path("inscriptions/<int:pk>/adresse/", invitations.address, name="enrolment_address"),
    path("inscriptions/<int:pk>/retirer/", enrolments.withdraw, name="enrolment_withdraw"),
    path(
        "inscriptions/<int:pk>/justificatif/",
        accommodation.answer,
        {"form_class": ProofForm},
        name="accommodation_proof",
    ),
    path(
        "inscriptions/<int:pk>/accorder/", accommodation.answer, {"form_class": GrantForm}, name="accommodation_grant"
    ),
    path(
        "inscriptions/<int:pk>/refuser/", accommodation.answer, {"form_class": RefuseForm}, name="accommodation_refuse"
    ),
    path("blocs-presentes/<int:pk>/recrutement/", enrolments.recruitment, name="recruitment"),
    path("reglages/", personal_data.settings, name="settings"),
    path("reglages/<int:pk>/", personal_data.retention, name="retention"),
    path("effacements/", personal_data.erasures, name="erasures"),
    path("candidats/<int:pk>/effacer/", personal_data.erase, name="erase"),
    path("sessions/<int:pk>/nommer/", appointments.appoint_person, name="appoint"),
    path("nominations/<int:pk>/", appointments.page, name="appointment"),
    path("nominations/<int:pk>/retirer/", appointments.remove, name="appointment_remove"),
    path("nominations/<int:pk>/liens/", appointments.declare, name="conflict_declare"),
    path("sessions/<int:pk>/planning/", planning.timetable, name="planning"),
    path("blocs-presentes/<int:pk>/planifier/", planning.plan, name="plan"),
    path("entretiens/<int:pk>/", interviews.interview, name="interview"),
    path("entretiens/<int:pk>/annuler/", interviews.cancel, name="interview_cancel"),
    path("entretiens/<int:pk>/absence/", interviews.absent, name="interview_absent"),
    path("entretiens/<int:pk>/excuse/", interviews.excuse, name="interview_excuse"),
    path("sessions/<int:pk>/dossiers/", completeness.index, name="dossiers"),
    path("dossiers/<int:pk>/", completeness.page, name="dossier"),
    path("dossiers/<int:pk>/accepter/", completeness.accept, name="dossier_accept"),
    path("dossiers/<int:pk>/renvoyer/", completeness.send_back, name="dossier_return"),
    path("dossiers/<int:pk>/delai/", completeness.extend, name="dossier_extend"),
    path("dossiers/<int:pk>/recepisse/", completeness.receipt, name="dossier_receipt"),
    path("dossiers/<int:pk>/pages/", pages.pages, name="dossier_pages"),
    path("dossiers/<int:pk>/pages/<int:number>/retirer/", pages.withdraw, name="page_withdraw"),
]
