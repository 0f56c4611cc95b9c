"""The states of a session and of an interview: every state × every transition."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from candidates import workflow
from candidates.models import Dossier, DossierFile, Interview, Session
from candidates.services.appointments import declare_conflict
from candidates.services.enrolments import update_enrolment
from candidates.services.sessions import MOVERS, move_session
from candidates.workflow import INTERVIEW, SESSION, add_guard
from cqp.models import JournalEntry, StoredFile
from cqp.workflow import Missing, TransitionRefused, perform
from tests.factories import (
    make_admin,
    make_appointment,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
    submit,
)

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


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture(autouse=True)
def no_guard_from_above(monkeypatch):
    """The guards of the upper apps have their own tests."""
    monkeypatch.setattr(workflow, "extra_guards", workflow.defaultdict(list))


def planned(referentiel, state="deposit", interview_state="planned", **fields):
    """A session with one candidate on one bloc, handed in, with an interview by two evaluators. Return that."""
    session = make_session(referentiel, state=state, **fields)
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    return make_interview(row, [make_evaluator(session), make_evaluator(session)], state=interview_state)


def ready(referentiel, state):
    """A session in `state` whose forward guard finds nothing."""
    if state in ("interviews", "jury"):
        return planned(referentiel, state, "finished").enrolment_bloc.enrolment.session
    if state == "deposit":
        return planned(referentiel).enrolment_bloc.enrolment.session
    session = make_session(referentiel, state=state)
    make_enrolment(session)
    return session


def texts(refused) -> list[str]:
    return [missing.text for missing in refused.value.missing]


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


def test_the_deposit_does_not_open_without_candidates(referentiel, admin):
    session = make_session(referentiel, state="preparation")
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "open_deposit", by=admin)
    assert refused.value.missing == [
        Missing("Aucun candidat n'est inscrit.", reverse("branch:enrol", args=[session.pk]))
    ]


def test_the_deposit_does_not_open_on_past_dates_nor_for_a_candidate_without_bloc(referentiel, admin):
    now, today = timezone.now(), timezone.localdate()
    session = make_session(
        referentiel,
        state="preparation",
        deposit_opens_at=now - dt.timedelta(days=20),
        deposit_closes_at=now - dt.timedelta(days=10),
        interviews_from=today - dt.timedelta(days=5),
        interviews_to=today - dt.timedelta(days=4),
    )
    enrolment = make_enrolment(session, blocs=[])
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "open_deposit", by=admin)
    edit = reverse("branch:session_edit", args=[session.pk])
    page = reverse("branch:enrolment", args=[enrolment.pk])
    assert [missing.url for missing in refused.value.missing] == [edit, edit, page]


def test_interviews_wait_for_every_dossier_until_the_deadline(referentiel, admin):
    session = planned(referentiel).enrolment_bloc.enrolment.session
    late = make_enrolment(session, blocs=[1, 2])
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "start_interviews", by=admin)
    assert len(texts(refused)) == 2
    assert {missing.url for missing in refused.value.missing} == {reverse("branch:enrolment", args=[late.pk])}


def test_past_the_deadline_a_dossier_that_was_not_handed_in_stops_nobody(referentiel, admin):
    closed = timezone.now() - dt.timedelta(minutes=1)
    session = planned(referentiel, deposit_closes_at=closed).enrolment_bloc.enrolment.session
    make_enrolment(session, blocs=[1, 2])
    assert perform(session, "start_interviews", by=admin).state == "interviews"


def test_interviews_do_not_start_when_nobody_handed_anything_in(referentiel, admin):
    session = make_session(referentiel, deposit_closes_at=timezone.now() - dt.timedelta(minutes=1))
    make_enrolment(session)
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "start_interviews", by=admin)
    assert texts(refused) == ["Aucun dossier n'est déposé."]


def test_a_dossier_handed_in_needs_a_planned_interview(referentiel, admin):
    interview = planned(referentiel)
    row = make_enrolment(interview.enrolment_bloc.enrolment.session, blocs=[2]).enrolment_blocs.get()
    submit(row.dossiers.get())
    with pytest.raises(TransitionRefused) as refused:
        perform(interview.enrolment_bloc.enrolment.session, "start_interviews", by=admin)
    (missing,) = refused.value.missing
    assert "l'entretien n'est pas planifié" in missing.text
    assert missing.url == reverse("branch:plan", args=[row.pk])


def test_a_cancelled_interview_is_planned_again_first(referentiel, admin):
    interview = planned(referentiel, interview_state="cancelled")
    with pytest.raises(TransitionRefused, match="pas encore possible"):
        perform(interview.enrolment_bloc.enrolment.session, "start_interviews", by=admin)


def test_an_interview_short_of_an_evaluator_or_of_minutes_is_named(referentiel, admin):
    interview = planned(referentiel)
    enrolment = interview.enrolment_bloc.enrolment
    interview.assignments.filter(pk=interview.assignments.first().pk).update(state="declined")
    update_enrolment(enrolment=enrolment, by=admin, extra_minutes=10)
    with pytest.raises(TransitionRefused) as refused:
        perform(enrolment.session, "start_interviews", by=admin)
    assert [text.partition(" : ")[2] for text in texts(refused)] == [
        "1 évaluateur sur 2.",
        "l'entretien dure 30 minutes au lieu de 40.",
    ]


def test_a_link_declared_after_planning_stops_the_interviews(referentiel, admin):
    interview = planned(referentiel)
    enrolment = interview.enrolment_bloc.enrolment
    appointment = interview.assignments.first().appointment
    declare_conflict(appointment=appointment, candidate=enrolment.candidate, by=admin)
    with pytest.raises(TransitionRefused) as refused:
        perform(enrolment.session, "start_interviews", by=admin)
    assert "un lien avec" in texts(refused)[0]


@pytest.mark.parametrize("state", ["planned", "running"])
def test_the_jury_waits_for_the_end_of_the_interviews(referentiel, admin, state):
    interview = planned(referentiel, "interviews", state)
    with pytest.raises(TransitionRefused) as refused:
        perform(interview.enrolment_bloc.enrolment.session, "open_jury", by=admin)
    assert [missing.url for missing in refused.value.missing] == [reverse("branch:interview", args=[interview.pk])]


@pytest.mark.parametrize("state", ["finished", "absent", "cancelled"])
def test_an_interview_that_is_over_does_not_hold_the_jury(referentiel, admin, state):
    session = planned(referentiel, "interviews", state).enrolment_bloc.enrolment.session
    assert perform(session, "open_jury", by=admin).state == "jury"


def test_the_deposit_does_not_open_again_during_an_interview(referentiel, admin):
    session = planned(referentiel, "interviews", "running").enrolment_bloc.enrolment.session
    with pytest.raises(TransitionRefused, match="pas encore possible"):
        perform(session, "back_to_deposit", by=admin, comment="Parce que.")


def test_preparation_does_not_come_back_once_a_file_is_there(referentiel, admin):
    session = make_session(referentiel)
    enrolment = make_enrolment(session, blocs=[1])
    stored = StoredFile.objects.create(
        name="a.pdf", type="application/pdf", size=3, sha256="0" * 64, uploaded_by=enrolment.candidate.user
    )
    DossierFile.objects.create(dossier=Dossier.objects.get(), stored_file=stored, position=1)
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "back_to_preparation", by=admin, comment="Erreur.")
    assert "a déjà envoyé un fichier" in texts(refused)[0]


def test_an_upper_app_adds_its_guard(referentiel, admin):
    add_guard("publish", lambda session: [Missing("Le jury n'a pas décidé.")])
    session = ready(referentiel, "jury")
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "publish", by=admin)
    assert texts(refused) == ["Le jury n'a pas décidé."]


def test_an_upper_app_makes_its_own_transition(referentiel, admin, monkeypatch):
    calls = []

    def publish(session, by, comment):
        calls.append((by, comment))
        return session

    monkeypatch.setitem(MOVERS, "publish", publish)
    move_session(ready(referentiel, "jury"), "publish", by=admin, comment="Oui.")
    assert calls == [(admin, "Oui.")]


@pytest.mark.parametrize("people", [1, 3])
def test_the_guard_of_the_interviews_reads_a_fixed_number_of_times(referentiel, django_assert_num_queries, people):
    session = make_session(referentiel)
    for hour in range(people):
        row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(row, [make_evaluator(session), make_evaluator(session)], start=start)
    with django_assert_num_queries(5):
        assert workflow.before_interviews(session) == []


def test_an_observer_is_not_an_evaluator(referentiel):
    interview = planned(referentiel, "interviews")
    observer = make_appointment(interview.enrolment_bloc.enrolment.session, "observer")
    with pytest.raises(TransitionRefused, match="pas le droit"):
        perform(interview, "start", by=observer.user)


def test_a_decided_session_takes_no_correction(referentiel, admin):
    session = make_session(referentiel, state="decided")
    with pytest.raises(ValidationError, match="Les inscriptions sont closes"):
        update_enrolment(enrolment=make_enrolment(session), by=admin, birth_place="Bouaké")
