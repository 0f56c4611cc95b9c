from django.urls import path

from evaluations.views import branch_sheets

urlpatterns = [
    path("fiches/<int:pk>/", branch_sheets.sheet, name="sheet"),
    path("fiches/<int:pk>/rouvrir/", branch_sheets.reopen, name="sheet_reopen"),
]
