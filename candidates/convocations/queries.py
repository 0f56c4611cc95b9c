"""What a convocation says, to a candidate or an evaluator, of all their interviews of a session: the plan as it is now."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from candidates.convocations.calendars import Event
from candidates.models import Appointment, Assignment, Convocation, Enrolment, Interview, Session
from candidates.sessions import dates
from cqp.evidence.chain import canonical

TO_BRING = "une pièce d'identité en cours de validité"


@dataclass
class Person:
    """Somebody to convoke: what they would be told now (`events`), what they were told last, who they are."""

    session: Session
    who: Enrolment | Appointment
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: Convocation | None = None

    @property
    def key(self) -> str:
        return f"{'enrolment' if self.is_candidate else 'appointment'}-{self.who.pk}"

    @property
    def is_candidate(self) -> bool:
        return isinstance(self.who, Enrolment)

    @property
    def user(self) -> Any:
        return self.who.candidate.user if isinstance(self.who, Enrolment) else self.who.user

    @property
    def name(self) -> str:
        return self.who.candidate.display_name if isinstance(self.who, Enrolment) else str(self.who.user)

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical(self.events)).hexdigest()

    @property
    def state(self) -> str:
        """Return "none" (nothing to tell), "unreachable", "to send", "changed", "failed", "sending" or "sent"."""
        if self.last is None:
            return ("to send" if self.user else "unreachable") if self.events else "none"
        if self.last.digest != self.digest:
            return "changed"
        mail = self.last.mail
        return {"failed": "failed", "queued": "sending"}.get(mail.state, "sent") if mail else "sent"

    @property
    def is_due(self) -> bool:
        return self.state in ("to send", "changed", "failed")

    @property
    def sent(self) -> Convocation | None:
        """The convocation that says what stands now."""
        return self.last if self.last and self.last.digest == self.digest else None


def read_people(session: Session) -> list[Person]:
    """Return everybody of a session, candidates first, in a number of queries that people do not change."""
    enrolments = session.enrolments.select_related("candidate__user")
    evaluators = session.appointments.filter(role=Appointment.Role.EVALUATOR).select_related("user")
    people = {
        person.key: person
        for person in (*(Person(session, e) for e in enrolments), *(Person(session, a) for a in evaluators))
    }
    interviews = (
        Interview.objects.filter(enrolment_bloc__enrolment__session=session)
        .exclude(state__in=Interview.CLOSED)
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate", "room")
        .prefetch_related("assignments")
    )
    for interview in interviews:
        candidate = people[f"enrolment-{interview.enrolment_bloc.enrolment_id}"]
        candidate.events[str(interview.pk)] = _event(interview)
        for assignment in interview.assignments.all():
            evaluator = people.get(f"appointment-{assignment.appointment_id}")
            if evaluator and assignment.state == Assignment.State.ACTIVE:
                evaluator.events[str(interview.pk)] = _event(interview) | {"candidate": candidate.name}
    for convocation in session.convocations.select_related("mail").order_by("asked_at", "pk"):
        kind = "enrolment" if convocation.enrolment_id else "appointment"
        if person := people.get(f"{kind}-{convocation.enrolment_id or convocation.appointment_id}"):
            person.last = convocation
    return list(people.values())


def _event(interview: Interview) -> dict[str, Any]:
    return {
        "bloc": interview.enrolment_bloc.bloc.number,
        "title": interview.enrolment_bloc.bloc.title,
        "start": interview.start.astimezone(dt.UTC).isoformat(),
        "minutes": interview.minutes,
        "room": interview.room.name,
        "access": interview.room.access,
        "link": interview.room.link,
    }


def with_sequences(person: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the events that stand, each with its sequence, and all those that were told and stand no longer.

    Of the latter, `new` says which were not yet told to be cancelled.
    """
    stood = person.last.events if person.last else {}
    gone = person.last.cancelled if person.last else {}
    events = {}
    for key, event in person.events.items():
        sequence = 0
        if previous := stood.get(key):
            sequence = previous["sequence"] + ({**previous, "sequence": 0} != {**event, "sequence": 0})
        elif previous := gone.get(key):
            sequence = previous["sequence"] + 1
        events[key] = event | {"sequence": sequence}
    cancelled = {key: event | {"new": False} for key, event in gone.items() if key not in events}
    for key, event in stood.items():
        if key not in events:
            cancelled[key] = event | {"sequence": event["sequence"] + 1, "new": True}
    return events, cancelled


def calendar_events(
    events: Mapping[str, Any], *, who: str, session: Session, for_evaluator: bool, cancelled: bool = False
) -> list[Event]:
    """Return the calendar's entries of what a convocation tells. `who`: the person's key, so that identifiers are theirs."""
    entries = []
    for key, event in events.items():
        whom = f", {event['candidate']}" if for_evaluator else ""
        place = ", ".join(filter(None, (session.place, event["room"], event["access"])))
        entries.append(
            Event(
                uid=f"entretien-{key}-{who}@sessions-cqp",
                sequence=event["sequence"],
                start=dt.datetime.fromisoformat(event["start"]),
                minutes=event["minutes"],
                title=f"Entretien CQP, bloc {event['bloc']}{whom}",
                place=event["link"] or place,
                text="\n".join([event["title"], session.title, *([] if for_evaluator else [f"Apportez {TO_BRING}."])]),
                cancelled=cancelled,
            )
        )
    return entries


def events_context(events: Iterable[Mapping[str, Any]], session: Session) -> list[dict[str, Any]]:
    """Return the interviews in order, with their times as a person of the session's place reads them."""
    rows = []
    for event in sorted(events, key=lambda event: event["start"]):
        start = dt.datetime.fromisoformat(event["start"]).astimezone(session.zone)
        end = (start + dt.timedelta(minutes=event["minutes"])).astimezone(session.zone)
        hours = f"{dates.hour_text(start.time())} à {dates.hour_text(end.time())}"
        rows.append({**event, "day": dates.day_text(start.date(), dt.date.min), "hours": hours})
    return rows


def convocation_context(person: Person) -> dict[str, Any]:
    """Return what the PDF and the mail say."""
    session, who = person.session, person.who
    branch = session.branch
    measures = []
    if isinstance(who, Enrolment):
        if who.extra_minutes:
            measures.append(f"{who.extra_minutes} minutes de plus par entretien")
        if who.break_minutes:
            measures.append(f"une pause de {who.break_minutes} minutes par entretien")
        if who.other_measures:
            measures.append(who.other_measures)
    rows = events_context(person.events.values(), session)
    days: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        days[row["day"]].append(row)
    return {
        "branch": branch.name,
        "contact": ", ".join(filter(None, (branch.email, branch.telephone))),
        "address": branch.address,
        "name": person.name,
        "candidate": person.is_candidate,
        "session": session.title,
        "certification": session.referentiel.title,
        "place": session.place,
        "zone": dates.zone_text(session.zone),
        "days": [[day, of_day] for day, of_day in days.items()],
        "measures": measures,
        "remote": bool(rows) and all(row["link"] for row in rows),
        "to_bring": TO_BRING,
        "site_url": settings.SITE_URL,
    }
