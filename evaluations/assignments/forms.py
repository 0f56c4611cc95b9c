"""An evaluator steps aside."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms

from candidates.appointments.stepping_aside import Ground
from candidates.models import Assignment
from cqp.models import User
from cqp.web.forms import save_or_show
from evaluations.assignments.services import decline_interview


class DeclineForm(forms.Form):
    ground = forms.ChoiceField(
        label="Pourquoi",
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez l'une des deux réponses."},
    )
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lu par la branche seule, et conservé.",
        error_messages={"required": "Écrivez le motif : la branche le lira."},
    )

    def __init__(self, *args: Any, by: User, assignment: Assignment, **kwargs: Any) -> None:
        self.by, self.assignment = by, assignment
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "ground",
            "reason",
            HTML('<button type="submit" class="btn btn-danger">Ne pas évaluer cet entretien</button>'),
        )

    def save(self) -> Assignment | None:
        """Return the assignment, declined; None when the service refused: the reasons are in the errors."""
        return save_or_show(
            self, lambda: decline_interview(assignment=self.assignment, by=self.by, **self.cleaned_data)
        )
