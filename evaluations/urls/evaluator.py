from django.urls import path

from cqp.accounts import views_device as device
from evaluations.assignments import views as home
from evaluations.paper import views_evaluator as paper
from evaluations.preparation import views as prepare
from evaluations.sheets.views import course, joint, sheet, signing
from evaluations.sheets.views import offline as day

urlpatterns = [
    path("", home.home, name="home"),
    path("connexion/", device.person, name="person"),
    path("cle/", device.key, name="key"),
    path("journee/", day.day, name="day"),
    path("service-worker.js", day.service_worker, name="service_worker"),
    path("manifest.webmanifest", day.manifest, name="manifest"),
    path("hors-ligne/", day.offline, name="offline"),
    path("engagement/<int:session>/", home.undertaking, name="undertaking"),
    path("questions/", prepare.questions, name="questions"),
    path("questions/<int:pk>/", prepare.question, name="question"),
    path("questions/<int:pk>/supprimer/", prepare.delete_question, name="question_delete"),
    path("entretiens/<int:interview>/", prepare.prepare, name="prepare"),
    path("entretiens/<int:interview>/recusation/", home.decline, name="decline"),
    path("entretiens/<int:interview>/fiche/", sheet.open_sheet, name="open"),
    path("entretiens/<int:interview>/papier/", paper.paper, name="paper"),
    path("entretiens/<int:interview>/papier/grille.pdf", paper.grid_pdf, name="grid_pdf"),
    path("entretiens/<int:interview>/papier/fiche.pdf", paper.scoring_pdf, name="scoring_pdf"),
    path("papier/", paper.paper_code, name="paper_code"),
    path("fiches/<int:pk>/", sheet.sheet, name="sheet"),
    path("fiches/<int:pk>/papier/", paper.copy, name="copy"),
    path("fiches/<int:pk>/etat/", course.state, name="state"),
    path("fiches/<int:pk>/deroulement/", course.course, name="course"),
    path("fiches/<int:pk>/signature/", signing.review, name="review"),
    path("fiches/<int:pk>/accord/", joint.joint, name="joint"),
    path("fiches/<int:pk>/accord/cosigner/", signing.cosign, name="cosign"),
    path("fiches/<int:pk>/accord/cosigner/code/", signing.cosign_code, name="cosign_code"),
]
