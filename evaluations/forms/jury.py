"""The forms of a jury as a whole: who attends and presides, what a session asks of it."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.models import Appointment, Session
from candidates.services.sessions import set_jury_rules
from cqp.forms import save_or_show
from cqp.models import User
from evaluations.jury_permissions import JURY_ROLES
from evaluations.jury_seats import rules_of
from evaluations.models import Attendance, Deliberation
from evaluations.services.jury import note_attendance
from referentiel.forms.jury import JuryRulesFields, jury_fieldset


def _seat(appointment: Appointment) -> str:
    college = f", collège des {appointment.get_college_display()}" if appointment.college else ""
    unsigned = "" if appointment.undertaking_signed_at else " (engagement de confidentialité à signer)"
    return f"{appointment.user}, {appointment.get_role_display()}{college}{unsigned}"


class AttendanceForm(forms.Form):
    """Who is present, among the jury and the observers; who presides; for those away, who holds their proxy."""

    members = forms.MultipleChoiceField(label="Membres présents", required=False, widget=forms.CheckboxSelectMultiple)
    observers = forms.MultipleChoiceField(
        label="Assistent sans voix", required=False, widget=forms.CheckboxSelectMultiple
    )
    president = forms.ChoiceField(label="Préside", required=False)

    def __init__(self, data: Any = None, *, session: Session, deliberation: Deliberation | None) -> None:
        roles = (*JURY_ROLES, Appointment.Role.OBSERVER)
        everyone = session.appointments.filter(role__in=roles).select_related("user")
        self.appointments = {str(one.pk): one for one in everyone}
        present = list(deliberation.attendances.values_list("appointment", flat=True)) if deliberation else []
        given = dict(deliberation.proxies.values_list("giver", "holder")) if deliberation else {}
        presides = deliberation.president_id if deliberation else None
        initial = {"members": present, "observers": present, "president": presides}
        super().__init__(data, initial=initial | {f"proxy_{giver}": holder for giver, holder in given.items()})
        jury = {key: one for key, one in self.appointments.items() if one.role in JURY_ROLES}
        self._choices("members", jury)
        self._choices("observers", {key: one for key, one in self.appointments.items() if key not in jury})
        names = {key: str(one.user) for key, one in jury.items()}
        self.fields["president"].choices = [("", "Personne encore"), *names.items()]
        self.proxies = []
        if rules_of(session).proxies_per_member:
            self.proxies = [key for key, one in jury.items() if one.role == Appointment.Role.JUROR]
            for key in self.proxies:
                others = [(other, names[other]) for other in self.proxies if other != key]
                self.fields[f"proxy_{key}"] = forms.ChoiceField(
                    label=f"Absent, {names[key]} donne pouvoir à",
                    choices=[("", "Personne"), *others],
                    required=False,
                )
        self.helper = FormHelper()
        self.helper.form_action = reverse("jury:attendance", args=[session.pk])
        self.helper.form_class = "jury-attendance"
        observers = ["observers"] if len(jury) < len(self.appointments) else []
        pairs = [Column(f"proxy_{key}", css_class="col-md-6") for key in self.proxies]
        self.helper.layout = Layout(
            "members",
            *observers,
            "president",
            *([Row(*pairs)] if pairs else []),
            Submit("save", "Enregistrer les présences", css_id="save-attendance"),
        )

    def _choices(self, name: str, appointments: dict[str, Appointment]) -> None:
        self.fields[name].choices = [(key, _seat(one)) for key, one in appointments.items()]  # type: ignore[attr-defined]

    def save(self, deliberation: Deliberation, *, by: User) -> list[Attendance]:
        """Raises DecisionRefused."""
        data, known = self.cleaned_data, self.appointments
        proxies = {known[key]: known[data[f"proxy_{key}"]] for key in self.proxies if data[f"proxy_{key}"]}
        return note_attendance(
            deliberation,
            [known[key] for key in (*data["members"], *data["observers"])],
            by=by,
            president=known[data["president"]] if data["president"] else None,
            proxies=proxies,
        )


class RulesForm(JuryRulesFields):
    """What a session asks of its jury instead of the référentiel's rules."""

    def __init__(self, data: Any = None, *, session: Session, by: User, initial: dict[str, Any]) -> None:
        self.session, self.by = session, by
        super().__init__(data, initial=initial)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            jury_fieldset("Règles"), Submit("save", "Enregistrer les règles", css_class="btn btn-primary", css_id="")
        )

    def save(self) -> Session | None:
        return save_or_show(self, lambda: set_jury_rules(session=self.session, by=self.by, rules=self.rules()))
