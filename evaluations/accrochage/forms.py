"""Who the branch is for the Caisse des dépôts; the receipt that came back."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.models import Candidate, Enrolment
from candidates.people.birthplace_fields import complete_birthplace, offer_birthplaces
from candidates.people.identity import IDENTITY
from cqp.models import User
from cqp.web.forms import save_or_show
from evaluations.accrochage.receipt import MAX_BYTES
from evaluations.accrochage.services import correct_civil_status, sender_of
from referentiel.models import Branch, BranchSettings


class CivilStatusForm(forms.Form):
    """The civil status of a holder, as it is sent."""

    birth_name = forms.CharField(label="Nom de naissance", max_length=100)
    used_name = forms.CharField(label="Nom d'usage", max_length=100, required=False)
    first_names = forms.CharField(label="Prénoms", max_length=150, help_text="Séparés par des virgules.")
    sex = forms.ChoiceField(label="Sexe", choices=Candidate.Sex)
    birth_day = forms.IntegerField(
        label="Jour de naissance", min_value=1, max_value=31, required=False, help_text="Vide si inconnu."
    )
    birth_month = forms.IntegerField(
        label="Mois", min_value=1, max_value=12, required=False, help_text="Vide si inconnu."
    )
    birth_year = forms.IntegerField(label="Année", min_value=1900, max_value=2100)
    birth_place = forms.CharField(label="Commune de naissance", max_length=100, required=False)
    birth_insee = forms.CharField(
        label="Code INSEE de la commune", max_length=5, required=False, help_text="Cinq caractères ; né en France."
    )
    birth_country = forms.CharField(label="Pays de naissance", max_length=60)

    def __init__(self, data: Any = None, *, enrolment: Enrolment, by: User) -> None:
        self.enrolment, self.by = enrolment, by
        super().__init__(data, initial={name: getattr(enrolment.candidate, name) for name in IDENTITY})
        offer_birthplaces(self)
        self.helper = FormHelper()
        third, half = "col-md-4", "col-md-6"
        self.helper.layout = Layout(
            Row(Column("birth_name", css_class=half), Column("used_name", css_class=half)),
            Row(Column("first_names", css_class="col-md-8"), Column("sex", css_class=third)),
            Row(*(Column(name, css_class=third) for name in ("birth_day", "birth_month", "birth_year"))),
            Row(*(Column(name, css_class=third) for name in ("birth_place", "birth_insee", "birth_country"))),
            Submit("save", "Enregistrer", css_class="btn btn-primary", css_id=""),
        )

    def clean(self) -> dict[str, Any]:
        known = self.enrolment.candidate.birth_country
        return complete_birthplace(self, super().clean() or {}, known=known)

    def save(self) -> Enrolment | None:
        return save_or_show(self, lambda: correct_civil_status(self.enrolment, by=self.by, **self.cleaned_data))


class SenderForm(forms.Form):
    client = forms.CharField(label="Identifiant client", min_length=8, max_length=8, help_text="Huit caractères.")
    contract = forms.CharField(label="Identifiant de contrat", max_length=20)
    nature = forms.ChoiceField(label="Nature du déposant", choices=BranchSettings.NATURES)
    version = forms.ChoiceField(label="Version du flux", choices=BranchSettings.FLOWS)

    def __init__(self, data: Any = None, *, branch: Branch) -> None:
        sender = sender_of(branch)
        initial = {"client": sender.client, "contract": sender.contract, "nature": sender.nature}
        super().__init__(data, initial=initial, auto_id=f"deposant-{branch.pk}-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:accrochage_sender", args=[branch.pk])
        half = "col-md-6"
        self.helper.layout = Layout(
            Row(*(Column(name, css_class=half) for name in ("client", "contract", "nature", "version"))),
            Submit("save", "Enregistrer", css_class="btn btn-outline-primary", css_id=""),
        )


class ReceiptForm(forms.Form):
    receipt = forms.FileField(
        label="Rapport de traitement (XML)",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
        error_messages={"required": "Choisissez le fichier."},
    )

    def __init__(self, data: Any = None, files: Any = None, *, branch: Branch) -> None:
        super().__init__(data, files, auto_id=f"rapport-{branch.pk}-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:accrochage_receipt", args=[branch.pk])
        self.helper.layout = Layout(
            "receipt", Submit("save", "Lire le rapport", css_class="btn btn-outline-primary", css_id="")
        )

    def clean_receipt(self) -> bytes:
        file = self.cleaned_data["receipt"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("Ce fichier pèse plus de 5 Mo : ce n'est pas un rapport de traitement.")
        content: bytes = file.read()
        return content
