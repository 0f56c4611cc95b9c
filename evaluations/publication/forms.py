"""The forms after the deliberation: approval, signed copy, moment of publication, appeals."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.urls import reverse

from candidates.models import EnrolmentBloc, Session
from candidates.sessions.forms import WallTimeField, day_field
from candidates.sessions.services import local_time
from cqp.core.text import file_size
from cqp.files.inspection import MAX_BYTES
from evaluations.jury.outcomes import is_better
from evaluations.jury.queries import BlocCase
from evaluations.models import Appeal, Decision, SessionDocument
from evaluations.publication.appeals import LIMIT, is_late

TOO_LONG = {"max_length": f"Le texte est trop long : {LIMIT} caractères au plus."}


def _button(label: str, css_class: str = "btn btn-primary") -> Submit:
    return Submit("save", label, css_class=css_class, css_id="")


class ApprovalForm(forms.Form):
    approved_on = day_field("Approuvé par la CPNEFP le")
    reference = forms.CharField(label="Référence du compte rendu", max_length=200)

    def __init__(self, data: Any = None, *, minutes: SessionDocument) -> None:
        super().__init__(data, auto_id="approbation-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:minutes_approve", args=[minutes.pk])
        self.helper.layout = Layout("approved_on", "reference", _button("Noter l'approbation"))


class SignedMinutesForm(forms.Form):
    scan = forms.FileField(
        label="Procès-verbal signé, numérisé",
        help_text=f"Un PDF, {file_size(MAX_BYTES)} au plus.",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": "Choisissez le fichier."},
    )

    def __init__(self, data: Any = None, files: Any = None, *, minutes: SessionDocument) -> None:
        super().__init__(data, files, auto_id="signe-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:minutes_signed", args=[minutes.pk])
        self.helper.layout = Layout("scan", _button("Déposer le procès-verbal signé"))


class PublicationForm(forms.Form):
    """When the results come out: now, or at a moment on the session's clocks."""

    at = WallTimeField(
        label="Paraître le",
        required=False,
        help_text="Vide : tout de suite. Sinon, les candidats lisent leurs résultats et sont prévenus à cette heure-là.",
    )

    def __init__(self, data: Any = None, *, session: Session, label: str) -> None:
        self.session = session
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:publish", args=[session.pk])
        self.helper.layout = Layout("at", _button(label))

    def clean_at(self) -> dt.datetime | None:
        at = self.cleaned_data["at"]
        return local_time(at, self.session.time_zone) if at else None


class AppealForm(forms.Form):
    """A candidate's appeal against the decision on one bloc."""

    received_on = day_field("Reçu le")
    grounds = forms.CharField(
        label="Motifs du candidat", max_length=LIMIT, widget=forms.Textarea({"rows": 3}), error_messages=TOO_LONG
    )

    is_known_late = forms.BooleanField(
        label="Hors délai : l'enregistrer pour répondre qu'il est irrecevable", required=False
    )

    def __init__(self, data: Any = None, *, row: EnrolmentBloc) -> None:
        super().__init__(data, auto_id=f"recours-{row.bloc.number}-%s")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:appeal_receive", args=[row.pk])
        self.helper.layout = Layout("received_on", "grounds", "is_known_late", _button("Enregistrer le recours"))


class AnswerForm(forms.Form):
    """What an appeal gives: the decision stands, or another one takes its place."""

    outcome = forms.ChoiceField(
        label="Réponse", widget=forms.RadioSelect, error_messages={"required": "Choisissez une réponse."}
    )
    answer = forms.CharField(
        label="Motif de la réponse",
        max_length=LIMIT,
        widget=forms.Textarea({"rows": 3}),
        error_messages=TOO_LONG,
        help_text="Le candidat le reçoit par courriel et le lit sur sa page.",
    )
    recommendation = forms.CharField(
        label="Préconisations, si la décision est révisée",
        max_length=LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        error_messages=TOO_LONG,
    )

    def __init__(self, data: Any = None, *, appeal: Appeal, case: BlocCase) -> None:
        super().__init__(data, auto_id=f"reponse-{appeal.pk}-%s")
        now = appeal.decision.outcome
        possible = [
            (value, f"Recours accueilli : « {label} »")
            for value, label in Decision.Outcome.choices
            if is_better(value, now) and (value != Decision.Outcome.ACQUIRED or case.view)
        ]
        rejected = f"Recours rejeté : la décision « {appeal.decision.get_outcome_display()} » tient"
        inadmissible = ("inadmissible", "Recours irrecevable : il n'est pas examiné, la décision tient")
        in_time = [] if is_late(appeal) else [("rejected", rejected), *possible]
        self.fields["outcome"].choices = [*in_time, inadmissible]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:appeal_answer", args=[appeal.pk])
        self.helper.layout = Layout("outcome", "answer", "recommendation", _button("Répondre au recours"))
