from django.urls import path

from evaluations.views import (
    branch_documents,
    branch_figures,
    branch_jury,
    branch_paper,
    branch_register,
    branch_replacement,
    branch_sheets,
    branch_timeline,
)

urlpatterns = [
    path("registre/", branch_register.register, name="register"),
    path("registre.xlsx", branch_register.spreadsheet, name="register_xlsx"),
    path("inscriptions/<int:pk>/journal/", branch_timeline.timeline, name="timeline"),
    path("inscriptions/<int:pk>/journal.xlsx", branch_timeline.spreadsheet, name="timeline_xlsx"),
    path("designations/<int:pk>/remplacer/", branch_replacement.replace, name="evaluator_replace"),
    path("fiches/<int:pk>/", branch_sheets.sheet, name="sheet"),
    path("fiches/<int:pk>/rouvrir/", branch_sheets.reopen, name="sheet_reopen"),
    path("fiches/<int:pk>/grille/", branch_paper.scan, name="scan"),
    path("papier/", branch_paper.code, name="paper_code"),
    path("sessions/<int:pk>/papier/", branch_paper.forms, name="paper"),
    path("sessions/<int:pk>/papier/<str:day>.pdf", branch_paper.day_pdf, name="paper_day"),
    path("sessions/<int:pk>/chiffres/", branch_figures.figures, name="figures"),
    path("sessions/<int:pk>/chiffres.xlsx", branch_figures.spreadsheet, name="figures_xlsx"),
    path("sessions/<int:pk>/chiffres.pdf", branch_figures.pdf, name="figures_pdf"),
    path("sessions/<int:pk>/organismes/<int:organisation>.xlsx", branch_figures.centre, name="figures_centre"),
    path("referentiels/<int:pk>/chiffres/", branch_figures.several, name="figures_several"),
    path("referentiels/<int:pk>/chiffres.xlsx", branch_figures.several_xlsx, name="figures_several_xlsx"),
    path("referentiels/<int:pk>/chiffres.pdf", branch_figures.several_pdf, name="figures_several_pdf"),
    path("sessions/<int:pk>/regles-du-jury/", branch_jury.rules, name="jury_rules"),
    path("sessions/<int:pk>/documents/", branch_documents.documents, name="documents"),
    path("sessions/<int:pk>/documents/proces-verbal/", branch_documents.minutes, name="issue_minutes"),
    path("sessions/<int:pk>/publication/", branch_documents.publication, name="publish"),
    path("documents/<int:pk>/annuler/", branch_documents.void, name="void"),
    path("documents/<int:pk>.pdf", branch_documents.document, name="document"),
]
