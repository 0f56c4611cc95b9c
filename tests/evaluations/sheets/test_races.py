"""Two at once, each on a connection of their own: whoever comes second sees what the first did."""

import pytest

from candidates.models import Assignment, Interview, Session
from candidates.sessions.services import move_session
from cqp.evidence import journal
from cqp.models import JournalEntry
from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import broken
from evaluations.models import ScoringSheet
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from evaluations.sheets.replacement import replace_evaluator
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.jury.scene import all_decided, joint_sheet, make_scene, sitting
from tests.evaluations.sheets.coming import act, does
from tests.evaluations.sheets.scribe import operation, read, score_all, sign
from tests.race import while_uncommitted

pytestmark = pytest.mark.database


@pytest.fixture
def referentiel(committed_referentiel):
    return committed_referentiel


@pytest.fixture
def joint(begun):
    for user, sheet in ((begun.alix, begun.alix_sheet), (begun.bea, begun.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    return begun.interview.sheets.get(assignment=None)


def now_is(obj):
    return type(obj).objects.get(pk=obj.pk)


def touch(sheet, level=1):
    return operation("score", criterion=first_criterion(sheet), level=level)


def first_criterion(sheet):
    return sheet.scores.order_by("pk").first().criterion_id


# --- The start


def test_two_evaluators_who_start_at_once_start_it_once(coming):
    first, second = while_uncommitted(
        lambda: does(coming.alix, coming.alix_sheet, act("start", ago=3)),
        lambda: does(coming.bea, coming.bea_sheet, act("start")),
    )
    assert first == second == ["applied"]
    stream = coming.row.enrolment.stream
    assert JournalEntry.objects.filter(stream__name=stream, verb="interview.start").count() == 1
    assert journal.broken(stream) == []
    assert coming.interview.sheets.count() == 2


def test_a_start_behind_the_sessions_step_back_is_refused(coming):
    session, answers = while_uncommitted(
        lambda: move_session(coming.session, "back_to_deposit", by=coming.admin, comment="Trop tôt."),
        lambda: does(coming.alix, coming.alix_sheet, act("start")),
    )
    assert session.state == "deposit"
    assert "n'en est pas aux entretiens" in answers[0]
    assert now_is(coming.interview).state == "planned"


def test_the_session_does_not_step_back_behind_a_start(coming):
    _, refused = while_uncommitted(
        lambda: does(coming.alix, coming.alix_sheet, act("start")),
        lambda: move_session(coming.session, "back_to_deposit", by=coming.admin, comment="Trop tôt."),
    )
    assert isinstance(refused, TransitionRefused)
    assert "en cours" in refused.missing[0].text
    assert now_is(coming.session).state == "interviews"


# --- One's own sheet on two devices


def test_a_signature_behind_the_score_of_another_device_is_refused(begun):
    score_all(begun.alix, begun.alix_sheet)
    shown = read(begun.alix_sheet)
    _, answers = while_uncommitted(
        lambda: does(begun.alix, begun.alix_sheet, touch(begun.alix_sheet)),
        lambda: does(begun.alix, begun.alix_sheet, operation("sign", digest=shown)),
    )
    assert "relisez-la" in answers[0]
    assert now_is(begun.alix_sheet).state == "open"


def test_a_score_behind_the_signature_of_another_device_is_refused(begun):
    score_all(begun.alix, begun.alix_sheet)
    shown = read(begun.alix_sheet)
    _, answers = while_uncommitted(
        lambda: does(begun.alix, begun.alix_sheet, operation("sign", digest=shown)),
        lambda: does(begun.alix, begun.alix_sheet, touch(begun.alix_sheet)),
    )
    assert "signée" in answers[0]
    assert broken(now_is(begun.alix_sheet)) == []


def test_two_devices_that_score_at_once_are_both_in_the_chain(begun):
    sheet = begun.alix_sheet
    while_uncommitted(
        lambda: does(begun.alix, sheet, touch(sheet, 0)),
        lambda: does(begun.alix, sheet, touch(sheet, 2)),
    )
    assert now_is(sheet).seq == 3
    assert broken(now_is(sheet)) == []
    assert sheet.scores.get(criterion=first_criterion(sheet)).level.value == 2


# --- What was read while waiting is past


def test_a_score_behind_an_interruption_is_refused(begun):
    _, answers = while_uncommitted(
        lambda: does(begun.alix, begun.alix_sheet, act("interrupt", reason="Alerte.")),
        lambda: does(begun.alix, begun.alix_sheet, touch(begun.alix_sheet)),
    )
    assert "n'a pas lieu" in answers[0]
    assert now_is(begun.interview).state == Interview.State.INTERRUPTED


@pytest.mark.parametrize("late", [touch, lambda sheet: act("finish")], ids=["score", "end"])
def test_what_an_evaluator_does_behind_their_replacement_is_refused(begun, late):
    other = make.make_evaluator(begun.session)
    assignment = Assignment.objects.get(interview=begun.interview, appointment__user=begun.alix)
    _, answers = while_uncommitted(
        lambda: replace_evaluator(
            assignment=assignment, by=begun.admin, appointment=other, reason="Souffrante.", accept_warnings=True
        ),
        lambda: does(begun.alix, begun.alix_sheet, late(begun.alix_sheet)),
    )
    assert "n'êtes plus évaluateur" in answers[0]
    assert now_is(begun.interview).state == "running"


def test_a_score_that_waits_behind_a_divergence_settles_it(begun, joint):
    criterion = first_criterion(joint)
    while_uncommitted(
        lambda: does(begun.alix, joint, operation("diverge", criterion=criterion, level=0, reason="Rien.")),
        lambda: does(begun.bea, joint, touch(joint)),
    )
    assert not joint.divergences.exists()
    assert joint.scores.get(criterion=criterion).level.value == 1
    assert broken(now_is(joint)) == []


# --- The publication


@pytest.fixture
def decided(referentiel):
    scene = all_decided(sitting(make_scene(referentiel)))
    issue_minutes(scene.session, scene.admin)
    return scene


def its_joint_sheet(scene) -> ScoringSheet:
    return joint_sheet(Interview.objects.get(enrolment_bloc__enrolment=scene.enrolments[0]))


def test_nothing_is_reopened_behind_the_publication(decided):
    joint = its_joint_sheet(decided)
    _, refused = while_uncommitted(
        lambda: publish(decided.session, by=decided.admin),
        lambda: reopen_sheet(joint, by=decided.admin, reason="Erreur."),
    )
    assert isinstance(refused, TransitionRefused)
    assert now_is(decided.session).state == Session.State.DECIDED
    assert now_is(joint).state == "signed"


def test_nothing_is_published_behind_a_reopening(decided):
    joint = its_joint_sheet(decided)
    _, refused = while_uncommitted(
        lambda: reopen_sheet(joint, by=decided.admin, reason="Erreur."),
        lambda: publish(decided.session, by=decided.admin),
    )
    assert isinstance(refused, TransitionRefused)
    assert "n'est pas signée" in refused.missing[0].text
    assert now_is(decided.session).state == Session.State.JURY
