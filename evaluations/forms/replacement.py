"""The form that gives an evaluator's place to another."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from candidates.forms.interview import WarnedForm, evaluator_choices, evaluators_of
from candidates.models import Assignment
from cqp.models import User
from evaluations.services.replacement import replace_evaluator


class ReplacementForm(WarnedForm):
    appointment = forms.ChoiceField(
        label="Nouvel évaluateur",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le nouvel évaluateur."},
    )
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Il est conservé dans le journal. Il n'est pas dans les courriels.",
        error_messages={"required": "Écrivez le motif : il sera conservé."},
    )
    accept = forms.BooleanField(label="Je le désigne quand même", required=False)

    def __init__(self, *args: Any, by: User, assignment: Assignment, **kwargs: Any) -> None:
        self.by, self.assignment = by, assignment
        super().__init__(*args, **kwargs)
        interview = assignment.interview
        enrolment = interview.enrolment_bloc.enrolment
        active = {str(a.appointment_id) for a in interview.assignments.all() if a.state == Assignment.State.ACTIVE}
        taken = active | {str(assignment.appointment_id)}
        self.people = {key: one for key, one in evaluators_of(enrolment.session).items() if key not in taken}
        self.fields["appointment"].choices = evaluator_choices(enrolment.session, enrolment.pk, self.people)
        self.lay_out()

    def lay_out(self) -> None:
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "appointment",
            "reason",
            *self.accepting,
            Submit("save", "Remplacer l'évaluateur", css_class="btn btn-primary", css_id=""),
        )

    def call(self, *, accept_warnings: bool) -> Assignment:
        return replace_evaluator(
            assignment=self.assignment,
            by=self.by,
            appointment=self.people[self.cleaned_data["appointment"]],
            reason=self.cleaned_data["reason"],
            accept_warnings=accept_warnings,
        )
