"""Absence, interruption, reception; and the acts that are refused."""

import pytest
from django.http import Http404

from candidates.models import Incident, Interview, Pause, Reception
from cqp.evidence import journal
from cqp.models import Operation
from cqp.operations.hooks import MalformedError
from evaluations.evidence.chain import broken
from evaluations.models import Revision
from tests import factories as make
from tests.evaluations.sheets.coming import STROKES, act, does, entry, minutes_ago, now_is, scores
from tests.evaluations.sheets.scribe import operation, send

pytestmark = pytest.mark.django_db


# --- Absence and interruption


@pytest.mark.parametrize("excused", [True, False])
def test_an_absence_is_noted_with_its_excuse_and_reason(coming, excused):
    absence = act("absent", excused=excused, reason="Personne à 9 h 30.")
    assert does(coming.alix, coming.alix_sheet, absence) == ["applied"]
    interview = now_is(coming.interview)
    assert (interview.state, interview.absence_excused) == ("absent", excused)
    assert entry(coming, "mark_absent")["comment"] == "Personne à 9 h 30."
    again, start = does(coming.bea, coming.bea_sheet, act("absent", excused=True, reason="Idem."), act("start"))
    assert again == "applied"
    assert "candidat absent" in start
    assert now_is(coming.interview).absence_excused == excused


def test_nobody_is_absent_from_an_interview_that_runs(begun):
    [refused] = does(begun.bea, begun.bea_sheet, act("absent", excused=False, reason="Pas là."))
    assert "n'est plus possible" in refused
    assert now_is(begun.interview).absence_excused is None


def test_an_interrupted_interview_keeps_its_sheets_and_takes_no_more(begun):
    kept, late, *_ = scores(begun.alix_sheet)
    stop = act("interrupt", ago=3, reason="Le candidat doit partir.")
    answers = does(begun.alix, begun.alix_sheet, kept, act("pause", ago=8, planned=True), stop, late)
    assert answers[:3] == ["applied"] * 3
    assert "n'a pas lieu" in answers[3]
    interview = now_is(begun.interview)
    assert interview.state == "interrupted"
    assert Pause.objects.get().ended_at == interview.finished_at
    assert entry(begun, "interrupt")["comment"] == "Le candidat doit partir."
    assert now_is(begun.alix_sheet).state == "open"
    assert begun.alix_sheet.scores.exclude(level=None).count() == 1
    assert broken(now_is(begun.alix_sheet)) == []


def test_the_sheet_of_an_interrupted_interview_is_not_signed(begun):
    does(begun.alix, begun.alix_sheet, *scores(begun.alix_sheet), act("interrupt", reason="Alerte."))
    [refused] = does(begun.alix, begun.alix_sheet, operation("sign", digest="0" * 64))
    assert "ne se signe pas" in refused


# --- Reception


def test_identity_is_checked_by_an_evaluator_before_or_during_the_interview(coming):
    does(coming.alix, coming.alix_sheet, act("identity", ago=2, paper="none"))
    does(coming.bea, coming.bea_sheet, act("start"), act("identity", ago=1, paper="passport"))
    reception = Reception.objects.get()
    assert (reception.paper, reception.checked_by.appointment.user) == ("passport", coming.bea)
    assert minutes_ago(reception.checked_at) == pytest.approx(1, abs=0.1)


def test_attendance_is_kept_as_drawn_and_the_journal_has_its_fingerprint_alone(coming):
    does(coming.alix, coming.alix_sheet, act("attendance", strokes=STROKES))
    assert Reception.objects.get().strokes == STROKES
    told = entry(coming, "attendance")
    assert len(told["sha256"]) == 64
    assert "strokes" not in told
    assert coming.alix_sheet.revisions.get().payload["strokes"] == STROKES


def test_attendance_is_taken_back(coming):
    does(coming.alix, coming.alix_sheet, act("attendance", strokes=STROKES), act("attendance", strokes=[]))
    reception = Reception.objects.get()
    assert (reception.strokes, reception.signed_at) == (None, None)


# --- What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        act("identity", paper="library card"),
        act("identity", paper=["passport"]),
        act("identity"),
        act("attendance", strokes="x"),
        act("attendance", strokes=[[]]),
        act("attendance", strokes=[[[1, 2, 3]]]),
        act("attendance", strokes=[[[1001, 2]]]),
        act("attendance", strokes=[[[1, 401]]]),
        act("attendance", strokes=[[[1.5, 2]]]),
        act("attendance", strokes=[[[-1, 2]]]),
        act("attendance", strokes=[[[1, 1]] * 4001]),
        act("absent", excused="yes", reason="x"),
        act("absent", excused=True, reason="  "),
        act("absent", reason="x"),
        act("interrupt", reason=""),
        act("interrupt"),
        act("incident", category="weather", text="x"),
        act("incident", category="late", text=" "),
        act("incident", category="late", text="x" * 4001),
        act("pause", planned="yes"),
        act("pause", planned=False),
        act("pause"),
        act("leave"),
    ],
    ids=lambda one: f"{one['kind']} {str(one['payload'])[:30]}",
)
def test_an_act_that_makes_no_sense_takes_the_whole_batch_down(begun, wrong):
    before = Revision.objects.count(), Operation.objects.count()
    with pytest.raises(MalformedError):
        send(begun.alix, begun.alix_sheet, act("finish"), wrong)
    assert (Revision.objects.count(), Operation.objects.count()) == before
    assert now_is(begun.interview).state == "running"


def test_nobody_acts_on_the_sheet_of_another(coming):
    for user in (coming.bea, coming.admin, make.make_user()):
        with pytest.raises(Http404):
            send(user, coming.alix_sheet, act("start"))
    assert not Operation.objects.exists()


@pytest.mark.parametrize("state", ["replaced", "declined"])
def test_the_acts_of_who_left_are_refused_and_kept(begun, state):
    begun.interview.assignments.filter(appointment__user=begun.bea).update(state=state)
    [refused] = does(begun.bea, begun.bea_sheet, act("finish"))
    assert "n'êtes plus évaluateur" in refused
    assert now_is(begun.interview).state == "running"


def test_an_act_sent_twice_counts_once(begun):
    note = act("incident", category="technical", text="Vidéoprojecteur en panne.")
    send(begun.alix, begun.alix_sheet, note)
    send(begun.alix, begun.alix_sheet, note, act("pause", planned=True))
    assert Incident.objects.count() == 1
    assert Pause.objects.count() == 1


def test_the_chains_hold_whatever_was_told(begun):
    does(
        begun.alix,
        begun.alix_sheet,
        act("identity", paper="passport"),
        act("attendance", strokes=STROKES),
        act("pause", category="health", text="Malaise."),
        act("resume"),
        act("finish"),
    )
    assert broken(now_is(begun.alix_sheet)) == []
    assert journal.broken(begun.row.enrolment.stream) == []
    assert now_is(begun.alix_sheet).content_seq == 0
    assert Interview.objects.get(pk=begun.interview.pk).state == "finished"
