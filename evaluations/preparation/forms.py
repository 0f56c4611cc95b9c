"""The evaluator's forms before an interview: a question of their own bank, stepping aside."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.db.models import QuerySet

from candidates.models import Appointment, Session
from cqp.models import User
from cqp.web.forms import save_or_show
from evaluations.models import PersonalQuestion
from evaluations.preparation.forms_operations import OperationsForm
from evaluations.preparation.queries import Preparation
from evaluations.preparation.services import add_question, change_question
from referentiel.models import Activity, Competence


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
        self.competences = {str(competence.pk): competence for competence in competences_of(by)}
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
            (f"Bloc {bloc.number} : {bloc.title}", [(pk, _short(competence)) for pk, competence in group])
            for bloc, group in groups
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


class PreparationForm(OperationsForm):
    """One's own notes for an interview, by activity and by criterion: `activity-<pk>`, `criterion-<pk>`."""

    stream = "preparation"

    def __init__(
        self,
        assignment: int,
        activities: Iterable[Activity],
        preparation: Preparation,
        data: Mapping[str, str] | None = None,
    ) -> None:
        initial = {}
        for activity in activities:
            initial[f"activity-{activity.pk}"] = preparation.activities.get(activity.pk, "")
            for competence in activity.competences.all():
                for criterion in competence.criteria.all():
                    initial[f"criterion-{criterion.pk}"] = preparation.criteria.get(criterion.pk, "")
        super().__init__(assignment, preparation.seq, initial, data)

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self.initial:
            if name in self.changed:
                subject, pk = name.split("-")
                yield "note", {subject: int(pk), "text": self.values[name]}
