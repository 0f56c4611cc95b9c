"""An answer typed on line, where the page's script does not send it."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone

from candidates import marks
from candidates.models import Dossier
from candidates.operations import DossierHandler
from cqp.models import Operation, User
from cqp.operations import Incoming, receive
from referentiel.models import TrameItem


class AnswerForm(forms.Form):
    """The text under a heading, and the rank of the answer that the page showed."""

    text = forms.CharField(
        required=False, strip=False, widget=forms.Textarea(attrs={"rows": 12, "maxlength": marks.LIMIT})
    )
    base_seq = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, dossier: Dossier, heading: TrameItem, **kwargs: Any) -> None:
        self.dossier, self.heading = dossier, heading
        super().__init__(*args, **kwargs)
        self.fields["text"].label = f"Votre réponse à la rubrique {heading.position}"

    def clean_text(self) -> str:
        # A form sends two characters for the end of a line; a text area counts one.
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text) > marks.LIMIT:
            raise forms.ValidationError(
                f"Cette réponse a {len(text)} caractères, {marks.LIMIT} au plus : raccourcissez-la, ou envoyez un fichier."
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
