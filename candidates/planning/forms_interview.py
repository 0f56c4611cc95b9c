"""The forms that plan an interview, or move it, and say of an absence whether it is excused."""

import datetime as dt
import hashlib
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.appointments.incompatibilities import load_facts
from candidates.models import Appointment, Assignment, EnrolmentBloc, Interview, Session
from candidates.planning.checks import PlanWarned
from candidates.planning.services import excuse_absence, plan_interview, replan_interview
from candidates.sessions import dates
from candidates.sessions.forms import WallTimeField
from candidates.sessions.services import local_time
from cqp.models import User
from cqp.web.forms import save_or_show


def warnings_token(warnings: list[str]) -> str:
    """Return what the form carries of the warnings it showed: accepting them accepts no other."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]


def evaluator_choices(session: Session, enrolment_id: int, people: dict[str, Appointment]) -> list[tuple[str, str]]:
    """Each evaluator with what stands between them and the candidate, those that nothing stops first."""
    facts = load_facts(session)
    choices = []
    for key, person in people.items():
        incompatibilities = facts.between(enrolment_id, person.pk)
        is_blocked = any(incompatibility.is_blocking for incompatibility in incompatibilities)
        rank = 2 if is_blocked else min(len(incompatibilities), 1)
        template = ("", " (à signaler : {})", " (incompatible : {})")[rank]
        reasons = " ".join(incompatibility.reason for incompatibility in incompatibilities)
        choices.append((rank, key, f"{person.user}{template.format(reasons)}"))
    return [(key, label) for _, key, label in sorted(choices, key=lambda choice: choice[0])]


def evaluators_of(session: Session) -> dict[str, Appointment]:
    """Return the evaluators of a session by the key of a choice, in the order of their names."""
    rows = Appointment.objects.filter(session=session, role=Appointment.Role.EVALUATOR)
    ordered = rows.select_related("user", "session").order_by("user__last_name", "user__first_name", "pk")
    return {str(appointment.pk): appointment for appointment in ordered}


class WarnedForm(forms.Form):
    """A form whose service may warn: what is signalled comes back with a box, not ticked, that accepts it.

    A form says in `call` what it does, in `lay_out` how it looks; it shows `accepting` beside its fields.
    """

    accept = forms.BooleanField(required=False)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    warnings: tuple[str, ...] = ()

    @property
    def accepting(self) -> list[str | Field]:
        return ["accept", Field("shown")] if self.warnings else []

    def call(self, *, accept_warnings: bool) -> Any:
        raise NotImplementedError

    def lay_out(self) -> None:
        raise NotImplementedError

    def save(self) -> Any:
        """Return what the service returns; None when it refused (see the errors) or when `warnings` must be accepted."""
        return save_or_show(self, self._save)

    def _save(self) -> Any:
        try:
            return self.call(accept_warnings=False)
        except PlanWarned as warned:
            if self.cleaned_data["accept"] and self.cleaned_data["shown"] == warnings_token(warned.warnings):
                return self.call(accept_warnings=True)
            self._show(warned.warnings)
            label = self.fields["accept"].label
            raise ValidationError(
                f"Rien n'est encore enregistré : lisez ce qui est signalé, puis cochez « {label} »."
            ) from None

    def _show(self, warnings: list[str]) -> None:
        self.warnings = tuple(warnings)
        data: Any = self.data
        data = data.copy()
        data["shown"] = warnings_token(warnings)
        data.pop("accept", None)
        self.data = data
        self.lay_out()


class PlanForm(WarnedForm):
    start = WallTimeField(label="Date et heure de début")
    room = forms.CharField(label="Salle", max_length=80, widget=forms.TextInput(attrs={"list": "salles"}))
    appointments = forms.MultipleChoiceField(
        label="Évaluateurs",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez les évaluateurs."},
    )
    accept = forms.BooleanField(label="Je planifie quand même", required=False)

    def __init__(
        self, *args: Any, by: User, enrolment_bloc: EnrolmentBloc, interview: Interview | None = None, **kwargs: Any
    ) -> None:
        self.by, self.enrolment_bloc, self.interview = by, enrolment_bloc, interview
        self.session = enrolment_bloc.enrolment.session
        super().__init__(*args, initial=self._initial(), **kwargs)
        self.fields["start"].help_text = f"À l'{dates.zone_text(self.session.zone)}."
        self.fields["start"].widget.attrs |= {
            "min": f"{self.session.interviews_from:%Y-%m-%d}T00:00",
            "max": f"{self.session.interviews_to:%Y-%m-%d}T23:59",
        }
        count = enrolment_bloc.bloc.evaluator_count
        self.fields["appointments"].help_text = f"{count} pour ce bloc."
        self.people = evaluators_of(self.session)
        self.fields["appointments"].choices = evaluator_choices(self.session, enrolment_bloc.enrolment_id, self.people)
        self.lay_out()

    def _initial(self) -> dict[str, Any]:
        if self.interview is None:
            return {"start": dt.datetime.combine(self.session.interviews_from, dt.time(9))}
        return {
            "start": self.interview.start.astimezone(self.session.zone).replace(tzinfo=None),
            "room": self.interview.room.name,
            "appointments": [
                str(assignment.appointment_id)
                for assignment in self.interview.assignments.all()
                if assignment.state == Assignment.State.ACTIVE
            ],
        }

    def lay_out(self) -> None:
        button = "Déplacer l'entretien" if self.interview else "Planifier l'entretien"
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("start", css_class="col-md-6"), Column("room", css_class="col-md-6")),
            "appointments",
            *self.accepting,
            Submit("save", button, css_class="btn btn-primary", css_id=""),
        )

    def clean_start(self) -> dt.datetime:
        return local_time(self.cleaned_data["start"], self.session.time_zone)

    def call(self, *, accept_warnings: bool) -> Interview:
        plan = {
            "by": self.by,
            "start": self.cleaned_data["start"],
            "room": self.cleaned_data["room"],
            "appointments": [self.people[key] for key in self.cleaned_data["appointments"]],
            "accept_warnings": accept_warnings,
        }
        if self.interview:
            return replan_interview(interview=self.interview, **plan)
        return plan_interview(enrolment_bloc=self.enrolment_bloc, **plan)


class ExcuseForm(forms.Form):
    excused = forms.TypedChoiceField(
        label="Absence",
        choices=(("yes", "excusée"), ("no", "non excusée")),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez : excusée ou non excusée."},
    )
    comment = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple la pièce reçue. Il est conservé dans le journal.",
        error_messages={"required": "Écrivez le motif : il sera conservé."},
    )

    def __init__(self, *args: Any, by: User, interview: Interview, **kwargs: Any) -> None:
        self.by, self.interview = by, interview
        excused = {True: "yes", False: "no", None: None}[interview.absence_excused]
        super().__init__(*args, initial={"excused": excused}, prefix="excuse", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:interview_excuse", args=[interview.pk])
        self.helper.layout = Layout(
            "excused", "comment", Submit("save", "Enregistrer l'excuse", css_class="btn btn-primary", css_id="")
        )

    def save(self) -> Interview | None:
        """Return the interview; None when the service refused, its reasons being in the errors."""
        data = self.cleaned_data
        return save_or_show(
            self,
            lambda: excuse_absence(
                interview=self.interview, by=self.by, excused=data["excused"], reason=data["comment"]
            ),
        )
