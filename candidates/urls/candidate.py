from django.urls import path

from candidates.views import candidate

urlpatterns = [
    path("", candidate.home, name="home"),
    path("dossiers/<int:pk>/", candidate.dossier, name="dossier"),
    path("dossiers/<int:pk>/rubriques/<int:position>/", candidate.add_file, name="add-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/retirer/", candidate.remove, name="remove-file"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/monter/", candidate.move, {"up": True}, name="move-file-up"),
    path("dossiers/<int:pk>/fichiers/<int:file_pk>/descendre/", candidate.move, {"up": False}, name="move-file-down"),
    path("dossiers/<int:pk>/deposer/", candidate.submit, name="submit"),
    path("dossiers/<int:pk>/recepisse/", candidate.receipt, name="receipt"),
]
