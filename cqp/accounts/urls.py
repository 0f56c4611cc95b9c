"""The passkeys' pages, under the names that allauth knows. Its pages of other second factors have no address."""

from allauth.mfa.webauthn import views as allauth
from django.urls import path

from cqp.accounts import views as passkeys

urlpatterns = [
    path("", allauth.list_webauthn, name="mfa_list_webauthn"),
    path("ajouter/", passkeys.add, name="mfa_add_webauthn"),
    path("<int:pk>/retirer/", allauth.remove_webauthn, name="mfa_remove_webauthn"),
    path("entrer/", passkeys.enter, name="mfa_login_webauthn"),
]
