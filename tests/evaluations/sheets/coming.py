"""An interview to come, and what its evaluators' devices tell of it."""

import datetime as dt
from types import SimpleNamespace

from django.utils import timezone

from candidates.interviews.clock import elapsed_seconds
from cqp.models import JournalEntry
from evaluations.sheets.day import open_ahead
from tests import factories as make
from tests.evaluations.sheets.scribe import operation, send
from tests.replay import replayed


@replayed
def make_coming(referentiel, bloc=1, **enrolment):
    """An interview of yesterday that is still to be held: Alix and Béa have opened their sheets ahead.

    Of yesterday, so that half an hour ago is in its day or after, whatever the hour of the test.
    """
    today = timezone.localdate()
    days = {"interviews_from": today - dt.timedelta(days=1), "interviews_to": today + dt.timedelta(days=1)}
    session = make.make_session(
        referentiel, state="interviews", deposit_closes_at=timezone.now() - dt.timedelta(hours=2), **days
    )
    row = make.make_enrolment(session, blocs=[bloc], **enrolment).enrolment_blocs.get()
    alix, bea = make.make_evaluator(session), make.make_evaluator(session)
    start = timezone.now() - dt.timedelta(days=1)
    interview = make.make_interview(row, [alix, bea], start=start)
    sheets = [open_ahead(interview.assignments.get(appointment=one)) for one in (alix, bea)]
    return SimpleNamespace(
        session=session,
        row=row,
        interview=interview,
        alix=alix.user,
        bea=bea.user,
        alix_sheet=sheets[0],
        bea_sheet=sheets[1],
        admin=make.make_admin(session.branch),
    )


def forget(sheet):
    """Take back a sheet that was opened ahead."""
    sheet.scores.all().delete()
    sheet.verdicts.all().delete()
    sheet.delete()


def act(kind, ago=0.0, **payload):
    """An act that the device says was done `ago` minutes ago."""
    return operation(kind, **payload) | {"at": (timezone.now() - dt.timedelta(minutes=ago)).isoformat()}


def does(user, sheet, *acts):
    """Send acts, and return what became of them: "applied", or why not."""
    _, answers = send(user, sheet, *acts)
    return [one.refusal or one.status for one in answers]


def scores(sheet, level=2):
    return [operation("score", criterion=pk, level=level) for pk in sheet.scores.values_list("criterion", flat=True)]


def now_is(obj):
    return type(obj).objects.get(pk=obj.pk)


def minutes_ago(moment):
    return (timezone.now() - moment).total_seconds() / 60


def entry(coming, verb):
    return JournalEntry.objects.get(stream__name=coming.row.enrolment.stream, verb=f"interview.{verb}").payload


def elapsed_minutes(coming):
    interview = now_is(coming.interview)
    return elapsed_seconds(interview, interview.pauses.all(), timezone.now()) // 60


STROKES = [[[100, 200], [140, 180], [1000, 400]], [[0, 0]]]
