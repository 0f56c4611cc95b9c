"""Interviews as calendars take them (RFC 5545): in UTC, with an identifier that stays and a sequence that goes up."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone


@dataclass(frozen=True)
class Event:
    """An interview in somebody's calendar. `cancelled`: it is no longer theirs."""

    uid: str
    sequence: int
    start: dt.datetime
    minutes: int
    title: str
    place: str
    text: str
    cancelled: bool = False


def calendar(events: Iterable[Event], *, organiser: str = "", attendee: str = "") -> bytes:
    """Return a calendar file. `organiser` and `attendee` are e-mail addresses: with both it is a request, which is updated.

    All of its events are of one kind: those that stand, or those that are cancelled.
    """
    from icalendar import Calendar
    from icalendar import Event as Entry
    from icalendar.prop import vCalAddress

    every = list(events)
    cancelled = bool(every) and all(event.cancelled for event in every)
    asks = "REQUEST" if organiser and attendee else "PUBLISH"
    file = Calendar()
    file.add("prodid", "-//Sessions CQP//FR")
    file.add("version", "2.0")
    file.add("method", "CANCEL" if cancelled else asks)
    for event in every:
        start = event.start.astimezone(dt.UTC)
        entry = Entry()
        entry.add("uid", event.uid)
        entry.add("sequence", event.sequence)
        entry.add("dtstamp", timezone.now().astimezone(dt.UTC).replace(microsecond=0))
        entry.add("dtstart", start)
        entry.add("dtend", start + dt.timedelta(minutes=event.minutes))
        entry.add("summary", event.title)
        entry.add("location", event.place)
        entry.add("description", event.text)
        entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
        if organiser:
            entry.add("organizer", vCalAddress(f"mailto:{organiser}"))
        if organiser and attendee:
            person = vCalAddress(f"mailto:{attendee}")
            person.params["RSVP"] = "FALSE"
            entry.add("attendee", person)
        file.add_component(entry)
    return bytes(file.to_ical())
