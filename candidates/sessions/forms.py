"""The form of a session, and the one that moves it."""

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from candidates.models import Session
from candidates.sessions.services import ZONES, SessionDetails, create_session, local_time, update_session
from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.models import Referentiel


class WallTimeField(forms.DateTimeField):
    """A date and an hour as clocks show them, without a zone: whose clocks they are, another field says."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> dt.datetime | None:
        with timezone.override(dt.UTC):
            moment = super().to_python(value)
        return moment.replace(tzinfo=None) if moment else None


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class SessionForm(forms.Form):
    title = forms.CharField(label="Intitulé", max_length=120, help_text="Par exemple : Session de printemps 2027.")
    referentiel = forms.ModelChoiceField(
        Referentiel.objects.none(),
        label="Référentiel",
        empty_label="Choisissez…",
        help_text="Seuls les référentiels scellés sont proposés.",
    )
    place = forms.CharField(label="Lieu", max_length=200, help_text="L'adresse où les candidats se présentent.")
    time_zone = forms.ChoiceField(
        label="Heure de", choices=ZONES, help_text="Toutes les heures de la session sont données dans ce fuseau."
    )
    deposit_opens_at = WallTimeField(label="Ouverture du dépôt")
    deposit_closes_at = WallTimeField(label="Date limite de dépôt")
    interviews_from = day_field("Premier jour des entretiens")
    interviews_to = day_field("Dernier jour des entretiens")
    jury_on = day_field("Date du jury")

    def __init__(self, *args: Any, by: User, session: Session | None = None, **kwargs: Any) -> None:
        self.by, self.session = by, session
        super().__init__(*args, initial=_initial(session), **kwargs)
        self.fields["referentiel"].queryset = (
            Referentiel.objects.administered_by(by).filter(seal__isnull=False).order_by("title", "version")
        )
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "title",
            "referentiel",
            Row(Column("place", css_class="col-md-8"), Column("time_zone", css_class="col-md-4")),
            Fieldset(
                "Dépôt des dossiers",
                Row(
                    Column("deposit_opens_at", css_class="col-md-6"), Column("deposit_closes_at", css_class="col-md-6")
                ),
            ),
            Fieldset(
                "Entretiens et jury",
                Row(
                    Column("interviews_from", css_class="col-md-4"),
                    Column("interviews_to", css_class="col-md-4"),
                    Column("jury_on", css_class="col-md-4"),
                ),
            ),
            Submit("save", "Enregistrer" if session else "Créer la session", css_class="btn btn-primary", css_id=""),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("deposit_opens_at", "deposit_closes_at"):
            if name in data and "time_zone" in data:
                try:
                    data[name] = local_time(data[name], data["time_zone"])
                except ValidationError as wrong:
                    self.add_error(name, wrong)
        return data

    def save(self) -> Session | None:
        """Return the session; None when the service refused, its reasons being in the errors."""
        data = self.cleaned_data
        if session := self.session:
            return save_or_show(self, lambda: update_session(session=session, by=self.by, **data))
        return save_or_show(self, lambda: self._create(dict(data)))

    def _create(self, data: dict[str, Any]) -> Session:
        referentiel = data.pop("referentiel")
        details = SessionDetails(**data)
        return create_session(branch=referentiel.branch, referentiel=referentiel, details=details, by=self.by)


def _initial(session: Session | None) -> dict[str, Any]:
    """Return what the fields show at first: the moments as the session's clocks show them."""
    if session is None:
        return {"time_zone": "Europe/Paris"}
    names = ("title", "referentiel", "place", "time_zone", "interviews_from", "interviews_to", "jury_on")
    moments = ("deposit_opens_at", "deposit_closes_at")
    local = {name: getattr(session, name).astimezone(session.zone).replace(tzinfo=None) for name in moments}
    return {name: getattr(session, name) for name in names} | local


class ReasonForm(forms.Form):
    """A reason that is kept, and a button."""

    comment = forms.CharField(
        label="Motif",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Il est conservé dans le journal.",
        error_messages={"required": "Écrivez le motif : il sera conservé."},
    )

    def __init__(self, *args: Any, action: str, button: str, css_class: str = "btn-outline-danger", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["comment"].widget.attrs["id"] = f"motif-{self.prefix or 'session'}"
        self.helper = FormHelper()
        self.helper.form_action = action
        self.helper.layout = Layout(
            "comment",
            HTML(f'<button type="submit" class="btn {css_class}">{button}</button>'),
        )
