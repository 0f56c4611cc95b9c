"""People are convoked: each once for what they are told, again when it changes.

The PDF and the calendar are made when the mail leaves.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from candidates.calendars import calendar
from candidates.convocations import Person, calendar_events, letter, read_people, with_sequences
from candidates.models import Convocation, Session
from candidates.services.sessions import administered
from cqp import journal, mail
from cqp.mail import Attachment
from cqp.models import User
from cqp.pdf import render_pdf


def convoke(*, session: Session, by: User, only: Collection[str] | None = None) -> int:
    """Convoke those to whom something new is to be told, of the chosen (`only`, their keys) or of all; return how many.

    Raises ValidationError when there is nobody to convoke, PermissionError.
    """
    with transaction.atomic():
        locked = administered(session, by)
        if locked.state in (Session.State.JURY, Session.State.DECIDED):
            raise ValidationError("Les entretiens sont clos : il n'y a plus personne à convoquer.", code="state")
        due = [one for one in read_people(locked) if one.is_due and one.user and (only is None or one.key in only)]
        if not due:
            raise ValidationError("Personne n'est à convoquer : chacun a reçu ce qui est prévu.")
        for person in due:
            _convoke(person, by)
        told = {"people": len(due)}
        journal.record(f"session:{locked.pk}", "convocations.sent", told, by=by)
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
    context = letter(person) | {
        "again": person.last is not None,
        "convocation": made.pk,
        "path": reverse("candidate:home" if person.is_candidate else "evaluator:home"),
    }
    del context["site_url"]
    made.mail = mail.queue("convocation", person.user.email, context, **person.session.mail_scope)
    made.save(update_fields=["mail"])
    return made


def convocation_pdf(told: dict[str, Any]) -> bytes:
    rows = [row for _, of_day in told["days"] for row in of_day]
    context = told | {"title": "Convocation", "reference": told["session"], "one": len(rows) == 1}
    return render_pdf(render_to_string("pdf/convocation.html", context))


def attachments(context: dict[str, Any]) -> list[Attachment]:
    """Return what goes with the mail: the convocation, what stands for the calendar, what is cancelled."""
    made = Convocation.objects.select_related("session__branch", "mail").get(pk=context["convocation"])
    who = f"enrolment-{made.enrolment_id}" if made.enrolment_id else f"appointment-{made.appointment_id}"
    attendee = made.mail.to if made.mail else ""
    organiser, files = made.session.branch.email, []
    if made.events:
        files.append(Attachment("convocation.pdf", convocation_pdf(context), "application/pdf"))
    gone = {key: event for key, event in made.cancelled.items() if event["new"]}
    for events, cancelled in ((made.events, False), (gone, True)):
        if events:
            entries = calendar_events(
                events, who=who, session=made.session, for_evaluator=made.enrolment_id is None, cancelled=cancelled
            )
            content = calendar(entries, organiser=organiser, attendee=attendee)
            method = "CANCEL" if cancelled else "REQUEST" if organiser and attendee else "PUBLISH"
            name = "annulations.ics" if cancelled else "entretiens.ics"
            files.append(Attachment(name, content, f"text/calendar; method={method}; charset=UTF-8"))
    return files


mail.ATTACHED["convocation"] = attachments
