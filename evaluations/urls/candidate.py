from django.urls import path

from evaluations.publication.views import candidate as candidate_results

urlpatterns = [
    path("documents/<int:pk>.pdf", candidate_results.document, name="document"),
]
