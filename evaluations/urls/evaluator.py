from django.urls import path

from evaluations.views import evaluator

urlpatterns = [
    path("", evaluator.home, name="home"),
    path("connexion/", evaluator.person, name="person"),
    path("engagement/<int:session>/", evaluator.undertaking, name="undertaking"),
    path("entretiens/<int:interview>/", evaluator.prepare, name="prepare"),
    path("entretiens/<int:interview>/commencer/", evaluator.start, name="start"),
    path("fiches/<int:pk>/", evaluator.sheet, name="sheet"),
    path("fiches/<int:pk>/resultats/", evaluator.results, name="results"),
    path("fiches/<int:pk>/terminer/", evaluator.finish, name="finish"),
    path("fiches/<int:pk>/signature/", evaluator.review, name="review"),
    path("fiches/<int:pk>/accord/", evaluator.joint, name="joint"),
    path("fiches/<int:pk>/accord/cosigner/", evaluator.cosign, name="cosign"),
]
