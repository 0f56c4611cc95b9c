from django.urls import path

from cqp import views as cqp_views
from evaluations.views import evaluator

urlpatterns = [
    path("", evaluator.home, name="home"),
    path("connexion/", cqp_views.person, name="person"),
    path("cle/", cqp_views.key, name="key"),
    path("journee/", evaluator.day, name="day"),
    path("service-worker.js", evaluator.service_worker, name="service_worker"),
    path("manifest.webmanifest", evaluator.manifest, name="manifest"),
    path("hors-ligne/", evaluator.offline, name="offline"),
    path("engagement/<int:session>/", evaluator.undertaking, name="undertaking"),
    path("questions/", evaluator.questions, name="questions"),
    path("questions/<int:pk>/", evaluator.question, name="question"),
    path("questions/<int:pk>/supprimer/", evaluator.delete_question, name="question_delete"),
    path("entretiens/<int:interview>/", evaluator.prepare, name="prepare"),
    path("entretiens/<int:interview>/recusation/", evaluator.decline, name="decline"),
    path("entretiens/<int:interview>/fiche/", evaluator.open_sheet, name="open"),
    path("entretiens/<int:interview>/papier/", evaluator.paper, name="paper"),
    path("entretiens/<int:interview>/papier/grille.pdf", evaluator.grid_pdf, name="grid_pdf"),
    path("entretiens/<int:interview>/papier/fiche.pdf", evaluator.scoring_pdf, name="scoring_pdf"),
    path("papier/", evaluator.paper_code, name="paper_code"),
    path("fiches/<int:pk>/", evaluator.sheet, name="sheet"),
    path("fiches/<int:pk>/papier/", evaluator.copy, name="copy"),
    path("fiches/<int:pk>/etat/", evaluator.state, name="state"),
    path("fiches/<int:pk>/deroulement/", evaluator.course, name="course"),
    path("fiches/<int:pk>/signature/", evaluator.review, name="review"),
    path("fiches/<int:pk>/accord/", evaluator.joint, name="joint"),
    path("fiches/<int:pk>/accord/cosigner/", evaluator.cosign, name="cosign"),
    path("fiches/<int:pk>/accord/cosigner/code/", evaluator.cosign_code, name="cosign_code"),
]
