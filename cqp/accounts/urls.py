"""The accounts' pages that are ours, some under names that allauth knows: they stand before its own.

Its pages of other second factors have no address.
"""

from allauth.mfa.webauthn import views as allauth
from django.urls import path

from cqp.accounts import views as passkeys
from cqp.accounts import views_code as code
from cqp.accounts import views_logins as logins
from cqp.accounts.proof import prove_by_code, set_password

urlpatterns = [
    path("login/code/", code.request_code, name="account_request_login_code"),
    path("login/code/confirm/", code.confirm_code, name="account_confirm_login_code"),
    path("login/code/autre/", code.ask_for_another, name="account_another_login_code"),
    path("password/set/", set_password, name="account_set_password"),
    path("reauthenticate/code/", prove_by_code, name="account_reauthenticate_by_code"),
    path("connexions/", logins.list_logins, name="account_logins"),
    path("connexions/fin/", logins.end_all, name="account_end_all_logins"),
    path("connexions/<slug:identity>/fin/", logins.end_login, name="account_end_login"),
    path("cles/", allauth.list_webauthn, name="mfa_list_webauthn"),
    path("cles/ajouter/", passkeys.add, name="mfa_add_webauthn"),
    path("cles/<int:pk>/retirer/", allauth.remove_webauthn, name="mfa_remove_webauthn"),
    path("cles/entrer/", passkeys.enter, name="mfa_login_webauthn"),
]
