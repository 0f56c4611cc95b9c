"""The states of a session and of an interview: every state × every transition."""

import pytest
from django.core.exceptions import ValidationError

from candidates.enrolments.services import update_enrolment
from candidates.interviews.workflow import INTERVIEW
from candidates.models import Interview, Session
from candidates.sessions.workflow import SESSION
from cqp.models import JournalEntry
from cqp.workflow import TransitionRefused, perform
from tests.candidates.sessions.scene import planned, ready, texts
from tests.factories import make_admin, make_appointment, make_branch, make_enrolment, make_evaluator, make_session

# The guards of the upper apps have their own tests.
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("nothing_from_above")]


SESSION_TARGETS = {
    ("preparation", "open_deposit"): "deposit",
    ("deposit", "start_interviews"): "interviews",
    ("deposit", "back_to_preparation"): "preparation",
    ("interviews", "open_jury"): "jury",
    ("interviews", "back_to_deposit"): "deposit",
    ("jury", "publish"): "decided",
    ("jury", "back_to_interviews"): "interviews",
}
INTERVIEW_TARGETS = {
    ("planned", "start"): "running",
    ("running", "finish"): "finished",
    ("running", "interrupt"): "interrupted",
    ("planned", "mark_absent"): "absent",
    ("planned", "cancel"): "cancelled",
}


@pytest.mark.parametrize("name", [t.name for t in SESSION.transitions])
@pytest.mark.parametrize("state", Session.State.values)
def test_session_every_state_and_transition(referentiel, admin, state, name):
    session = ready(referentiel, state)
    target = SESSION_TARGETS.get((state, name))
    if target is None:
        with pytest.raises(TransitionRefused, match="n'est plus possible"):
            perform(session, name, by=admin, comment="Parce que.")
        session.refresh_from_db()
        assert session.state == state
        return
    perform(session, name, by=admin, comment="Parce que.")
    assert session.state == target
    assert (session.published_at is not None) == (target == "decided")
    entry = JournalEntry.objects.get(stream__name=f"session:{session.pk}")
    assert (entry.verb, entry.payload["comment"]) == (f"session.{name}", "Parce que.")


@pytest.mark.parametrize("name", [t.name for t in SESSION.transitions])
def test_only_the_branch_moves_its_session(referentiel, name):
    session = ready(referentiel, next(state for state, one in SESSION_TARGETS if one == name))
    for user in (make_admin(make_branch()), make_evaluator(session).user):
        with pytest.raises(TransitionRefused, match="pas le droit"):
            perform(session, name, by=user, comment="Parce que.")


@pytest.mark.parametrize(("state", "name"), [key for key in SESSION_TARGETS if key[1].startswith("back_")])
def test_going_back_needs_a_reason(referentiel, admin, state, name):
    with pytest.raises(TransitionRefused, match="demande un motif"):
        perform(ready(referentiel, state), name, by=admin, comment="  ")


@pytest.mark.parametrize("name", [t.name for t in INTERVIEW.transitions])
@pytest.mark.parametrize("state", Interview.State.values)
def test_interview_every_state_and_transition(referentiel, admin, state, name):
    interview = planned(referentiel, "interviews", state)
    evaluator = interview.assignments.first().appointment.user
    by = admin if name == "cancel" else evaluator
    target = INTERVIEW_TARGETS.get((state, name))
    if target is None:
        with pytest.raises(TransitionRefused, match="n'est plus possible"):
            perform(interview, name, by=by, comment="Parce que.")
        return
    perform(interview, name, by=by, comment="Parce que.")
    assert interview.state == target
    assert (interview.started_at is not None) == (target in ("running", "finished", "interrupted"))
    assert (interview.finished_at is not None) == (target in ("finished", "interrupted"))
    stream = interview.enrolment_bloc.enrolment.stream
    assert JournalEntry.objects.get(stream__name=stream).verb == f"interview.{name}"


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("evaluator", {"start", "finish", "interrupt", "mark_absent"}),
        ("without undertaking", set()),
        ("replaced", set()),
        ("other evaluator", set()),
        ("administrator", {"mark_absent", "cancel"}),
        ("other administrator", set()),
    ],
)
def test_who_may_do_what_with_an_interview(referentiel, person, allowed):
    interview = planned(referentiel, "interviews")
    session, assignment = interview.enrolment_bloc.enrolment.session, interview.assignments.first()
    user = assignment.appointment.user
    if person == "without undertaking":
        type(assignment.appointment).objects.update(undertaking_signed_at=None)
    elif person == "replaced":
        interview.assignments.filter(pk=assignment.pk).update(state="replaced")
    elif person == "other evaluator":
        user = make_evaluator(session).user
    elif person == "administrator":
        user = make_admin(session.branch)
    elif person == "other administrator":
        user = make_admin(make_branch())
    assert {t.name for t in INTERVIEW.transitions if t.allowed(user, interview)} == allowed


@pytest.mark.parametrize("name", ["mark_absent", "cancel"])
def test_an_absence_and_a_cancellation_need_a_reason(referentiel, admin, name):
    with pytest.raises(TransitionRefused, match="demande un motif"):
        perform(planned(referentiel, "interviews"), name, by=admin)


def test_an_interruption_needs_a_reason(referentiel):
    interview = planned(referentiel, "interviews", "running")
    with pytest.raises(TransitionRefused, match="demande un motif"):
        perform(interview, "interrupt", by=interview.assignments.first().appointment.user)


@pytest.mark.parametrize("state", ["preparation", "deposit", "jury", "decided"])
def test_an_interview_starts_only_while_the_session_is_at_its_interviews(referentiel, state):
    interview = planned(referentiel, state)
    with pytest.raises(TransitionRefused) as refused:
        perform(interview, "start", by=interview.assignments.first().appointment.user)
    assert "n'en est pas aux entretiens" in texts(refused)[0]


def test_an_observer_is_not_an_evaluator(referentiel):
    interview = planned(referentiel, "interviews")
    observer = make_appointment(interview.enrolment_bloc.enrolment.session, "observer")
    with pytest.raises(TransitionRefused, match="pas le droit"):
        perform(interview, "start", by=observer.user)


def test_a_decided_session_takes_no_correction(referentiel, admin):
    session = make_session(referentiel, state="decided")
    with pytest.raises(ValidationError, match="Les inscriptions sont closes"):
        update_enrolment(enrolment=make_enrolment(session), by=admin, birth_place="Bouaké")
