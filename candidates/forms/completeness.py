"""The branch's answer to a dossier: accepted, or sent back with what to mend; and more time for one that is awaited."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.urls import reverse
from django.utils import timezone

from candidates.forms import save_or_show
from candidates.forms.session import WallTimeField
from candidates.models import Dossier, Session
from candidates.services.completeness import extend_deadline, return_dossier
from candidates.services.sessions import local_time
from cqp.models import User

WEEK = dt.timedelta(days=7)
HOUR_HELP = "Jour et heure, dans le fuseau de la session."


def _proposed(session: Session) -> dt.datetime:
    """In a week, at 18 h."""
    return (timezone.now().astimezone(session.zone) + WEEK).replace(
        hour=18, minute=0, second=0, microsecond=0, tzinfo=None
    )


class ReturnForm(forms.Form):
    """Send a dossier back: what to mend by heading, why, and until when."""

    reason = forms.CharField(
        label="Pourquoi le dossier est renvoyé",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez pourquoi le dossier est renvoyé : le candidat le lira."},
    )
    due_at = WallTimeField(
        label="À redéposer avant le",
        help_text=HOUR_HELP,
        error_messages={"required": "Donnez une nouvelle date.", "invalid": "Donnez un jour et une heure."},
    )

    def __init__(self, *args: Any, dossier: Dossier, by: User, **kwargs: Any) -> None:
        self.dossier, self.by = dossier, by
        self.session = dossier.enrolment_bloc.enrolment.session
        super().__init__(*args, initial={"due_at": _proposed(self.session)}, **kwargs)
        items = list(dossier.enrolment_bloc.bloc.trame_items.all())
        self.by_heading: dict[str, int | None] = {f"comment-{item.position}": item.pk for item in items}
        self.by_heading["comment-0"] = None
        for item in items:
            self.fields[f"comment-{item.position}"] = self._comment(f"Rubrique {item.position} : {item.text}")
        self.fields["comment-0"] = self._comment("Dans tout le dossier")
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:dossier_return", args=[dossier.pk])
        label = "Rouvrir le dossier" if dossier.state == Dossier.State.ACCEPTED else "Renvoyer le dossier"
        self.helper.layout = Layout(
            HTML('<p class="h6">Ce qu\'il faut reprendre, rubrique par rubrique</p>'),
            *self.by_heading,
            "reason",
            "due_at",
            HTML(f'<button type="submit" class="btn btn-outline-danger">{label}</button>'),
        )

    def _comment(self, label: str) -> forms.CharField:
        return forms.CharField(label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))

    def save(self) -> Dossier | None:
        """Return the new version; None when the service refused: the reasons are in the errors. Raises TransitionRefused."""
        data = self.cleaned_data
        return save_or_show(
            self,
            lambda: return_dossier(
                dossier=self.dossier,
                reason=data["reason"],
                due_at=local_time(data["due_at"], self.session.time_zone),
                comments={pk: data[name] for name, pk in self.by_heading.items()},
                by=self.by,
            ),
        )


class ExtendForm(forms.Form):
    """More time for one candidate."""

    due_at = WallTimeField(label="À déposer avant le", help_text=HOUR_HELP)
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        error_messages={"required": "Écrivez pourquoi ce délai est accordé : il sera conservé."},
    )

    def __init__(self, *args: Any, dossier: Dossier, by: User, **kwargs: Any) -> None:
        self.dossier, self.by = dossier, by
        self.session = dossier.enrolment_bloc.enrolment.session
        initial = {"due_at": _proposed(self.session)}
        super().__init__(*args, initial=initial, auto_id=f"delai-{dossier.pk}-%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:dossier_extend", args=[dossier.pk])
        self.helper.layout = Layout(
            "due_at", "reason", HTML('<button type="submit" class="btn btn-outline-primary">Donner ce délai</button>')
        )

    def save(self) -> Dossier | None:
        data = self.cleaned_data
        return save_or_show(
            self,
            lambda: extend_deadline(
                dossier=self.dossier,
                due_at=local_time(data["due_at"], self.session.time_zone),
                reason=data["reason"],
                by=self.by,
            ),
        )
