"""The evaluator's forms before an interview: a question of their own bank, stepping aside."""

from itertools import groupby
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.db.models import QuerySet

from candidates.models import Appointment, Assignment, Session
from candidates.services.declining import Ground
from cqp.forms import save_or_show
from cqp.models import User
from evaluations.models import PersonalQuestion
from evaluations.services.preparation import add_question, change_question, decline_interview
from referentiel.models import Competence


def competences_of(user: User) -> QuerySet[Competence]:
    """Return the competences of the référentiels of the sessions that the person evaluates, in order."""
    sessions = Session.objects.filter(appointments__user=user, appointments__role=Appointment.Role.EVALUATOR)
    return (
        Competence.objects.filter(activity__bloc__referentiel__in=sessions.values("referentiel"))
        .select_related("activity__bloc__referentiel")
        .order_by("activity__bloc__referentiel", "activity__bloc__number", "activity__position", "position")
    )


class QuestionForm(forms.Form):
    competence = forms.ChoiceField(label="Compétence", error_messages={"required": "Choisissez une compétence."})
    text = forms.CharField(
        label="Question",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Écrivez la question."},
    )

    def __init__(self, *args: Any, by: User, question: PersonalQuestion | None = None, **kwargs: Any) -> None:
        self.by, self.question = by, question
        initial = {"competence": question.competence_id, "text": question.text} if question else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.competences = {str(one.pk): one for one in competences_of(by)}
        if question:
            self.competences.setdefault(str(question.competence_id), question.competence)
        self.fields["competence"].choices = [("", "Choisissez…"), *self._by_bloc()]
        self.helper = FormHelper()
        label = "Enregistrer" if question else "Ajouter à ma banque"
        self.helper.layout = Layout(
            "competence", "text", HTML(f'<button type="submit" class="btn btn-primary">{label}</button>')
        )

    def _by_bloc(self) -> list[tuple[str, list[tuple[str, str]]]]:
        groups = groupby(self.competences.items(), key=lambda item: item[1].activity.bloc)
        return [
            (f"Bloc {bloc.number} : {bloc.title}", [(pk, _short(one)) for pk, one in group]) for bloc, group in groups
        ]

    def save(self) -> PersonalQuestion | None:
        """Return the question; None when the service refused: the reasons are in the errors."""
        competence, text = self.competences[self.cleaned_data["competence"]], self.cleaned_data["text"]
        if self.question:
            question = self.question
            return save_or_show(
                self, lambda: change_question(question=question, competence=competence, text=text, by=self.by)
            )
        return save_or_show(self, lambda: add_question(competence=competence, text=text, by=self.by))


def _short(competence: Competence) -> str:
    text = str(competence)
    return text if len(text) <= 90 else f"{text[:89].rstrip()}…"


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
