"""The administrator's form for another address of a candidate's account."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms

from candidates.models import Enrolment
from candidates.services.address import change_address
from cqp.forms import save_or_show
from cqp.models import User


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="Nouvelle adresse électronique",
        help_text="Une adresse propre au candidat : elle ouvre son espace.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, by: User, enrolment: Enrolment, **kwargs: Any) -> None:
        self.by, self.enrolment = by, enrolment
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "email", HTML('<button type="submit" class="btn btn-primary">Changer l\'adresse</button>')
        )

    def save(self) -> User | None:
        """Return the account; None when the service refused: the reasons are in the errors."""
        email = self.cleaned_data["email"]
        return save_or_show(self, lambda: change_address(enrolment=self.enrolment, by=self.by, email=email))
