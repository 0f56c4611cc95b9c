"""The form that plans an interview, or moves it."""

import datetime as dt
import hashlib
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row, Submit
from django import forms
from django.core.exceptions import ValidationError

from candidates import dates
from candidates.forms import save_or_show
from candidates.forms.session import WallTimeField
from candidates.incompatibilities import load_facts
from candidates.models import Appointment, Assignment, EnrolmentBloc, Interview
from candidates.services.planning import PlanWarned, plan_interview, replan_interview
from candidates.services.sessions import local_time
from cqp.models import User


def mark_of(warnings: list[str]) -> str:
    """Return what the form carries of the warnings it showed: accepting them accepts no other."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]


class PlanForm(forms.Form):
    start = WallTimeField(label="Date et heure de début")
    room = forms.CharField(label="Salle", max_length=80, widget=forms.TextInput(attrs={"list": "salles"}))
    appointments = forms.MultipleChoiceField(
        label="Évaluateurs",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez les évaluateurs."},
    )
    accept = forms.BooleanField(label="Je planifie quand même", required=False)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, by: User, enrolment_bloc: EnrolmentBloc, interview: Interview | None = None, **kwargs: Any
    ) -> None:
        self.by, self.enrolment_bloc, self.interview = by, enrolment_bloc, interview
        self.session = enrolment_bloc.enrolment.session
        self.warnings: list[str] = []
        super().__init__(*args, initial=self._initial(), **kwargs)
        self.fields["start"].help_text = f"À l'{dates.zone_text(self.session.zone)}."
        self.fields["start"].widget.attrs |= {
            "min": f"{self.session.interviews_from:%Y-%m-%d}T00:00",
            "max": f"{self.session.interviews_to:%Y-%m-%d}T23:59",
        }
        count = enrolment_bloc.bloc.evaluator_count
        self.fields["appointments"].help_text = f"{count} pour ce bloc."
        self.people = {
            str(one.pk): one
            for one in Appointment.objects.filter(session=self.session, role=Appointment.Role.EVALUATOR)
            .select_related("user", "session")
            .order_by("user__last_name", "user__first_name")
        }
        self.fields["appointments"].choices = self._choices()
        self._lay_out()

    def _initial(self) -> dict[str, Any]:
        if self.interview is None:
            return {"start": dt.datetime.combine(self.session.interviews_from, dt.time(9))}
        return {
            "start": self.interview.start.astimezone(self.session.zone).replace(tzinfo=None),
            "room": self.interview.room,
            "appointments": [
                str(one.appointment_id)
                for one in self.interview.assignments.all()
                if one.state == Assignment.State.ACTIVE
            ],
        }

    def _choices(self) -> list[tuple[str, str]]:
        """Each evaluator with what stands between them and the candidate, those that nothing stops first."""
        facts = load_facts(self.session)
        choices = []
        for key, person in self.people.items():
            found = facts.between(self.enrolment_bloc.enrolment_id, person.pk)
            rank = 2 if any(one.is_blocking for one in found) else min(len(found), 1)
            words = ("", " (à signaler : {})", " (incompatible : {})")[rank]
            reasons = " ".join(one.reason for one in found)
            choices.append((rank, key, f"{person.user}{words.format(reasons)}"))
        return [(key, label) for _, key, label in sorted(choices, key=lambda one: one[0])]

    def _lay_out(self) -> None:
        button = "Déplacer l'entretien" if self.interview else "Planifier l'entretien"
        accept = ["accept", Field("shown")] if self.warnings else []
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("start", css_class="col-md-6"), Column("room", css_class="col-md-6")),
            "appointments",
            *accept,
            Submit("save", button, css_class="btn btn-primary", css_id=""),
        )

    def clean_start(self) -> dt.datetime:
        return local_time(self.cleaned_data["start"], self.session.time_zone)

    def save(self) -> Interview | None:
        """Return the interview; None when it was refused (see the errors) or when `warnings` must be accepted."""
        return save_or_show(self, self._save)

    def _save(self) -> Interview:
        try:
            return self._call(accept_warnings=False)
        except PlanWarned as warned:
            if self.cleaned_data["accept"] and self.cleaned_data["shown"] == mark_of(warned.warnings):
                return self._call(accept_warnings=True)
            self._show(warned.warnings)
            raise ValidationError(
                "Rien n'est encore planifié : lisez ce qui est signalé, puis cochez « Je planifie quand même »."
            ) from None

    def _call(self, *, accept_warnings: bool) -> Interview:
        asked = {
            "by": self.by,
            "start": self.cleaned_data["start"],
            "room": self.cleaned_data["room"],
            "appointments": [self.people[key] for key in self.cleaned_data["appointments"]],
            "accept_warnings": accept_warnings,
        }
        if self.interview:
            return replan_interview(interview=self.interview, **asked)
        return plan_interview(enrolment_bloc=self.enrolment_bloc, **asked)

    def _show(self, warnings: list[str]) -> None:
        """Lay the form out again with the warnings and the box that accepts them, not ticked."""
        self.warnings = warnings
        self.data = self.data.copy()
        self.data["shown"] = mark_of(warnings)
        self.data.pop("accept", None)
        self._lay_out()
