from django.urls import path

from candidates.views.candidate import answers, dossier, expected, files, home, submission, template

urlpatterns = [
    path("", home.home, name="home"),
    path("dossiers/<int:pk>/", dossier.dossier, name="dossier"),
    path("dossiers/<int:pk>/attendu/", expected.expected, name="expected"),
    path("dossiers/<int:pk>/rubriques/<int:position>/", files.add_file, name="add-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/retirer/", files.remove, name="remove-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/monter/", files.move, {"up": True}, name="move-file-up"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/descendre/", files.move, {"up": False}, name="move-file-down"),
    path("dossiers/<int:pk>/rubriques/<int:position>/reponse/", answers.answer, name="answer"),
    path("dossiers/<int:pk>/reponses/", answers.answers, name="answers"),
    path("dossiers/<int:pk>/modele.docx", template.template, {"extension": "docx"}, name="template-docx"),
    path("dossiers/<int:pk>/modele.odt", template.template, {"extension": "odt"}, name="template-odt"),
    path("dossiers/<int:pk>/deposer/", submission.submit, name="submit"),
    path("dossiers/<int:pk>/recepisse/", submission.receipt, name="receipt"),
    path("dossiers/<int:pk>/recepisse.pdf", submission.receipt_pdf, name="receipt_pdf"),
]
