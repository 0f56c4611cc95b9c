"""The administrator's correction of what a candidate declared."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.urls import reverse

from candidates.models import EnrolmentBloc
from candidates.services.experience import declare_experience
from cqp.forms import save_or_show
from cqp.models import User

CHOICES = (("yes", "Oui"), ("no", "Non : les questions de remplacement seront posées"))


class RecruitmentForm(forms.Form):
    recruited = forms.ChoiceField(
        label="Le candidat a-t-il contribué à au moins un recrutement ?",
        choices=CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez oui ou non."},
    )

    def __init__(self, *args: Any, by: User, enrolment_bloc: EnrolmentBloc, **kwargs: Any) -> None:
        self.by, self.enrolment_bloc = by, enrolment_bloc
        initial = {"recruited": "no" if enrolment_bloc.declared else "yes"}
        super().__init__(*args, initial=initial, auto_id=f"recrutement-{enrolment_bloc.pk}-%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:recruitment", args=[enrolment_bloc.pk])
        self.helper.layout = Layout(
            "recruited",
            HTML('<button type="submit" class="btn btn-outline-primary">Enregistrer la déclaration</button>'),
        )

    def save(self) -> EnrolmentBloc | None:
        """Return the bloc; None when the service refused: the reasons are in the errors."""
        recruited = self.cleaned_data["recruited"] == "yes"
        return save_or_show(
            self, lambda: declare_experience(enrolment_bloc=self.enrolment_bloc, recruited=recruited, by=self.by)
        )
