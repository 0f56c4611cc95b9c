"""A wish for a measure of accommodation, and the three acts of the branch on it."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse
from django.utils import timezone

from candidates.accommodation.rules import MEASURES
from candidates.accommodation.services import grant, note_proof, refuse, request_accommodation, wish_of
from candidates.models import AccommodationWish, Enrolment
from cqp.models import User
from cqp.web.forms import minutes_field, save_or_show


class WishForm(forms.Form):
    measures = forms.MultipleChoiceField(
        label="Ce que vous souhaitez",
        choices=list(MEASURES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une mesure."},
    )
    details = forms.CharField(
        label="Précisions sur la mesure",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="La mesure, jamais la raison. Par exemple : 10 minutes de plus, un interprète en langue des signes.",
    )

    def __init__(self, *args: Any, by: User, enrolment: Enrolment, **kwargs: Any) -> None:
        self.by, self.enrolment = by, enrolment
        wish = wish_of(enrolment)
        initial = {"measures": wish.measures, "details": wish.details} if wish else {}
        super().__init__(*args, initial=initial, **kwargs)
        button = "Enregistrer ma demande" if wish else "Envoyer ma demande"
        self.helper = FormHelper()
        self.helper.form_action = reverse("candidate:accommodation", args=[enrolment.pk])
        self.helper.layout = Layout(
            "measures", "details", Submit("save", button, css_class="btn btn-primary btn-lg w-100", css_id="")
        )

    def save(self) -> AccommodationWish | None:
        """Return the wish; None when the service refused: the reasons are in the errors."""
        return save_or_show(
            self, lambda: request_accommodation(enrolment=self.enrolment, by=self.by, **self.cleaned_data)
        )


class AnswerForm(forms.Form):
    """What the branch does with a wish: `act` names the page that takes it."""

    act = ""
    button = ""
    style = "btn-outline-primary"

    def __init__(self, *args: Any, by: User, enrolment: Enrolment, **kwargs: Any) -> None:
        self.by, self.enrolment = by, enrolment
        super().__init__(*args, initial=self.known(), auto_id=f"{self.act}-%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse(f"branch:{self.act}", args=[enrolment.pk])
        self.helper.layout = Layout(*self.rows(), Submit("save", self.button, css_class=f"btn {self.style}", css_id=""))

    def save(self) -> AccommodationWish | None:
        raise NotImplementedError

    def known(self) -> dict[str, Any]:
        return {}

    def rows(self) -> list[Any]:
        return list(self.fields)


class ProofForm(AnswerForm):
    act, button = "accommodation_proof", "Noter le justificatif"

    seen_on = forms.DateField(
        label="Justificatif vu le",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Rendez-le ou détruisez-le : rien n'en est gardé ici, que ce jour et votre nom.",
    )

    def known(self) -> dict[str, dt.date]:
        return {"seen_on": timezone.now().astimezone(self.enrolment.session.zone).date()}

    def save(self) -> AccommodationWish | None:
        seen_on = self.cleaned_data["seen_on"]
        return save_or_show(self, lambda: note_proof(enrolment=self.enrolment, by=self.by, seen_on=seen_on))


class GrantForm(AnswerForm):
    act, button, style = "accommodation_grant", "Accorder", "btn-primary"

    extra_minutes = minutes_field("Temps supplémentaire, en minutes")
    break_minutes = minutes_field("Pause prévue, en minutes")
    other_measures = forms.CharField(
        label="Autres mesures",
        max_length=200,
        required=False,
        help_text="La mesure, jamais sa raison : les évaluateurs la lisent.",
    )
    message = forms.CharField(
        label="Un mot au candidat", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def known(self) -> dict[str, Any]:
        return {name: getattr(self.enrolment, name) for name in ("extra_minutes", "break_minutes", "other_measures")}

    def rows(self) -> list[Any]:
        minutes = (Column(name, css_class="col-sm-6") for name in ("extra_minutes", "break_minutes"))
        return [Row(*minutes), "other_measures", "message"]

    def save(self) -> AccommodationWish | None:
        return save_or_show(self, lambda: grant(enrolment=self.enrolment, by=self.by, **self.cleaned_data))


class RefuseForm(AnswerForm):
    act, button, style = "accommodation_refuse", "Refuser", "btn-outline-danger"

    message = forms.CharField(
        label="Pourquoi la demande est refusée",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Le candidat le lira.",
        error_messages={"required": "Expliquez le refus : le candidat le lira."},
    )

    def save(self) -> AccommodationWish | None:
        message = self.cleaned_data["message"]
        return save_or_show(self, lambda: refuse(enrolment=self.enrolment, by=self.by, message=message))
