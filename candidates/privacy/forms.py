"""How long a branch keeps, and the erasure of a person who asks for it."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from candidates.models import Candidate, Erasure
from candidates.privacy.erasure import ChainBrokenError, erase_on_request
from candidates.privacy.services import set_retention
from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.models import Branch, BranchSettings


class RetentionForm(forms.Form):
    """`branch` names the form on a page that has several."""

    months = BranchSettings._meta.get_field("retention_months").formfield()

    def __init__(self, *args: Any, by: User, branch: Branch, **kwargs: Any) -> None:
        self.by, self.branch = by, branch
        super().__init__(*args, prefix=f"branch-{branch.pk}", **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("months", Submit("save", "Enregistrer", css_class="btn btn-primary", css_id=""))

    def save(self) -> BranchSettings | None:
        months = self.cleaned_data["months"]
        return save_or_show(self, lambda: set_retention(branch=self.branch, months=months, by=self.by))


class ErasureForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=200,
        help_text="Par exemple : demande reçue le 3 mars. Il est conservé : n'y écrivez ni nom, ni adresse.",
    )
    sure = forms.BooleanField(label="J'ai compris que rien ne pourra être rétabli")

    def __init__(self, *args: Any, by: User, candidate: Candidate, **kwargs: Any) -> None:
        self.by, self.candidate = by, candidate
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        button = Submit("save", "Effacer définitivement", css_class="btn btn-danger", css_id="")
        self.helper.layout = Layout("reason", "sure", button)

    def save(self) -> Erasure | None:
        reason = self.cleaned_data["reason"]
        try:
            return save_or_show(self, lambda: erase_on_request(self.candidate, by=self.by, reason=reason))
        except ChainBrokenError:
            self.add_error(None, "Rien n'est effacé : une chaîne de preuve est rompue. Prévenez l'exploitant du site.")
            return None
