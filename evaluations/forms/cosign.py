"""What the second evaluator enters on the first one's device."""

from typing import Any

from django import forms

from cqp.models import User
from evaluations.models import ScoringSheet, Signature
from evaluations.services.cosigning import TooMany, code_is_right, password_is_right


class CosignForm(forms.Form):
    """The password of the one who signs, or, for a person without one, the code that was mailed to them."""

    secret = forms.CharField(max_length=200, strip=False)

    def __init__(self, *args: Any, sheet: ScoringSheet, signer: User, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{signer.pk}_%s", **kwargs)
        self.sheet, self.signer = sheet, signer
        self.method = Signature.Method.PASSWORD if signer.has_usable_password() else Signature.Method.CODE
        field, attrs = self.fields["secret"], {"class": "form-control form-control-lg", "autocomplete": "off"}
        if self.method == Signature.Method.PASSWORD:
            field.label, field.widget = f"Mot de passe de {signer}", forms.PasswordInput(attrs)
            field.error_messages["required"] = "Entrez le mot de passe."
        else:
            field.label = f"Code reçu par {signer}"
            field.widget = forms.TextInput(attrs | {"autocapitalize": "characters", "spellcheck": "false"})
            field.error_messages["required"] = "Entrez le code."

    def clean_secret(self) -> str:
        secret = self.cleaned_data["secret"]
        if not self.signer.is_active:
            raise forms.ValidationError(f"Le compte de {self.signer} est fermé.")
        try:
            if self.method == Signature.Method.PASSWORD:
                right = password_is_right(signer=self.signer, password=secret)
                wrong = f"Ce n'est pas le mot de passe de {self.signer}."
            else:
                right = code_is_right(sheet=self.sheet, signer=self.signer, code=secret)
                wrong = f"Ce n'est pas le dernier code envoyé à {self.signer}, ou il a plus de cinq minutes."
        except TooMany:
            raise forms.ValidationError(
                "Trop d'essais faux : attendez cinq minutes, ou signez sur votre propre appareil."
            ) from None
        if not right:
            raise forms.ValidationError(wrong)
        return secret
