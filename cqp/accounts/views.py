"""Passkeys: one is added, which opens the account by itself; one enters."""

import json
import struct
from typing import Any

from allauth.account.mixins import NextRedirectMixin
from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView
from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse

from cqp.accounts.allauth_internals import passkey_options
from cqp.accounts.passkeys import PasskeyAdapter

# What allauth and fido2 raise on an answer that no device made. A ValidationError is none of these.
GARBLED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)


class AddPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except GARBLED:
            raise forms.ValidationError("The device's answer is garbled.") from None


class EnterForm(LoginWebAuthnForm):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except GARBLED:
            raise PasskeyAdapter().validation_error("incorrect_code") from None


class AddPasskey(NextRedirectMixin, AddWebAuthnView):
    form_class = AddPasskeyForm

    def get_success_url(self) -> str:
        return self.get_next_url() or reverse("mfa_list_webauthn")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"options": json.dumps(passkey_options(self.request.user), cls=DjangoJSONEncoder)}


class Enter(LoginWebAuthnView):
    form_class = EnterForm


add, enter = AddPasskey.as_view(), Enter.as_view()
