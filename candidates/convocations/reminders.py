"""Candidates are reminded: seven days and one day before a dossier is due, two days before their interviews.

By day on the session's clocks, one mail for all that is to be recalled, never twice.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.convocations.queries import TO_BRING
from candidates.dossiers.deposit import deadline
from candidates.models import Dossier, Enrolment, Interview, Reminder, Session
from candidates.sessions import dates
from candidates.sessions.queries import contact_text
from cqp.mail import outbox
from cqp.models import Mail

DAY = dt.timedelta(days=1)
# The hours of the day at which a mail may arrive, on the session's clocks.
HOURS = range(8, 20)
BEFORE_INTERVIEWS = 2 * DAY


def send_reminders(now: dt.datetime | None = None) -> int:
    """Send what is due, and return how many mails. Called every minute."""
    now = now or timezone.now()
    sessions = Session.objects.filter(state__in=(Session.State.DEPOSIT, Session.State.INTERVIEWS))
    return sum(
        _deposits(session, now) + _interviews(session, now)
        for session in sessions.select_related("branch")
        if now.astimezone(session.zone).hour in HOURS
    )


def _deposits(session: Session, now: dt.datetime) -> int:
    # While the interviews go on too: a dossier that was sent back has a date of its own.
    waiting = Dossier.objects.filter(
        enrolment_bloc__enrolment__session=session, state=Dossier.State.DRAFT
    ).select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate__user")
    due: dict[Enrolment, dict[str, Dossier]] = defaultdict(dict)
    for dossier in waiting:
        left = _left(deadline(dossier, session), now, session)
        enrolment = dossier.enrolment_bloc.enrolment
        if dt.timedelta() < left <= 7 * DAY and enrolment.candidate.user:
            days = 1 if left <= DAY else 7
            due[enrolment][f"deposit-{days}:{dossier.pk}:{deadline(dossier, session):%Y%m%dT%H%M}"] = dossier
    known = _known(due)
    sent = 0
    for enrolment, by_key in due.items():
        if new := {key: dossier for key, dossier in by_key.items() if (enrolment.pk, key) not in known}:
            every = sorted(by_key.values(), key=lambda dossier: dossier.enrolment_bloc.bloc.number)
            context = {
                "blocs": [
                    [
                        dossier.enrolment_bloc.bloc.number,
                        dates.deadline_text(deadline(dossier, session), now, session.zone),
                    ]
                    for dossier in every
                ],
            }
            sent += _remind(enrolment, session, new, "deposit_reminder", context)
    return sent


def _left(due: dt.datetime, now: dt.datetime, session: Session) -> dt.timedelta:
    """Return what is left by the clocks on the wall: a week is a week, though an hour more or less when they change."""
    if due <= now:
        return dt.timedelta()
    wall_due, wall_now = (moment.astimezone(session.zone).replace(tzinfo=None) for moment in (due, now))
    return wall_due - wall_now


def _interviews(session: Session, now: dt.datetime) -> int:
    coming = Interview.objects.filter(
        enrolment_bloc__enrolment__session=session,
        enrolment_bloc__enrolment__candidate__user__isnull=False,
        state=Interview.State.PLANNED,
        start__gt=now,
        start__lte=now + BEFORE_INTERVIEWS,
    ).select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate__user", "room")
    due: dict[Enrolment, dict[str, Interview]] = defaultdict(dict)
    for interview in coming.order_by("start", "pk"):
        key = f"interview:{interview.pk}:{interview.start:%Y%m%dT%H%M}"
        due[interview.enrolment_bloc.enrolment][key] = interview
    known = _known(due)
    sent = 0
    for enrolment, by_key in due.items():
        if new := {key: interview for key, interview in by_key.items() if (enrolment.pk, key) not in known}:
            rows = [
                {
                    "when": dates.moment_text(interview.start, now, session.zone),
                    "bloc": interview.enrolment_bloc.bloc.number,
                    "room": interview.room.name,
                    "link": interview.room.link,
                }
                for interview in by_key.values()
            ]
            context = {
                "rows": rows,
                "remote": all(row["link"] for row in rows),
                "zone": dates.zone_text(session.zone),
                "place": session.place,
                "to_bring": TO_BRING,
            }
            sent += _remind(enrolment, session, new, "interview_reminder", context)
    return sent


def _known(due: Iterable[Enrolment]) -> set[tuple[int, str]]:
    return set(Reminder.objects.filter(enrolment__in=list(due)).values_list("enrolment", "key"))


def _remind(enrolment: Enrolment, session: Session, keys: Iterable[str], template: str, context: dict[str, Any]) -> int:
    """Send a mail and keep what it recalled. Two ticks at once: the second finds it kept, and sends nothing."""
    user = enrolment.candidate.user
    assert user
    with transaction.atomic():
        made = Reminder.objects.bulk_create(
            [Reminder(enrolment=enrolment, key=key) for key in keys], ignore_conflicts=True
        )
        fresh = Reminder.objects.select_for_update().filter(
            enrolment=enrolment, key__in=[reminder.key for reminder in made], mail=None
        )
        pks = list(fresh.values_list("pk", flat=True))
        if not pks:
            return 0
        mail: Mail = outbox.queue_mail(
            template,
            user.email,
            {
                "name": enrolment.candidate.display_name,
                "session": session.title,
                "contact": contact_text(session),
                "path": reverse("candidate:home"),
                **context,
            },
            **session.mail_scope,
        )
        Reminder.objects.filter(pk__in=pks).update(mail=mail)
    return 1
