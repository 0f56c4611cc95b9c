"""The administrator's form to withdraw a page of a dossier."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms

from candidates.models import Dossier, WithdrawnPage
from candidates.services.withdrawal import withdraw_page
from cqp.forms import save_or_show
from cqp.models import User


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Il est conservé avec le dossier ; les évaluateurs ne le lisent pas. N'y recopiez pas ce que dit la page.",
        error_messages={"required": "Écrivez pourquoi cette page est retirée : le motif sera conservé."},
    )
    sure = forms.BooleanField(
        label="Je retire cette page pour toujours.",
        error_messages={"required": "Cochez la case : une page retirée ne se remet pas."},
    )

    def __init__(self, *args: Any, by: User, dossier: Dossier, number: int, **kwargs: Any) -> None:
        self.by, self.dossier, self.number = by, dossier, number
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "reason",
            "sure",
            HTML(f'<button type="submit" class="btn btn-danger">Retirer la page {number}</button>'),
        )

    def save(self) -> WithdrawnPage | None:
        """Return the page withdrawn; None when the service refused: the reasons are in the errors."""
        reason = self.cleaned_data["reason"]
        return save_or_show(
            self, lambda: withdraw_page(dossier=self.dossier, number=self.number, reason=reason, by=self.by)
        )
