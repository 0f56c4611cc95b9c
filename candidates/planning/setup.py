"""What a plan is made with: the session's days, its rooms, its rules, and when its evaluators can come."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from candidates.models import Appointment, Availability, Interview, PlanSettings, Room, Session, SessionDay
from candidates.sessions.services import administered
from cqp.core.text import normalise
from cqp.evidence import journal
from cqp.models import User
from referentiel.models import Bloc

type Hours = tuple[dt.date, dt.time, dt.time]


def _open_session(session: Session, by: User) -> Session:
    locked = administered(session, by)
    if locked.state in (Session.State.JURY, Session.State.DECIDED):
        raise ValidationError("Les entretiens sont clos : le planning ne change plus.", code="state")
    return locked


def set_hours(
    *, session: Session, by: User, opens: dt.time, closes: dt.time, lunch_from: dt.time | None, lunch_to: dt.time | None
) -> None:
    """Give all the days of the session the same hours. Raises ValidationError by field, PermissionError."""
    hours = {"opens": opens, "closes": closes, "lunch_from": lunch_from, "lunch_to": lunch_to}
    with transaction.atomic():
        locked = _open_session(session, by)
        day, last = locked.interviews_from, locked.interviews_to
        while day <= last:
            if day.weekday() < 5 or locked.interviews_from == last or locked.days.filter(date=day).exists():
                session_day = SessionDay.objects.filter(session=locked, date=day).first() or SessionDay(
                    session=locked, date=day
                )
                for name, value in hours.items():
                    setattr(session_day, name, value)
                session_day.full_clean()
                session_day.save()
            day += dt.timedelta(days=1)
        payload = {name: value.isoformat() if value else None for name, value in hours.items()}
        journal.record(locked.stream, "plan.hours", payload, by=by)


def add_room(
    *, session: Session, by: User, name: str, is_remote: bool = False, link: str = "", access: str = ""
) -> Room:
    """Raises ValidationError by field, PermissionError."""
    with transaction.atomic():
        locked = _open_session(session, by)
        name = " ".join(name.split())
        if find_room(locked, name):
            raise ValidationError({"name": f"« {name} » existe déjà."})
        room = Room(session=locked, name=name, is_remote=is_remote, link=link.strip(), access=access.strip())
        room.full_clean()
        room.save()
        journal.record(locked.stream, "room.added", {"name": name, "remote": is_remote}, by=by)
    return room


def find_room(session: Session, name: str) -> Room | None:
    """Return the session's room of that name; cases, accents and double spaces make no difference, None for no such room."""
    name = " ".join(name.split())
    rooms = [room for room in session.rooms.all() if normalise(room.name) == normalise(name)]
    # Rooms of older sessions may differ by an accent: the nearest spelling is meant.
    return max(rooms, key=lambda room: (room.name == name, room.name.casefold() == name.casefold()), default=None)


def get_or_add_room(*, session: Session, by: User, name: str) -> Room:
    """Return the session's room of that name, as `find_room` does; one that is not there is added.

    Raises ValidationError by the field `room`, PermissionError.
    """
    if room := find_room(session, name):
        return room
    try:
        return add_room(session=session, by=by, name=name)
    except ValidationError as refused:
        raise ValidationError({"room": refused.messages}) from None


def remove_room(*, room: Room, by: User) -> None:
    """Raises ValidationError while an interview is planned there, or was closed there; PermissionError."""
    with transaction.atomic():
        locked = _open_session(room.session, by)
        if count := room.interviews.exclude(state__in=Interview.CLOSED).count():
            plural = "s" if count > 1 else ""
            them = "les" if plural else "le"
            raise ValidationError(f"« {room.name} » a {count} entretien{plural} : déplacez-{them} d'abord.")
        if room.interviews.exists():
            raise ValidationError(f"« {room.name} » a servi à un entretien qui est clos : elle reste dans la session.")
        journal.record(locked.stream, "room.removed", {"name": room.name}, by=by)
        room.delete()


def set_rules(*, session: Session, by: User, **rules: Any) -> PlanSettings:
    """Set the fields of PlanSettings. Raises ValidationError by field, PermissionError."""
    with transaction.atomic():
        locked = _open_session(session, by)
        settings = PlanSettings.objects.filter(session=locked).first() or PlanSettings(session=locked)
        for name, value in rules.items():
            setattr(settings, name, value)
        settings.full_clean()
        settings.save()
        journal.record(locked.stream, "plan.rules", rules, by=by)
    return settings


def set_evaluator(
    *,
    appointment: Appointment,
    by: User,
    is_reserve: bool,
    blocs: Iterable[Bloc],
    at_most_per_day: int | None,
    hours: Sequence[Hours],
) -> None:
    """Say what an evaluator evaluates and when they can come; no hours: on all days.

    Raises ValidationError, PermissionError.
    """
    with transaction.atomic():
        locked = _open_session(appointment.session, by)
        _check_hours(hours)
        appointment.is_reserve, appointment.at_most_per_day = is_reserve, at_most_per_day
        appointment.full_clean(exclude=["session", "user"])
        appointment.save(update_fields=["is_reserve", "at_most_per_day"])
        appointment.blocs.set(blocs)
        appointment.availabilities.all().delete()
        Availability.objects.bulk_create(
            Availability(session=locked, appointment=appointment, date=day, from_time=start, to_time=end)
            for day, start, end in hours
        )
        payload = {
            "who": str(appointment.user),
            "reserve": is_reserve,
            "blocs": sorted(appointment.blocs.values_list("code", flat=True)),
            "at_most_per_day": at_most_per_day,
            "hours": [[f"{day}", f"{start:%H:%M}", f"{end:%H:%M}"] for day, start, end in hours],
        }
        journal.record(locked.stream, "evaluator.available", payload, by=by)


def set_room_hours(*, room: Room, by: User, hours: Sequence[Hours]) -> None:
    """Say when a room can be had; no hours: on all days. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        locked = _open_session(room.session, by)
        _check_hours(hours)
        room.availabilities.all().delete()
        Availability.objects.bulk_create(
            Availability(session=locked, room=room, date=day, from_time=start, to_time=end) for day, start, end in hours
        )
        payload = {
            "name": room.name,
            "hours": [[f"{day}", f"{start:%H:%M}", f"{end:%H:%M}"] for day, start, end in hours],
        }
        journal.record(locked.stream, "room.available", payload, by=by)


def _check_hours(hours: Sequence[Hours]) -> None:
    for day, start, end in hours:
        if start >= end:
            raise ValidationError({f"from_{day}": "L'heure de fin doit suivre l'heure de début."})


def lock_interview(*, interview: Interview, by: User, locked: bool) -> None:
    """Keep an interview where it is, or let it move again, when the session is planned anew."""
    with transaction.atomic():
        session = _open_session(interview.enrolment_bloc.enrolment.session, by)
        interview.locked_at = timezone.now() if locked else None
        interview.save(update_fields=["locked_at"])
        payload = {"interview": interview.pk, "locked": locked}
        journal.record(session.stream, "interview.locked", payload, by=by)
