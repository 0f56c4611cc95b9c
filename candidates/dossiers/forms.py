"""The candidate's forms (a file or an answer under a heading, the declaration) and the withdrawal of a page."""

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout, Submit
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers import markup, submission
from candidates.dossiers.files import add_file
from candidates.dossiers.operations import DossierHandler
from candidates.dossiers.page_withdrawal import withdraw_page
from candidates.dossiers.submission import submit_dossier
from candidates.enrolments.experience import asking_about_recruitment
from candidates.models import Dossier, DossierFile, WithdrawnPage
from cqp.files.inspection import EXTENSIONS, accepted_types
from cqp.models import Operation, User
from cqp.operations.hooks import Incoming
from cqp.operations.protocol import receive
from cqp.web.forms import save_or_show
from referentiel.models import TrameItem

# The place of the whole bloc among the headings, which count from 1.
WHOLE_BLOC = 0


def accept_attribute() -> str:
    """Return what a browser offers to choose from: the types that are accepted, and the ends of their names."""
    return ",".join(f"{kind},{','.join(EXTENSIONS[kind])}" for kind in accepted_types())


class FileForm(forms.Form):
    """A file under a heading of the trame, or (None) for the whole bloc. An empty file is the service's to refuse."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        # Said to the browser, not to crispy: a star on each heading would only be noise.
        widget=forms.FileInput(attrs={"required": True}),
    )

    def __init__(self, *args: Any, dossier: Dossier, heading: TrameItem | None, **kwargs: Any) -> None:
        self.dossier, self.heading = dossier, heading
        position = heading.position if heading else WHOLE_BLOC
        super().__init__(*args, auto_id=f"rubrique-{position}-%s", **kwargs)
        under = f"la rubrique {position}" if heading else "tout le bloc"
        self.fields["file"].label = f"Ajouter un fichier pour {under}"
        self.fields["file"].widget.attrs["accept"] = accept_attribute()
        self.helper = FormHelper()
        self.helper.form_action = reverse("candidate:add-file", args=[dossier.pk, position])
        self.helper.attrs = {"data-deposit": position}
        self.helper.layout = Layout(
            Field("file", css_class="form-control-lg"),
            Submit("send", "Envoyer ce fichier", css_class="btn btn-outline-primary btn-lg w-100", css_id=""),
        )

    def clean_file(self) -> UploadedFile:
        if self.cleaned_data["file"] is None:
            raise forms.ValidationError("Choisissez d'abord un fichier sur votre appareil.")
        return self.cleaned_data["file"]

    def save(self, *, by: User) -> DossierFile:
        """Raises what `add_file` raises."""
        return add_file(self.dossier, self.heading, self.cleaned_data["file"], by=by)


class SubmitForm(forms.Form):
    """The declaration on honour; where the bloc's guide asks, whether the candidate contributed to a recruitment."""

    recruited = forms.ChoiceField(
        label="Avez-vous contribué à au moins un recrutement ?",
        choices=(("yes", "Oui"), ("no", "Non")),
        widget=forms.RadioSelect,
        help_text="Si vous répondez non, les évaluateurs vous poseront d'autres questions sur le recrutement.",
        error_messages={"required": "Dites si vous avez contribué à un recrutement : les questions en dépendent."},
    )
    own_work = forms.BooleanField(
        label=submission.OWN_WORK,
        error_messages={"required": "Cochez que ce dossier est votre travail : sans cela, il ne peut pas être déposé."},
    )
    employer = forms.BooleanField(
        label=submission.EMPLOYER,
        error_messages={
            "required": "Cochez l'accord de votre employeur : sans lui, le dossier ne peut pas être déposé."
        },
    )
    tools_used = forms.ChoiceField(
        label="Outils d'intelligence artificielle",
        choices=(("no", submission.NO_TOOL), ("yes", submission.TOOLS)),
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si vous avez utilisé un outil d'intelligence artificielle."},
    )
    tools = forms.CharField(
        label="Lesquels, et pour quoi ?",
        required=False,
        max_length=submission.MAX_TOOLS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Par exemple : ChatGPT, pour corriger l'orthographe de la rubrique 2.",
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        self.dossier = dossier
        super().__init__(*args, **kwargs)
        if not asking_about_recruitment([dossier.enrolment_bloc.bloc]):
            del self.fields["recruited"]
        self.helper = FormHelper()
        self.helper.form_action = reverse("candidate:submit", args=[dossier.pk])
        self.helper.layout = Layout(
            *self.fields,
            HTML(
                '<p class="text-body-secondary">Après le dépôt, le dossier ne change plus et un récépissé vous est '
                "envoyé.</p>"
            ),
            Submit("submit", "Déposer le dossier", css_class="btn btn-primary btn-lg w-100", css_id=""),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("tools_used") == "yes" and not data.get("tools"):
            self.add_error("tools", "Dites quels outils vous avez utilisés, et pour quoi.")
        return data

    def save(self, *, by: User) -> Dossier:
        """Raises what `submit_dossier` raises."""
        data = self.cleaned_data
        recruited = data["recruited"] == "yes" if "recruited" in self.fields else None
        declaration = submission.Declaration(
            own_work=data["own_work"],
            employer=data["employer"],
            tools=data["tools"] if data["tools_used"] == "yes" else "",
        )
        return submit_dossier(self.dossier, by=by, declaration=declaration, recruited=recruited)


class AnswerForm(forms.Form):
    """The text under a heading, and the rank of the answer that the page showed."""

    text = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12, "maxlength": markup.LIMIT})
    )
    base_seq = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, dossier: Dossier, heading: TrameItem, **kwargs: Any) -> None:
        self.dossier, self.heading = dossier, heading
        super().__init__(*args, **kwargs)
        self.fields["text"].label = f"Votre réponse à la rubrique {heading.position}"

    def clean_text(self) -> str:
        # A form sends two characters for the end of a line; a text area counts one.
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text) > markup.LIMIT:
            raise forms.ValidationError(
                f"Cette réponse a {len(text)} caractères, {markup.LIMIT} au plus : raccourcissez-la, ou envoyez un fichier."
            )
        return text

    def save(self, *, by: User) -> Operation:
        """Return the operation, applied or refused. Each form counts as a device of its own."""
        key = uuid.uuid4()
        payload = {"heading": self.heading.pk, "text": self.cleaned_data["text"]}
        incoming = Incoming(key, "answer", payload, self.cleaned_data["base_seq"], timezone.now())
        kind, pk = DossierHandler.kind, self.dossier.pk
        _, [operation] = receive(kind, pk, [incoming], by=by, device=f"formulaire {key}")
        return operation


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Il est conservé avec le dossier ; les évaluateurs ne le lisent pas. N'y recopiez pas ce que dit la page.",
        error_messages={"required": "Écrivez pourquoi cette page est retirée : le motif sera conservé."},
    )
    sure = forms.BooleanField(
        label="Je retire cette page pour toujours.",
        error_messages={"required": "Cochez la case : une page retirée ne se remet pas."},
    )

    def __init__(self, *args: Any, by: User, dossier: Dossier, number: int, **kwargs: Any) -> None:
        self.by, self.dossier, self.number = by, dossier, number
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "reason",
            "sure",
            HTML(f'<button type="submit" class="btn btn-danger">Retirer la page {number}</button>'),
        )

    def save(self) -> WithdrawnPage | None:
        """Return the page withdrawn; None when the service refused: the reasons are in the errors."""
        reason = self.cleaned_data["reason"]
        return save_or_show(
            self, lambda: withdraw_page(dossier=self.dossier, number=self.number, reason=reason, by=self.by)
        )
