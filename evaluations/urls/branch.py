from django.urls import path

from evaluations.views import branch_documents, branch_sheets

urlpatterns = [
    path("fiches/<int:pk>/", branch_sheets.sheet, name="sheet"),
    path("fiches/<int:pk>/rouvrir/", branch_sheets.reopen, name="sheet_reopen"),
    path("sessions/<int:pk>/documents/", branch_documents.documents, name="documents"),
    path("sessions/<int:pk>/documents/proces-verbal/", branch_documents.minutes, name="issue_minutes"),
    path("sessions/<int:pk>/publication/", branch_documents.publication, name="publish"),
    path("documents/<int:pk>.pdf", branch_documents.document, name="document"),
]
