from django.urls import path

from evaluations.views import candidate_results

urlpatterns = [
    path("documents/<int:pk>.pdf", candidate_results.document, name="document"),
]
