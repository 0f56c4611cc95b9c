"""Who certifies and signs; under which number a référentiel is registered; what a mail says, zone by zone."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse

from cqp.mail.hooks import editable
from cqp.mail.wording import unknown_names, zones_of
from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.branches.queries import branch_texts
from referentiel.branches.services import CERTIFIER, set_certifier, set_registration, write_texts
from referentiel.models import Branch, BranchSettings, Referentiel, Registration


def _day(label: str, *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def _save(label: str) -> Submit:
    return Submit("save", label, css_class="btn btn-primary", css_id="")


class CertifierForm(forms.Form):
    legal_name = forms.CharField(
        label="Nom légal du certificateur",
        max_length=200,
        required=False,
        help_text="Tel qu'au répertoire. Vide : le nom de la branche.",
    )
    issue_place = forms.CharField(
        label="Fait à", max_length=100, required=False, help_text="Vide : le lieu de la session."
    )
    signatory_name = forms.CharField(label="Signataire", max_length=150, required=False)
    signatory_quality = forms.CharField(label="Qualité", max_length=150, required=False)
    signatory_from = _day("Mandat depuis le")
    signatory_until = _day("Mandat jusqu'au")

    def __init__(self, data: Any = None, *, branch: Branch, by: User) -> None:
        self.branch, self.by = branch, by
        settings = BranchSettings.objects.filter(branch=branch).first() or BranchSettings(branch=branch)
        super().__init__(data, initial={name: getattr(settings, name) for name in CERTIFIER})
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:certifier", args=[branch.pk])
        half = "col-md-6"
        self.helper.layout = Layout(
            "legal_name",
            "issue_place",
            Row(Column("signatory_name", css_class=half), Column("signatory_quality", css_class=half)),
            Row(Column("signatory_from", css_class=half), Column("signatory_until", css_class=half)),
            _save("Enregistrer"),
        )

    def save(self) -> BranchSettings | None:
        return save_or_show(self, lambda: set_certifier(branch=self.branch, by=self.by, **self.cleaned_data))


class RegistrationForm(forms.Form):
    rncp_code = forms.CharField(label="Code RNCP", max_length=20)
    decided_on = _day("Décision du", required=True)
    ends_on = _day("Enregistré jusqu'au")

    def __init__(self, data: Any = None, *, referentiel: Referentiel, by: User) -> None:
        self.referentiel, self.by = referentiel, by
        known: Registration | None = getattr(referentiel, "registration", None)
        initial: dict[str, Any] = {"rncp_code": known.rncp_code if known else referentiel.rncp_code}
        if known:
            initial |= {"decided_on": known.decided_on, "ends_on": known.ends_on}
        super().__init__(data, initial=initial, auto_id=f"ref-{referentiel.pk}-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:registration", args=[referentiel.pk])
        third = "col-md-4"
        self.helper.layout = Layout(
            Row(*(Column(name, css_class=third) for name in ("rncp_code", "decided_on", "ends_on"))),
            _save("Enregistrer"),
        )

    def save(self) -> Registration | None:
        return save_or_show(
            self, lambda: set_registration(referentiel=self.referentiel, by=self.by, **self.cleaned_data)
        )


class TextsForm(forms.Form):
    """One field per zone; an empty one stands for our words."""

    def __init__(self, data: Any = None, *, branch: Branch, template: str, by: User) -> None:
        self.branch, self.template, self.by = branch, template, by
        super().__init__(data, initial=branch_texts(branch.pk, template))
        for zone in zones_of(template):
            if zone.key == "subject":
                self.fields[zone.key] = forms.CharField(label=zone.label, max_length=150, required=False)
            else:
                self.fields[zone.key] = forms.CharField(
                    label=zone.label,
                    max_length=3000,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 5}),
                    help_text="Vide : le texte d'origine, que montre l'aperçu."
                    if zone.key != "closing"
                    else "Vide : rien.",
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for zone, text in list(data.items()):
            if unknown := unknown_names(text or "", self.template):
                names = ", ".join(f"{{{name}}}" for name in editable.for_key(self.template).names)
                self.add_error(zone, f"{{{unknown[0]}}} n'existe pas dans ce courriel. Vous pouvez écrire {names}.")
        return data

    @property
    def texts(self) -> dict[str, str]:
        """What is written now, valid or not."""
        source = self.data if self.is_bound else self.initial
        return {zone: str(source.get(zone) or "").replace("\r\n", "\n").strip() for zone in self.fields}

    def save(self) -> None:
        write_texts(branch=self.branch, template=self.template, texts=self.texts, by=self.by)
