"""The forms that work without JavaScript: what changed is sent as the same operations as the screen's.

And those of the second evaluator on the first one's device, and of an evaluator's replacement.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from candidates.models import Assignment
from candidates.planning.forms_interview import WarnedForm, evaluator_choices, evaluators_of
from cqp.core.text import parse_number
from cqp.models import User
from cqp.operations.hooks import MalformedError
from cqp.web.rate_limits import wait_text
from evaluations.models import ScoringSheet, Signature
from evaluations.preparation.forms_operations import OperationsForm
from evaluations.sheets.cosigning import TooManyAttemptsError, is_code_right, is_password_right
from evaluations.sheets.queries import SheetView
from evaluations.sheets.replacement import replace_evaluator


class SheetForm(OperationsForm):
    """A sheet: `level-`, `note-`, `position-`, `reason-` by criterion, `verdict-`, `comment-` by competence."""

    stream = "sheet"

    def __init__(self, view: SheetView, assignment: int, data: Mapping[str, str] | None = None) -> None:
        self.view = view
        initial = {}
        for line in view.criteria:
            pk = line.criterion.pk
            initial[f"level-{pk}"] = str(line.level.value) if line.level else ""
            initial[f"note-{pk}"] = line.note
            if view.sheet.is_joint:
                mine = next(
                    (divergence for divergence in line.divergences if divergence.assignment_id == assignment), None
                )
                initial[f"position-{pk}"] = str(mine.level.value) if mine else ""
                initial[f"reason-{pk}"] = mine.reason if mine else ""
        for competence in view.competences:
            pk, verdict = competence.competence.pk, competence.verdict
            initial[f"verdict-{pk}"] = verdict.outcome if verdict else ""
            initial[f"comment-{pk}"] = verdict.comment if verdict else ""
        super().__init__(view.sheet.pk, view.sheet.seq, initial, data)

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for line in self.view.criteria:
            pk = line.criterion.pk
            if f"level-{pk}" in self.changed:
                yield "score", {"criterion": pk, "level": _level(self.values[f"level-{pk}"])}
            if f"note-{pk}" in self.changed:
                yield "note", {"criterion": pk, "text": self.values[f"note-{pk}"]}
            if self.changed & {f"position-{pk}", f"reason-{pk}"}:
                level = _level(self.values[f"position-{pk}"])
                if level is None:
                    raise MalformedError(
                        "Pour dire que vous n'êtes pas d'accord, choisissez le niveau que vous donnez."
                    )
                yield "diverge", {"criterion": pk, "level": level, "reason": self.values[f"reason-{pk}"]}
        for competence in self.view.competences:
            pk = competence.competence.pk
            if self.changed & {f"verdict-{pk}", f"comment-{pk}"}:
                outcome, comment = self.values[f"verdict-{pk}"], self.values[f"comment-{pk}"]
                if not outcome and comment.strip() and f"verdict-{pk}" not in self.changed:
                    raise MalformedError("Un commentaire sur une compétence accompagne un avis : choisissez-le aussi.")
                yield "verdict", {"competence": pk, "outcome": outcome, "comment": comment if outcome else ""}


def _level(value: str) -> int | None:
    level = parse_number(value)
    if value and level is None:
        raise MalformedError("Ce niveau n'est pas dans le barème.")
    return level


class CosignForm(forms.Form):
    """The password of the one who signs, or, for a person without one, the code that was mailed to them."""

    secret = forms.CharField(max_length=200, strip=False)

    def __init__(self, *args: Any, sheet: ScoringSheet, signer: User, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{signer.pk}_%s", **kwargs)
        self.sheet, self.signer = sheet, signer
        self.method = Signature.Method.PASSWORD if signer.has_usable_password() else Signature.Method.CODE
        field, attrs = self.fields["secret"], {"class": "form-control form-control-lg", "autocomplete": "off"}
        if self.method == Signature.Method.PASSWORD:
            field.label, field.widget = f"Mot de passe de {signer}", forms.PasswordInput(attrs)
            field.error_messages["required"] = "Entrez le mot de passe."
        else:
            field.label = f"Code reçu par {signer}"
            field.widget = forms.TextInput(attrs | {"autocapitalize": "characters", "spellcheck": "false"})
            field.error_messages["required"] = "Entrez le code."

    def clean_secret(self) -> str:
        secret = self.cleaned_data["secret"]
        if not self.signer.is_active:
            raise forms.ValidationError(f"Le compte de {self.signer} est fermé.")
        try:
            if self.method == Signature.Method.PASSWORD:
                right = is_password_right(signer=self.signer, password=secret)
                wrong = f"Ce n'est pas le mot de passe de {self.signer}."
            else:
                right = is_code_right(sheet=self.sheet, signer=self.signer, code=secret)
                wrong = f"Ce n'est pas le dernier code envoyé à {self.signer}, ou il a plus de cinq minutes."
        except TooManyAttemptsError as refusal:
            raise forms.ValidationError(
                f"Trop d'essais faux. {wait_text(refusal.wait)} Ou signez sur votre propre appareil."
            ) from None
        if not right:
            raise forms.ValidationError(wrong)
        return secret


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
        self.people = {
            key: appointment for key, appointment in evaluators_of(enrolment.session).items() if key not in taken
        }
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
