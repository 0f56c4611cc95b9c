from django.urls import path

from referentiel.branches import views as certificates
from referentiel.drafts import views as drafts
from referentiel.drafts import views_spreadsheet as criteria

urlpatterns = [
    path("reglages/certificats/<int:pk>/", certificates.certifier, name="certifier"),
    path("reglages/certificats/<int:pk>/sceau/", certificates.make_seal, name="seal_make"),
    path("referentiels/<int:pk>/enregistrement/", certificates.registration, name="registration"),
    path("textes/<int:pk>/", certificates.index, name="texts"),
    path("textes/<int:pk>/<slug:template>/", certificates.edit, name="text"),
    path("referentiels/nouveau/", drafts.start, name="referentiel_start"),
    path("referentiels/nouveau/<slug:way>/", drafts.start, name="referentiel_start_by"),
    path("referentiels/modele.xlsx", drafts.criteria_template, name="criteria_template"),
    path("referentiels/<int:pk>/", drafts.page, name="draft"),
    path("referentiels/<int:pk>/reglages/", drafts.settings, name="draft_settings"),
    path("referentiels/<int:pk>/blocs/ajouter/", drafts.bloc_add, name="draft_bloc_add"),
    path("referentiels/<int:pk>/blocs/<int:number>/", drafts.bloc, name="draft_bloc"),
    path("referentiels/<int:pk>/blocs/<int:number>/retirer/", drafts.bloc_remove, name="draft_bloc_remove"),
    path("referentiels/<int:pk>/comparer/", drafts.comparison, name="draft_comparison"),
    path("referentiels/<int:pk>/sceller/", drafts.seal_draft, name="draft_seal"),
    path("referentiels/<int:pk>/abandonner/", drafts.discard_draft, name="draft_discard"),
    path("referentiels/<int:pk>/criteres.xlsx", drafts.criteria_xlsx, name="criteria_xlsx"),
    path("criteres/<int:pk>/", criteria.page, name="criteria"),
    path("criteres/<int:pk>/colonnes/", criteria.columns, name="criteria_columns"),
    path("criteres/<int:pk>/appliquer/", criteria.apply, name="criteria_apply"),
    path("criteres/<int:pk>/a-corriger/", criteria.errors, name="criteria_errors"),
]
