"""The candidate's correction of their civil status; the administrator's form for another address of an account."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.models import Candidate, Enrolment
from candidates.people.address import change_address
from candidates.people.birthplace_fields import complete_birthplace, offer_birthplaces
from candidates.people.birthplaces import birthplace_text
from candidates.people.civil_status import correct_identity, identity_token
from candidates.people.countries import FRANCE
from candidates.people.identity import IDENTITY
from cqp.core.text import normalise
from cqp.models import User
from cqp.web.forms import number_field, save_or_show


class CivilStatusForm(forms.Form):
    """`read` says which civil status was on the page: the branch may have changed it meanwhile."""

    read = forms.CharField(widget=forms.HiddenInput, required=False)
    birth_name = forms.CharField(label="Nom de naissance", max_length=100)
    used_name = forms.CharField(
        label="Nom d'usage",
        max_length=100,
        required=False,
        help_text="Si vous en portez un autre, de mariage par exemple.",
    )
    first_names = forms.CharField(
        label="Prénoms",
        max_length=150,
        help_text="Tous, dans l'ordre de votre pièce d'identité, séparés par des virgules.",
    )
    sex = forms.ChoiceField(label="Sexe", choices=Candidate.Sex.choices, widget=forms.RadioSelect)
    birth_day = number_field("Jour", 1, 31, required=False)
    birth_month = number_field("Mois", 1, 12, required=False)
    birth_year = number_field("Année", 1900, 2100)
    birth_country = forms.CharField(label="Pays de naissance", max_length=60)
    birth_place = forms.CharField(label="Commune ou ville de naissance", max_length=100, required=False)

    def __init__(self, *args: Any, by: User, enrolment: Enrolment, **kwargs: Any) -> None:
        self.by, self.enrolment = by, enrolment
        candidate = enrolment.candidate
        # What one types again is what the page showed: the commune with its department.
        self.known_place = birthplace_text(candidate)
        initial = {name: getattr(candidate, name) for name in IDENTITY}
        initial |= {"birth_place": self.known_place, "read": identity_token(candidate)}
        super().__init__(*args, initial=initial, **kwargs)
        offer_birthplaces(self)
        self.helper = FormHelper()
        self.helper.form_action = reverse("candidate:civil-status", args=[enrolment.pk])
        self.helper.layout = Layout(
            "read",
            "birth_name",
            "used_name",
            "first_names",
            "sex",
            Fieldset(
                "Date de naissance",
                Row(*(Column(name, css_class="col-4") for name in ("birth_day", "birth_month", "birth_year"))),
                HTML('<p class="form-text">Jour ou mois absent de votre état civil : laissez-le vide.</p>'),
            ),
            "birth_country",
            "birth_place",
            Submit("save", "Enregistrer mon état civil", css_class="btn btn-primary btn-lg w-100", css_id=""),
        )

    def clean(self) -> dict[str, Any]:
        """Set `birth_insee`: the code of the commune in the list, the one known when the place did not change, or ""."""
        data, candidate = super().clean() or {}, self.enrolment.candidate
        place, country = data.get("birth_place", ""), data.get("birth_country", "")
        is_same = place in (self.known_place, candidate.birth_place) and country == candidate.birth_country
        if is_same and (candidate.birth_insee or not place):
            known = {"birth_place": candidate.birth_place, "birth_insee": candidate.birth_insee}
            return data | known | {"birth_country": FRANCE if normalise(country) == normalise(FRANCE) else country}
        return complete_birthplace(self, data | {"birth_insee": ""}, known=candidate.birth_country)

    def save(self) -> Enrolment | None:
        """Return the enrolment; None when the service refused: see the errors. Raises ChangedMeanwhileError."""
        return save_or_show(self, lambda: correct_identity(enrolment=self.enrolment, by=self.by, **self.cleaned_data))


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
