from django.urls import path

from evaluations.accrochage import views as branch_accrochage
from evaluations.figures import views as branch_figures
from evaluations.jury.views import branch as branch_jury
from evaluations.paper import views_branch as branch_paper
from evaluations.publication.views import appeals as branch_appeals
from evaluations.publication.views import branch as branch_documents
from evaluations.register import views as branch_register
from evaluations.sheets.views import branch as branch_sheets
from evaluations.timeline import views as branch_timeline

urlpatterns = [
    path("registre/", branch_register.register, name="register"),
    path("accrochage/", branch_accrochage.page, name="accrochage"),
    path("accrochage/titulaires/<int:pk>/", branch_accrochage.correct, name="accrochage_holder"),
    path("accrochage/<int:pk>/identifiants/", branch_accrochage.sender, name="accrochage_sender"),
    path("accrochage/<int:pk>/preparer/", branch_accrochage.make, name="accrochage_make"),
    path("accrochage/<int:pk>/rapport/", branch_accrochage.receipt, name="accrochage_receipt"),
    path("accrochage/flux/<int:pk>/abandonner/", branch_accrochage.abandon, name="accrochage_abandon"),
    path("accrochage/flux/<int:pk>.xml", branch_accrochage.download, name="accrochage_flow"),
    path("registre.xlsx", branch_register.spreadsheet, name="register_xlsx"),
    path("registre/emettre/<int:pk>/", branch_register.issue, name="register_issue"),
    path("registre/<int:pk>.pdf", branch_register.document, name="register_document"),
    path("inscriptions/<int:pk>/journal/", branch_timeline.timeline, name="timeline"),
    path("inscriptions/<int:pk>/journal.xlsx", branch_timeline.spreadsheet, name="timeline_xlsx"),
    path("designations/<int:pk>/remplacer/", branch_sheets.replace, name="evaluator_replace"),
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
    path("documents/<int:pk>/approbation/", branch_documents.approve, name="minutes_approve"),
    path("documents/<int:pk>/signe/", branch_documents.signed, name="minutes_signed"),
    path("inscriptions/<int:pk>/recours/", branch_appeals.page, name="appeals"),
    path("blocs-presentes/<int:pk>/recours/", branch_appeals.receive, name="appeal_receive"),
    path("recours/<int:pk>/", branch_appeals.answer, name="appeal_answer"),
    path("documents/<int:pk>/annuler/", branch_documents.void, name="void"),
    path("documents/<int:pk>.pdf", branch_documents.document, name="document"),
]
