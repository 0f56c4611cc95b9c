"""People are convoked: each once for what they are told, again when it changes.

The PDF and the calendar are made when the mail leaves.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from candidates.convocations.calendars import Event, calendar
from candidates.convocations.queries import Person, calendar_events, convocation_context, read_people, with_sequences
from candidates.models import Convocation, Session
from candidates.sessions import dates
from candidates.sessions.services import administered
from cqp.documents.rendering import render_pdf
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.mail.outbox import Attachment
from cqp.models import User

FILES_AT_MOST = 12


def convoke(*, session: Session, by: User, only: Collection[str] | None = None) -> int:
    """Convoke those to whom something new is to be told, of the chosen (`only`, their keys) or of all; return how many.

    Raises ValidationError when there is nobody to convoke, PermissionError.
    """
    with transaction.atomic():
        locked = administered(session, by)
        if locked.state in (Session.State.JURY, Session.State.DECIDED):
            raise ValidationError("Les entretiens sont clos : il n'y a plus personne à convoquer.", code="state")
        due = [
            person
            for person in read_people(locked)
            if person.is_due and person.user and (only is None or person.key in only)
        ]
        if not due:
            raise ValidationError("Personne n'est à convoquer : chacun a reçu ce qui est prévu.")
        for person in due:
            _convoke(person, by)
        payload = {"people": len(due)}
        journal.record(locked.stream, "convocations.sent", payload, by=by)
    return len(due)


def _convoke(person: Person, by: User) -> Convocation:
    events, gone = with_sequences(person)
    kind = "enrolment" if person.is_candidate else "appointment"
    made = Convocation.objects.create(
        session=person.session,
        **{kind: person.who},
        events=events,
        cancelled=gone,
        digest=person.digest,
        asked_by=by,
    )
    context = convocation_context(person) | {
        "again": person.last is not None,
        "convocation": made.pk,
        "path": reverse("candidate:home" if person.is_candidate else "evaluator:home"),
    }
    del context["site_url"]
    made.mail = outbox.queue_mail("convocation", person.user.email, context, **person.session.mail_scope)
    made.save(update_fields=["mail"])
    return made


def convocation_pdf(context: dict[str, Any], made: Convocation | None, session: Session) -> bytes:
    """Return a convocation as a letter. made: the one that was sent, whose number and day it bears."""
    rows = [row for _, of_day in context["days"] for row in of_day]
    on = (made.asked_at if made else timezone.now()).astimezone(session.zone).date()
    more = {
        "title": f"Convocation, {context['name']}",
        "reference": context["session"],
        "number": f"CV-{made.pk:06d}" if made else "",
        "on": dates.day_text(on, dt.date.min),
        "is_single": len(rows) == 1,
    }
    return render_pdf(render_to_string("pdf/convocation.html", context | more))


def attachments(context: dict[str, Any]) -> list[Attachment]:
    """Return what goes with the mail: the convocation, what stands for the calendar, what is cancelled."""
    made = Convocation.objects.select_related("session__branch", "mail").get(pk=context["convocation"])
    who = f"enrolment-{made.enrolment_id}" if made.enrolment_id else f"appointment-{made.appointment_id}"
    attendee = made.mail.to if made.mail else ""
    organiser, files = made.session.branch.email, []
    if made.events:
        files.append(Attachment("convocation.pdf", convocation_pdf(context, made, made.session), "application/pdf"))
    gone = {key: event for key, event in made.cancelled.items() if event["new"]}
    for events, cancelled in ((made.events, False), (gone, True)):
        entries = calendar_events(
            events, who=who, session=made.session, for_evaluator=made.enrolment_id is None, cancelled=cancelled
        )
        files += _calendar_files(entries, organiser=organiser, attendee=attendee, cancelled=cancelled)
    return files


def _calendar_files(entries: list[Event], *, organiser: str, attendee: str, cancelled: bool) -> list[Attachment]:
    """Return a file for each interview: of a request with several, calendars take the first alone.

    Whoever has more than FILES_AT_MOST gets one file that is published: it is imported whole, and asks for no answer.
    """
    name = "annulation" if cancelled else "entretien"
    if len(entries) > FILES_AT_MOST and not cancelled:
        return [Attachment("entretiens.ics", calendar(entries), "text/calendar; method=PUBLISH; charset=UTF-8")]
    method = "CANCEL" if cancelled else "REQUEST" if organiser and attendee else "PUBLISH"
    return [
        Attachment(
            f"{name}-{number}.ics" if len(entries) > 1 else f"{name}.ics",
            calendar([entry], organiser=organiser, attendee=attendee),
            f"text/calendar; method={method}; charset=UTF-8",
        )
        for number, entry in enumerate(sorted(entries, key=lambda entry: entry.start), 1)
    ]


outbox.ATTACHED["convocation"] = attachments
