"""Sheets opened ahead, so that an interview can begin without the network: nobody else sees anything of it."""

import datetime as dt

import pytest
from django.utils import timezone

from cqp.models import JournalEntry
from evaluations.models import ScoringSheet
from evaluations.sheets.day import open_ahead, prepare_day
from evaluations.sheets.panels import sheets_panel
from evaluations.sheets.services import reopen_sheet
from evaluations.sheets.workflow import unsigned_sheets
from referentiel.models import Bloc, Referentiel
from tests import factories as make
from tests.evaluations.sheets.coming import act, does, make_coming
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    today = timezone.localdate()
    days = {"interviews_from": today - dt.timedelta(days=1), "interviews_to": today + dt.timedelta(days=9)}
    closed = {"deposit_closes_at": timezone.now() - dt.timedelta(hours=1)}
    return make.make_session(referentiel, state="interviews", **days, **closed)


def noon(session, days):
    day = timezone.localdate(timezone=session.zone) + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(12), session.zone)


def interview_in(session, days, people, **fields):
    row = make.make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    return make.make_interview(row, people, start=noon(session, days), **fields)


def test_evaluator_prepares_today_and_tomorrow_and_opens_their_own_sheets_alone(session):
    alix, bea = make.make_evaluator(session), make.make_evaluator(session)
    days = {days: interview_in(session, days, [alix, bea]) for days in (-1, 0, 1, 2)}
    interview_in(session, 0, [bea])
    sheets = prepare_day(by=alix.user)
    assert [sheet.interview for sheet in sheets] == [days[0], days[1]]
    assert {sheet.assignment.appointment for sheet in ScoringSheet.objects.all()} == {alix}
    assert [sheet.pk for sheet in prepare_day(by=alix.user)] == [sheet.pk for sheet in sheets]
    assert sheets[0].scores.count() == 25
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("interview", {"state": "absent"}),
        ("interview", {"state": "cancelled"}),
        ("assignments", {"state": "replaced"}),
        ("assignments", {"state": "declined"}),
        ("appointment", {"undertaking_signed_at": None}),
        ("session", {"state": "deposit"}),
        ("session", {"state": "jury"}),
    ],
)
def test_nothing_opens_for_what_they_do_not_evaluate(session, what, fields):
    alix = make.make_evaluator(session)
    interview = interview_in(session, 0, [alix])
    found = {
        "interview": type(interview).objects.filter(pk=interview.pk),
        "assignments": interview.assignments,
        "appointment": type(alix).objects.filter(pk=alix.pk),
        "session": type(session).objects.filter(pk=session.pk),
    }
    found[what].update(**fields)
    assert prepare_day(by=alix.user) == []
    assert not ScoringSheet.objects.exists()


def test_where_the_referentiel_goes_straight_to_it_both_open_the_same_joint_sheet(db):
    direct = Referentiel.objects.create(
        branch=make.make_branch("directe"),
        code="DIRECT",
        version="1",
        title="Ensemble",
        separate_sheets=False,
        rule="bloc_percent",
    )
    Bloc.objects.create(referentiel=direct, number=1, code="B1", title="Le seul bloc")
    session = make.make_session(direct, state="interviews")
    people = [make.make_evaluator(session), make.make_evaluator(session)]
    interview = interview_in(session, 0, people)
    first, second = [open_ahead(one) for one in interview.assignments.all()]
    assert first.is_joint
    assert first == second
    assert [sheet.pk for sheet in prepare_day(by=people[1].user)] == [first.pk]


def test_a_sheet_opened_ahead_tells_the_branch_and_the_jury_nothing(referentiel):
    coming = make_coming(referentiel)
    juror = make.make_juror(coming.session).user
    assert unsigned_sheets(coming.session) == []
    for user in (coming.admin, juror, coming.bea):
        assert not ScoringSheet.objects.visible_to(user).exclude(assignment__appointment__user=user).exists()
    _, board = sheets_panel(coming.session, coming.admin)
    assert board["rows"] == []


def test_an_absence_leaves_no_sheet_to_sign(referentiel):
    coming = make_coming(referentiel)
    does(coming.alix, coming.alix_sheet, act("absent", excused=False, reason="Pas là."))
    assert unsigned_sheets(coming.session) == []
    coming.session.state = "jury"
    coming.session.save()
    assert not ScoringSheet.objects.visible_to(make.make_juror(coming.session).user).exists()


def test_an_administrator_who_was_replaced_scores_no_longer_and_reads_what_the_branch_reads(running, branch):
    branch.administrators.add(running.alix)
    score_all(running.bea, running.bea_sheet)
    sign(running.bea, running.bea_sheet)
    assert not ScoringSheet.objects.visible_to(running.alix).filter(pk=running.bea_sheet.pk).exists()
    running.interview.assignments.filter(appointment__user=running.alix).update(state="replaced")
    assert ScoringSheet.objects.visible_to(running.alix).filter(pk=running.bea_sheet.pk).exists()
    reopen_sheet(running.bea_sheet, by=running.alix, reason="Erreur.")
