"""The forms of paper: a code, and what comes with a grid that was filled by hand."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Field, Layout, Row, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from candidates.models import Interview, Reception
from candidates.sessions.services import local_time
from cqp.core.text import file_size
from cqp.files.inspection import MAX_BYTES, FileRefused
from cqp.models import User
from cqp.operations.hooks import MalformedError
from evaluations.models import ScoringSheet
from evaluations.paper.codes import BadCodeError, SheetCode, read_code
from evaluations.paper.services import PaperRefused, attach_scan, copy_from_paper

ONLY_PDF = (
    "Un seul PDF avec toutes les pages. Les photos ne sont pas acceptées : sur un téléphone, choisissez « Numériser » "
    "dans l'application Notes (iPhone) ou Drive (Android), qui réunit les pages en un PDF."
)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code de la fiche",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="En haut de chaque page, par exemple F-3K7Q-W2.",
        error_messages={"required": "Entrez le code imprimé en haut de la fiche."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Field("code", css_class="form-control-lg"), Submit("find", "Trouver la fiche", css_class="btn btn-primary")
        )

    def clean_code(self) -> SheetCode:
        try:
            return read_code(self.cleaned_data["code"])
        except BadCodeError as error:
            raise ValidationError(
                "Ce code comporte une erreur de frappe : comparez-le lettre à lettre avec la fiche."
            ) from error


class ScanField(forms.FileField):
    widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})

    def __init__(self, **kwargs: Any) -> None:
        help_text = f"{ONLY_PDF} {file_size(MAX_BYTES)} au plus."
        super().__init__(label="Grille numérisée", help_text=help_text, allow_empty_file=True, **kwargs)


class ScanForm(forms.Form):
    """The scan alone, which an administrator may add for an evaluator."""

    scan = ScanField(error_messages={"required": "Choisissez d'abord le PDF."})

    def __init__(self, *args: Any, sheet: ScoringSheet, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.by = sheet, by
        self.helper = FormHelper()
        self.helper.layout = Layout("scan", Submit("send", "Ajouter la grille", css_class="btn btn-primary"))

    def save(self) -> ScoringSheet | None:
        """Return the sheet; None when the scan is refused, which the form then says."""
        try:
            return attach_scan(self.sheet, by=self.by, upload=self.cleaned_data["scan"])
        except (FileRefused, PaperRefused) as error:
            self.add_error("scan", error.message)
            return None


class CopyForm(forms.Form):
    """What an evaluator says of a grid that they filled by hand: its scan, and what the clock has not kept."""

    started = forms.TimeField(label="Entretien commencé à", widget=forms.TimeInput(attrs={"type": "time"}))
    finished = forms.TimeField(label="Entretien terminé à", widget=forms.TimeInput(attrs={"type": "time"}))
    paper = forms.ChoiceField(
        label="Pièce d'identité vue", choices=[("", "Choisir"), *Reception.Paper.choices], required=False
    )
    scan = ScanField(required=False)

    def __init__(self, *args: Any, sheet: ScoringSheet, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.by, self.interview = sheet, by, sheet.interview
        if self.interview.state != Interview.State.PLANNED:
            del self.fields["started"]
        if self.interview.state == Interview.State.FINISHED:
            del self.fields["finished"]
        if Reception.objects.filter(interview=self.interview).exclude(paper="").exists():
            del self.fields["paper"]
        if sheet.scan_id:
            self.fields["scan"].label = "Remplacer la grille numérisée"
        self.helper = FormHelper()
        hours = [Column(name) for name in ("started", "finished") if name in self.fields]
        self.helper.layout = Layout(
            Row(*hours) if hours else HTML(""),
            *(name for name in ("paper",) if name in self.fields),
            "scan",
            Submit("copy", "Enregistrer et recopier les niveaux", css_class="btn btn-primary"),
        )

    def clean_started(self) -> dt.datetime:
        return self._moment("started")

    def clean_finished(self) -> dt.datetime:
        return self._moment("finished")

    def _moment(self, name: str) -> dt.datetime:
        """Return the moment of an hour on the interview's day, in the session's zone."""
        session = self.interview.enrolment_bloc.enrolment.session
        day = self.interview.start.astimezone(session.zone).date()
        moment = local_time(dt.datetime.combine(day, self.cleaned_data[name]), session.time_zone)
        if moment > timezone.now():
            raise ValidationError("Cette heure n'est pas encore passée.")
        return moment

    def clean(self) -> None:
        started = self.cleaned_data.get("started") or self.interview.started_at
        finished = self.cleaned_data.get("finished")
        if started and finished and finished <= started:
            self.add_error("finished", "L'entretien se termine après avoir commencé : vérifiez les heures.")

    def save(self) -> ScoringSheet | None:
        """Return the sheet; None when something is refused, which the form then says."""
        names = {"start": "started", "finish": "finished", "paper": "paper"}
        noted = {kind: self.cleaned_data[name] for kind, name in names.items() if self.cleaned_data.get(name)}
        try:
            return copy_from_paper(self.sheet, by=self.by, upload=self.cleaned_data["scan"], noted=noted)
        except FileRefused as error:
            self.add_error("scan", error.message)
        except PaperRefused as error:
            self.add_error(None, error.message)
        except MalformedError as error:
            self.add_error(None, str(error))
        return None
