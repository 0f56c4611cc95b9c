"""One address space per audience; each app adds its pages to them."""

from django.contrib import admin
from django.urls import include, path

from candidates.urls import branch as candidates_branch
from candidates.urls import candidate as candidates_candidate
from cqp.documents import views_public as verification
from cqp.home import views as home
from cqp.operations import views as operations
from evaluations.urls import branch as evaluations_branch
from evaluations.urls import candidate as evaluations_candidate
from evaluations.urls import evaluator as evaluations_evaluator
from evaluations.urls import jury as evaluations_jury
from referentiel.urls import branch as referentiel_branch

branch = referentiel_branch.urlpatterns + candidates_branch.urlpatterns + evaluations_branch.urlpatterns
candidate = candidates_candidate.urlpatterns + evaluations_candidate.urlpatterns

urlpatterns = [
    path("", home.home, name="home"),
    path("operations/<slug:kind>/<int:pk>/", operations.operations, name="operations"),
    path("compte/", include("cqp.accounts.urls")),
    path("compte/", include("allauth.account.urls")),
    path("administration/", admin.site.urls),
    path("referentiel/", include("referentiel.urls.reading")),
    path("branche/", include((branch, "branch"))),
    path("candidat/", include((candidate, "candidate"))),
    path("fichiers/", include("candidates.urls.files")),
    path("evaluateur/", include((evaluations_evaluator.urlpatterns, "evaluator"))),
    path("jury/", include((evaluations_jury.urlpatterns, "jury"))),
    path("verifier/", verification.verification, name="verification"),
    path("verifier/<slug:code>/", verification.verification_document, name="verification_document"),
    path("demonstration/", include("cqp.demo.urls")),
]

handler400 = "cqp.home.views.bad_request"
handler404 = "cqp.home.views.not_found"
handler403 = "cqp.home.views.forbidden"
handler500 = "cqp.home.views.server_error"
handler429 = "cqp.accounts.allauth_limits.too_many_requests"
