"""The branch's answer to a dossier: accepted, or sent back with what to mend; and more time for one that is awaited."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Layout
from django import forms
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.completeness import extend_deadline, return_dossier
from candidates.dossiers.deposit import deadline
from candidates.models import Dossier, Interview
from candidates.sessions.forms import WallTimeField
from candidates.sessions.services import local_time
from cqp.models import User
from cqp.web.forms import save_or_show

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


def proposed_date(dossier: Dossier, since: dt.datetime) -> dt.datetime:
    """Return the date that a form proposes, on the session's clocks: a week after `since`, at the hour of the deadline.

    Sooner where that comes before the interviews of the session, or the dossier's own.
    """
    session = dossier.enrolment_bloc.enrolment.session
    hour = session.deposit_closes_at.astimezone(session.zone).time()
    today = since.astimezone(session.zone).date()
    day = today + WEEK
    planned = dossier.enrolment_bloc.interviews.filter(state=Interview.State.PLANNED).first()
    ends = [session.interviews_from, *([planned.start.astimezone(session.zone).date()] if planned else [])]
    for last in sorted(ends, reverse=True):
        if day >= last > today + DAY:
            day = last - DAY
    return dt.datetime.combine(day, hour)


class DueForm(forms.Form):
    """A new date for a dossier: in the session's hours; confirmed when it falls during the interviews."""

    due_at = WallTimeField(
        help_text="Jour et heure, sur les horloges de la session.",
        error_messages={"required": "Donnez une nouvelle date.", "invalid": "Donnez un jour et une heure."},
    )
    confirmed = forms.BooleanField(
        required=False, label="Je confirme cette date, même si des entretiens de la session ont alors commencé."
    )

    def __init__(self, *args: Any, dossier: Dossier, by: User, since: dt.datetime, **kwargs: Any) -> None:
        self.dossier, self.by = dossier, by
        super().__init__(*args, initial={"due_at": proposed_date(dossier, since)}, **kwargs)
        self.helper = FormHelper()

    def clean_due_at(self) -> dt.datetime:
        return local_time(self.cleaned_data["due_at"], self.dossier.enrolment_bloc.enrolment.session.time_zone)

    def when(self) -> tuple[str, ...]:
        """The fields of the date. What is to be confirmed is asked once it is."""
        return ("due_at", "confirmed") if self.is_bound else ("due_at",)


class ReturnForm(DueForm):
    """Send a dossier back: what to mend by heading, why, and until when."""

    reason = forms.CharField(
        label="Pourquoi le dossier est renvoyé",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Écrivez pourquoi le dossier est renvoyé : le candidat le lira."},
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, dossier=dossier, since=timezone.now(), auto_id="renvoi-%s", **kwargs)
        self.fields["due_at"].label = "À redéposer avant le"
        # By the name of its field, each heading's pk; None for the whole dossier.
        self.headings: dict[str, int | None] = {}
        for item in [*dossier.enrolment_bloc.bloc.trame_items.all(), None]:
            name = f"comment-{item.position if item else 0}"
            self.headings[name] = item.pk if item else None
            self.fields[name] = forms.CharField(
                label=f"Rubrique {item.position} : {item.text}" if item else "Dans tout le dossier",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        label = "Rouvrir le dossier" if dossier.state == Dossier.State.ACCEPTED else "Renvoyer le dossier"
        self.helper.form_action = reverse("branch:dossier_return", args=[dossier.pk])
        self.helper.layout = Layout(
            HTML('<p class="h6">Ce qu\'il faut reprendre, rubrique par rubrique</p>'),
            *self.headings,
            "reason",
            *self.when(),
            HTML(f'<button type="submit" class="btn btn-outline-danger">{label}</button>'),
        )

    def save(self) -> Dossier | None:
        """Return the new version; None when the service refused: the reasons are in the errors. Raises TransitionRefused."""
        data = self.cleaned_data
        return save_or_show(
            self,
            lambda: return_dossier(
                dossier=self.dossier,
                reason=data["reason"],
                due_at=data["due_at"],
                comments={pk: data[name] for name, pk in self.headings.items()},
                confirmed=data["confirmed"],
                by=self.by,
            ),
        )


class ExtendForm(DueForm):
    """More time for one candidate."""

    reason = forms.CharField(
        label="Motif",
        max_length=500,
        help_text="Il est conservé dans le journal ; le candidat ne le lit pas.",
        error_messages={"required": "Écrivez pourquoi ce délai est accordé : il sera conservé."},
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        since = max(timezone.now(), deadline(dossier, dossier.enrolment_bloc.enrolment.session))
        super().__init__(*args, dossier=dossier, since=since, auto_id="delai-%s", **kwargs)
        self.fields["due_at"].label = "À déposer avant le"
        self.helper.form_action = reverse("branch:dossier_extend", args=[dossier.pk])
        self.helper.layout = Layout(
            *self.when(),
            "reason",
            HTML('<button type="submit" class="btn btn-outline-primary">Donner ce délai</button>'),
        )

    def save(self) -> Dossier | None:
        """Return the dossier; None when the service refused: the reasons are in the errors. Raises TransitionRefused."""
        return save_or_show(self, lambda: extend_deadline(dossier=self.dossier, by=self.by, **self.cleaned_data))
