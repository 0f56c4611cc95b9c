"""The decision on a bloc, and the act that lowers a result.

A page holds three, and is turned sixty times in half a day: `templates/jury/_decision_form.html` is written by hand.
"""

from typing import Any

from django import forms

from cqp.models import User
from evaluations.cases import BlocCase
from evaluations.jury_rules import Vote
from evaluations.models import Decision
from evaluations.services.decisions import REASON_LIMIT, ReasonNeeded, decide

TOO_LONG = {"max_length": f"Le texte est trop long : {REASON_LIMIT} caractères au plus."}
ACQUIRED, NOT_ACQUIRED = Decision.Outcome.ACQUIRED, Decision.Outcome.NOT_ACQUIRED
VOICES = ("in_favour", "against", "abstained")


class DecisionForm(forms.Form):
    """The decision on one bloc. The hidden fields say what the person has before them.

    A result proposed as acquired is not lowered here: see LoweringForm.
    """

    outcome = forms.ChoiceField(
        label="Décision",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision.", "invalid_choice": "Choisissez une décision."},
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2}),
        help_text="Obligatoire si la décision s'écarte de la proposition. Il figure au procès-verbal et au rapport.",
        error_messages=TOO_LONG,
    )
    recommendation = forms.CharField(
        label="Préconisations",
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2}),
        help_text="Ce que le candidat peut travailler : il le lit avec ses résultats.",
        error_messages=TOO_LONG,
    )
    in_favour = forms.IntegerField(label="Pour", required=False, min_value=0, max_value=99)
    against = forms.IntegerField(label="Contre", required=False, min_value=0, max_value=99)
    abstained = forms.IntegerField(label="Abstentions", required=False, min_value=0, max_value=99)
    president_voice = forms.ChoiceField(
        label="Voix du président",
        required=False,
        choices=[("", "Sans objet"), ("for", "Pour"), ("against", "Contre")],
        help_text="En cas de partage.",
    )
    proposal_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    sheet_seq_seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    version_seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    lowering = False
    suffix = ""

    def __init__(self, *args: Any, case: BlocCase, **kwargs: Any) -> None:
        self.case = case
        kwargs["initial"] = self._initial()
        super().__init__(*args, auto_id=f"bloc-{case.enrolment_bloc.bloc.number}{self.suffix}-%s", **kwargs)
        self.fields["outcome"].choices = self._outcomes()  # type: ignore[attr-defined]

    def _initial(self) -> dict[str, Any]:
        case, current = self.case, self.case.decision
        proposed = case.proposal if case.proposal in Decision.Outcome.values else None
        vote = (current.vote if current else None) or {}
        voice = {True: "for", False: "against"}.get(vote.get("president"), "")
        return {
            "outcome": current.outcome if current else proposed,
            "reason": current.reason if current else "",
            "recommendation": current.recommendation if current else "",
            "in_favour": vote.get("in_favour"),
            "against": vote.get("against"),
            "abstained": vote.get("abstained"),
            "president_voice": voice,
            "proposal_seen": case.proposal,
            "sheet_seq_seen": case.sheet_seq,
            "version_seen": current.version if current else 0,
        }

    def _outcomes(self) -> list[tuple[str, str]]:
        lowered = NOT_ACQUIRED if self.case.proposal == ACQUIRED else None
        return [(value, label) for value, label in Decision.Outcome.choices if value != lowered]

    @property
    def voices(self) -> list[forms.BoundField]:
        return [self[name] for name in VOICES]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        voices = [data.get(name) for name in VOICES]
        given = any(voice is not None for voice in voices)
        if given and (voices[0] is None or voices[1] is None):
            self.add_error("in_favour", "Écrivez les voix pour et les voix contre, 0 s'il n'y en a pas.")
        voice = {"for": True, "against": False}.get(data.get("president_voice", ""))
        data["vote"] = Vote(voices[0] or 0, voices[1] or 0, voices[2] or 0, voice) if given else None
        return data

    def save(self, *, by: User) -> Decision | None:
        """Record the decision; None when a reason is missing, which the form then says. Raises DecisionRefused."""
        data = self.cleaned_data
        try:
            return decide(
                self.case.enrolment_bloc,
                by=by,
                outcome=data["outcome"],
                reason=data["reason"],
                recommendation=data["recommendation"],
                vote=data["vote"],
                lowering=self.lowering,
                proposal_seen=data["proposal_seen"],
                sheet_seq_seen=data["sheet_seq_seen"],
                version_seen=data["version_seen"],
            )
        except ReasonNeeded as needed:
            self.add_error("reason", needed.message)
            return None


class LoweringForm(DecisionForm):
    """The jury lowers a result that the evaluators propose as acquired: an act of its own, with its own reason."""

    lowering = True
    suffix = "-abaisser"

    def __init__(self, *args: Any, case: BlocCase, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["outcome"].widget = forms.HiddenInput()
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = "Écrivez pourquoi le jury abaisse ce résultat."
        self.fields["reason"].help_text = "Il figure au procès-verbal et au rapport, et le candidat peut le contester."

    def _initial(self) -> dict[str, Any]:
        current = self.case.decision
        lowered = current is not None and current.outcome == NOT_ACQUIRED
        initial = super()._initial() | {"outcome": NOT_ACQUIRED}
        return initial if lowered else initial | {"reason": ""}

    def _outcomes(self) -> list[tuple[str, str]]:
        return [(NOT_ACQUIRED.value, str(NOT_ACQUIRED.label))]
