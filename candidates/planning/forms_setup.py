"""The forms of a plan: hours, rooms, rules, an evaluator's days, an absence."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms

from candidates.models import Appointment, Availability, PlanSettings, Room, Session, SessionDay
from candidates.planning.problem_reading import plan_settings, session_days
from candidates.planning.setup import Hours, add_room, set_evaluator, set_hours, set_room_hours, set_rules
from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.models import Bloc

MORNING, EVENING = dt.time(0), dt.time(23, 59)


def time_field(label: str, **more: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **more)


class HoursForm(forms.Form):
    opens = time_field("Premier entretien à partir de")
    closes = time_field("Dernier entretien fini à")
    lunch_from = time_field("Déjeuner à partir de", required=False)
    lunch_to = time_field("Déjeuner jusqu'à", required=False)

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        first = next(iter(session_days(session)), SessionDay())
        initial = {name: getattr(first, name) for name in ("opens", "closes", "lunch_from", "lunch_to")}
        super().__init__(*args, initial=initial, **kwargs)
        self.session = session

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("lunch_from")) != bool(data.get("lunch_to")):
            self.add_error("lunch_to", "Indiquez le début et la fin du déjeuner, ou aucun des deux.")
        return data

    def save(self, by: User) -> bool:
        save_or_show(self, lambda: set_hours(session=self.session, by=by, **self.cleaned_data))
        return not self.errors


class RoomForm(forms.ModelForm):
    class Meta:
        model = Room
        fields = ("name", "is_remote", "link", "access")

    def save_in(self, session: Session, by: User) -> Room | None:
        return save_or_show(self, lambda: add_room(session=session, by=by, **self.cleaned_data))


class RulesForm(forms.ModelForm):
    class Meta:
        model = PlanSettings
        fields = (
            "pairs",
            "scoring_minutes",
            "in_a_row",
            "pause_minutes",
            "candidate_rest_minutes",
            "step_minutes",
            "one_day",
        )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, instance=plan_settings(session), **kwargs)
        self.session = session

    def save_by(self, by: User) -> bool:
        save_or_show(self, lambda: set_rules(session=self.session, by=by, **self.cleaned_data))
        return not self.errors


class DaysForm(forms.Form):
    """The days of a session on which somebody, or a room, can be had, each with its hours."""

    nobody = ""

    def add_days(self, session: Session, availabilities: Iterable[Availability]) -> None:
        by_date = {availability.date: availability for availability in availabilities}
        self.days = [day.date for day in session_days(session)]
        for day in self.days:
            availability = by_date.get(day)
            there = forms.BooleanField(
                label="Disponible", required=False, initial=not by_date or availability is not None
            )
            start, end = time_field("De", required=False), time_field("À", required=False)
            if availability and (availability.from_time, availability.to_time) != (MORNING, EVENING):
                start.initial, end.initial = availability.from_time, availability.to_time
            self.fields |= {f"there_{day}": there, f"from_{day}": start, f"to_{day}": end}

    def by_day(self) -> list[tuple[dt.date, Any, Any, Any]]:
        return [(day, self[f"there_{day}"], self[f"from_{day}"], self[f"to_{day}"]) for day in self.days]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(f"there_{day}") for day in self.days):
            raise forms.ValidationError(self.nobody)
        return data

    @property
    def hours(self) -> list[Hours]:
        """The hours of each day that is ticked; none where every day is, from morning to evening."""
        data = self.cleaned_data
        hours = [
            (day, data[f"from_{day}"] or MORNING, data[f"to_{day}"] or EVENING)
            for day in self.days
            if data[f"there_{day}"]
        ]
        always = len(hours) == len(self.days) and all(day_hours[1:] == (MORNING, EVENING) for day_hours in hours)
        return [] if always else hours


class RoomDaysForm(DaysForm):
    nobody = "Cochez au moins un jour, ou retirez cette salle de la session."

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = room
        self.add_days(room.session, room.availabilities.all())

    def save(self, by: User) -> bool:
        save_or_show(self, lambda: set_room_hours(room=self.room, by=by, hours=self.hours))
        return not self.errors


class EvaluatorForm(DaysForm):
    nobody = "Cochez au moins un jour, ou retirez cette personne de la session."

    is_reserve = forms.BooleanField(
        label="En réserve", required=False, help_text="Planifié seulement pour remplacer quelqu'un."
    )
    at_most_per_day = forms.IntegerField(label="Entretiens par jour au plus", required=False, min_value=1, max_value=40)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appointment = appointment
        session = appointment.session
        self.fields["is_reserve"].initial = appointment.is_reserve
        self.fields["at_most_per_day"].initial = appointment.at_most_per_day
        own = {bloc.pk for bloc in appointment.blocs.all()}
        self.fields["blocs"] = forms.MultipleChoiceField(
            label="Blocs évalués",
            choices=[(bloc.pk, f"Bloc {bloc.number} : {bloc.title}") for bloc in session.referentiel.blocs.all()],
            initial=[bloc.pk for bloc in session.referentiel.blocs.all() if not own or bloc.pk in own],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choisissez au moins un bloc."},
        )
        self.add_days(session, appointment.availabilities.all())

    def save(self, by: User) -> bool:
        data = self.cleaned_data
        every = {str(bloc.pk) for bloc in self.appointment.session.referentiel.blocs.all()}
        chosen = set() if set(data["blocs"]) == every else set(data["blocs"])
        save_or_show(
            self,
            lambda: set_evaluator(
                appointment=self.appointment,
                by=by,
                is_reserve=data["is_reserve"],
                blocs=Bloc.objects.filter(pk__in=chosen),
                at_most_per_day=data["at_most_per_day"],
                hours=self.hours,
            ),
        )
        return not self.errors


class AbsenceForm(forms.Form):
    starts_at = forms.DateTimeField(
        label="À partir de", widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    )
    ends_at = forms.DateTimeField(
        label="Jusqu'à", widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    )
    reason = forms.CharField(label="Motif", max_length=200, help_text="Il est conservé, et n'est pas envoyé.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"starts_at", "ends_at"} <= data.keys() and data["starts_at"] >= data["ends_at"]:
            self.add_error("ends_at", "La fin doit suivre le début.")
        return data
