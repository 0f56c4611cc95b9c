"""The forms of an appointment and of a declared link."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.appointments.services import AlreadyAppointedError, Appointee, appoint, declare_conflict, describe_seat
from candidates.models import Appointment, Candidate, Conflict, Session
from cqp.models import User
from cqp.web.forms import save_or_show


class AppointmentForm(forms.Form):
    role = forms.ChoiceField(label="Rôle", choices=[("", "Choisissez…"), *Appointment.Role.choices])
    college = forms.ChoiceField(
        label="Collège",
        choices=[("", "Sans objet"), *Appointment.College.choices],
        required=False,
        help_text="Pour un membre du jury et un suppléant.",
    )
    email = forms.EmailField(
        label="Adresse électronique",
        help_text="Une adresse propre à la personne : elle ouvre son espace.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(label="Prénom", max_length=150, required=False)
    last_name = forms.CharField(label="Nom", max_length=150)
    employer = forms.CharField(
        label="Entreprise",
        max_length=200,
        required=False,
        help_text="Sert à repérer les incompatibilités avec les candidats.",
    )
    training_centre = forms.CharField(label="Organisme de formation", max_length=200, required=False)

    def __init__(self, *args: Any, by: User, session: Session, **kwargs: Any) -> None:
        self.by, self.session = by, session
        self.already: Appointment | None = None
        super().__init__(*args, **kwargs)
        for name in ("employer", "training_centre"):
            self.fields[name].widget.attrs["list"] = f"connus-{name}"
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("role", css_class="col-md-6"), Column("college", css_class="col-md-6")),
            "email",
            Row(Column("first_name", css_class="col-md-6"), Column("last_name", css_class="col-md-6")),
            Row(Column("employer", css_class="col-md-6"), Column("training_centre", css_class="col-md-6")),
            Submit("save", "Nommer", css_class="btn btn-primary", css_id=""),
        )

    def save(self) -> Appointment | None:
        """Return the appointment; None when the service refused: see the errors, and `already`."""
        return save_or_show(self, self._appoint)

    def _appoint(self) -> Appointment:
        data = dict(self.cleaned_data)
        role, college = data.pop("role"), data.pop("college")
        try:
            return appoint(session=self.session, person=Appointee(**data), role=role, college=college, by=self.by)
        except AlreadyAppointedError as known:
            self.already = known.appointment
            raise


class SeatForm(forms.Form):
    """What is said of a member of the jury beside their name."""

    sex = forms.ChoiceField(
        label="Pour la parité, rapportée au procès-verbal",
        choices=[("", "Non renseigné"), *Appointment.Sex.choices],
        required=False,
    )
    is_qualified = forms.BooleanField(
        label="Qualifié au titre de la certification",
        required=False,
        help_text="Pour un candidat par VAE, la loi veut un membre qualifié au moins.",
    )

    def __init__(self, data: Any = None, *, by: User, appointment: Appointment) -> None:
        self.by, self.appointment = by, appointment
        initial = {"sex": appointment.sex, "is_qualified": appointment.is_qualified}
        super().__init__(data, initial=initial, auto_id="siege-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:appointment_seat", args=[appointment.pk])
        self.helper.layout = Layout(
            "sex", "is_qualified", Submit("save", "Enregistrer", css_class="btn btn-outline-primary", css_id="")
        )

    def save(self) -> Appointment | None:
        return save_or_show(self, lambda: describe_seat(appointment=self.appointment, by=self.by, **self.cleaned_data))


class ConflictForm(forms.Form):
    candidate = forms.ModelChoiceField(
        Candidate.objects.none(), label="Candidat avec qui la personne a un lien", empty_label="Choisissez…"
    )

    def __init__(self, *args: Any, by: User, appointment: Appointment, **kwargs: Any) -> None:
        self.by, self.appointment = by, appointment
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = Candidate.objects.filter(enrolments__session=appointment.session)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:conflict_declare", args=[appointment.pk])
        self.helper.layout = Layout(
            "candidate", Submit("save", "Noter ce lien", css_class="btn btn-outline-primary", css_id="")
        )

    def save(self) -> Conflict | None:
        candidate = self.cleaned_data["candidate"]
        return save_or_show(
            self, lambda: declare_conflict(appointment=self.appointment, candidate=candidate, by=self.by)
        )
