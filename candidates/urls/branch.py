from django.urls import path

from candidates.accommodation.forms import GrantForm, ProofForm, RefuseForm
from candidates.appointments import views_branch as appointments
from candidates.board.views import candidate as enrolments
from candidates.board.views import group_actions, invitations, mails
from candidates.board.views import printouts as sheets
from candidates.board.views import session as sessions
from candidates.convocations import views_branch as convocations
from candidates.dossiers.views import branch as completeness
from candidates.enrolments import views_branch as enrolments_views_branch
from candidates.imports import views_branch as imports
from candidates.interviews import views_branch as incidents
from candidates.people import views_branch as birthplaces
from candidates.planning.views import day_grid
from candidates.planning.views import interview as interviews
from candidates.planning.views import search as plan_search
from candidates.planning.views import timetable as planning
from candidates.privacy import views_branch as personal_data

urlpatterns = [
    path("", sessions.index, name="sessions"),
    path("sessions/nouvelle/", sessions.create, name="session_create"),
    path("sessions/<int:pk>/", sessions.board, name="session"),
    path("sessions/<int:pk>/suivi/", sessions.live, name="live"),
    path("sessions/<int:pk>/modifier/", sessions.edit, name="session_edit"),
    path("sessions/<int:pk>/etape/<slug:name>/", sessions.move, name="session_transition"),
    path("sessions/<int:pk>/inscrire/", enrolments_views_branch.enrol_candidate, name="enrol"),
    path("sessions/<int:pk>/importer/<slug:kind>/", imports.start, name="import_start"),
    path("sessions/<int:pk>/importer/<slug:kind>/modele.xlsx", imports.template, name="import_template"),
    path("lieux-de-naissance/", birthplaces.page, name="birthplaces"),
    path("imports/<int:pk>/", imports.page, name="import"),
    path("imports/<int:pk>/colonnes/", imports.columns, name="import_columns"),
    path("imports/<int:pk>/trancher/", imports.settle, name="import_settle"),
    path("imports/<int:pk>/accepter/", imports.accept, name="import_accept"),
    path("imports/<int:pk>/appliquer/", imports.apply, name="import_apply"),
    path("imports/<int:pk>/a-corriger/", imports.errors, name="import_errors"),
    path("inscriptions/<int:pk>/", enrolments.page, name="enrolment"),
    path("inscriptions/<int:pk>/modifier/", enrolments_views_branch.edit, name="enrolment_edit"),
    path("sessions/<int:pk>/inviter/", invitations.invite_candidates, name="invite_all"),
    path("inscriptions/<int:pk>/inviter/", invitations.invite_candidate, name="invite"),
    path("inscriptions/<int:pk>/adresse/", invitations.address, name="enrolment_address"),
    path("inscriptions/<int:pk>/retirer/", enrolments.withdraw, name="enrolment_withdraw"),
    path(
        "inscriptions/<int:pk>/justificatif/",
        enrolments.answer,
        {"form_class": ProofForm},
        name="accommodation_proof",
    ),
    path("inscriptions/<int:pk>/accorder/", enrolments.answer, {"form_class": GrantForm}, name="accommodation_grant"),
    path("inscriptions/<int:pk>/refuser/", enrolments.answer, {"form_class": RefuseForm}, name="accommodation_refuse"),
    path("blocs-presentes/<int:pk>/recrutement/", enrolments.recruitment, name="recruitment"),
    path("reglages/", personal_data.settings, name="settings"),
    path("reglages/<int:pk>/", personal_data.retention, name="retention"),
    path("effacements/", personal_data.erasures, name="erasures"),
    path("candidats/<int:pk>/effacer/", personal_data.erase, name="erase"),
    path("sessions/<int:pk>/nommer/", appointments.appoint_person, name="appoint"),
    path("nominations/<int:pk>/", appointments.page, name="appointment"),
    path("nominations/<int:pk>/retirer/", appointments.remove, name="appointment_remove"),
    path("nominations/<int:pk>/qualite/", appointments.describe, name="appointment_seat"),
    path("nominations/<int:pk>/liens/", appointments.declare, name="conflict_declare"),
    path("sessions/<int:pk>/planning/", planning.timetable, name="planning"),
    path("sessions/<int:pk>/planning/<slug:day>/", day_grid.day, name="planning_day"),
    path("entretiens/<int:pk>/placer/", day_grid.place, name="interview_place"),
    path("sessions/<int:pk>/incidents/", incidents.index, name="incidents"),
    path("incidents/<int:pk>/", incidents.page, name="incident"),
    path("incidents/<int:pk>/<slug:act>/", incidents.move, name="incident_move"),
    path("sessions/<int:pk>/candidats.xlsx", sheets.candidates, name="candidates_xlsx"),
    path("sessions/<int:pk>/planning.xlsx", sheets.planning, name="planning_xlsx"),
    path("sessions/<int:pk>/papiers/<slug:day>/<slug:name>.pdf", sheets.paper, name="day_paper"),
    path("sessions/<int:pk>/ensemble/", group_actions.group_actions, name="together"),
    path("sessions/<int:pk>/courriels/", mails.index, name="mails"),
    path("courriels/<int:pk>/renvoyer/", mails.again, name="mail_again"),
    path("sessions/<int:pk>/convocations/", convocations.page, name="convocations"),
    path("sessions/<int:pk>/convocations/envoyer/", convocations.send, name="convocations_send"),
    path("sessions/<int:pk>/convocations/<slug:who>.pdf", convocations.preview, name="convocation"),
    path("sessions/<int:pk>/planifier/", plan_search.page, name="plan_search"),
    path("sessions/<int:pk>/planifier/heures/", plan_search.hours, name="plan_hours"),
    path("sessions/<int:pk>/planifier/salles/", plan_search.room, name="plan_room"),
    path("sessions/<int:pk>/planifier/regles/", plan_search.rules, name="plan_rules"),
    path("sessions/<int:pk>/planifier/chercher/", plan_search.start, name="plan_start"),
    path("recherches/<int:pk>/arreter/", plan_search.stop, name="plan_stop"),
    path("recherches/<int:pk>/appliquer/", plan_search.apply, name="plan_apply"),
    path("salles/<int:pk>/", plan_search.room_days, name="plan_room_days"),
    path("salles/<int:pk>/retirer/", plan_search.room_remove, name="plan_room_remove"),
    path("nominations/<int:pk>/disponibilites/", plan_search.evaluator, name="plan_evaluator"),
    path("nominations/<int:pk>/absence/", plan_search.absence, name="plan_absence"),
    path("entretiens/<int:pk>/figer/", plan_search.lock, name="interview_lock"),
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
    path("dossiers/<int:pk>/pages/", completeness.pages, name="dossier_pages"),
    path("dossiers/<int:pk>/pages/<int:number>/retirer/", completeness.withdraw, name="page_withdraw"),
]
