from django.urls import path

from candidates.accommodation import views_candidate as accommodation
from candidates.appointments import views_candidate as evaluators
from candidates.convocations import views_candidate as convocation
from candidates.dossiers.views import candidate as dossier
from candidates.dossiers.views import candidate_answers as answers
from candidates.dossiers.views import candidate_files as files
from candidates.dossiers.views import tus
from candidates.enrolments import views_candidate as invitation
from candidates.people import views_candidate as civil_status
from candidates.portal import views_candidate as home
from candidates.privacy import views_candidate as my_data

urlpatterns = [
    path("", home.home, name="home"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("invitation/<str:token>/nouveau/", invitation.new_link, name="invitation-new"),
    path("mes-donnees/", my_data.my_data, name="my-data"),
    path("mes-donnees/copie/", my_data.ask, name="my-data-ask"),
    path("mes-donnees/copie/<int:pk>/", my_data.download, name="my-data-copy"),
    path("communes/", civil_status.communes, name="communes"),
    path("inscriptions/<int:pk>/convocation.pdf", convocation.pdf, name="convocation"),
    path("inscriptions/<int:pk>/entretiens.ics", convocation.agenda, name="agenda"),
    path("inscriptions/<int:pk>/etat-civil/", civil_status.civil_status, name="civil-status"),
    path("inscriptions/<int:pk>/etat-civil/confirmer/", civil_status.confirm, name="civil-status-confirm"),
    path("inscriptions/<int:pk>/amenagement/", accommodation.accommodation, name="accommodation"),
    path("inscriptions/<int:pk>/amenagement/retirer/", accommodation.withdraw, name="accommodation-withdraw"),
    path("inscriptions/<int:pk>/evaluateurs/", evaluators.evaluators, name="evaluators"),
    path(
        "inscriptions/<int:pk>/evaluateurs/<int:appointment_pk>/connu/",
        evaluators.declare,
        {"known": True},
        name="evaluator-known",
    ),
    path(
        "inscriptions/<int:pk>/evaluateurs/<int:appointment_pk>/annuler/",
        evaluators.declare,
        {"known": False},
        name="evaluator-unknown",
    ),
    path("dossiers/<int:pk>/", dossier.dossier, name="dossier"),
    path("dossiers/<int:pk>/attendu/", dossier.expected, name="expected"),
    path("dossiers/<int:pk>/rubriques/<int:position>/", files.add_file, name="add-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/retirer/", files.remove, name="remove-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/monter/", files.move, {"up": True}, name="move-file-up"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/descendre/", files.move, {"up": False}, name="move-file-down"),
    path("dossiers/<int:pk>/rubriques/<int:position>/reponse/", answers.answer, name="answer"),
    path("dossiers/<int:pk>/reponses/", answers.answers, name="answers"),
    path("dossiers/<int:pk>/modele.docx", dossier.template, {"extension": "docx"}, name="template-docx"),
    path("dossiers/<int:pk>/modele.odt", dossier.template, {"extension": "odt"}, name="template-odt"),
    path("dossiers/<int:pk>/rubriques/<int:position>/ordre/", files.order, name="order-files"),
    path("dossiers/<int:pk>/envois/", tus.create, name="uploads"),
    path("envois/<uuid:key>/", tus.upload, name="upload"),
    path("envois/<uuid:key>/abandonner/", files.abandon, name="abandon-upload"),
    path("dossiers/<int:pk>/deposer/", dossier.submit, name="submit"),
    path("dossiers/<int:pk>/recepisse/", dossier.receipt, name="receipt"),
    path("dossiers/<int:pk>/recepisse.pdf", dossier.receipt_pdf, name="receipt_pdf"),
]
