"""What a session waits for before it moves on."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.appointments.services import declare_conflict
from candidates.enrolments.services import update_enrolment
from candidates.models import Dossier, DossierFile
from candidates.planning import guards
from candidates.sessions import hooks
from candidates.sessions.services import move_session
from cqp.models import StoredFile
from cqp.workflow import Missing, TransitionRefused, perform
from tests.candidates.sessions.scene import planned, ready, texts
from tests.factories import make_enrolment, make_evaluator, make_interview, make_session, submit

# The guards of the upper apps have their own tests.
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("nothing_from_above")]


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
    hooks.declare_guard("publish", lambda session: [Missing("Le jury n'a pas décidé.")])
    session = ready(referentiel, "jury")
    with pytest.raises(TransitionRefused) as refused:
        perform(session, "publish", by=admin)
    assert texts(refused) == ["Le jury n'a pas décidé."]


def test_an_upper_app_makes_its_own_transition(referentiel, admin, monkeypatch):
    calls = []

    def publish(session, by, comment):
        calls.append((by, comment))
        return session

    monkeypatch.setattr(hooks.movers, "entries", [])
    hooks.movers.register(publish, key="publish")
    move_session(ready(referentiel, "jury"), "publish", by=admin, comment="Oui.")
    assert calls == [(admin, "Oui.")]


@pytest.mark.parametrize("people", [1, 3])
def test_the_guard_of_the_interviews_reads_a_fixed_number_of_times(referentiel, django_assert_num_queries, people):
    session = make_session(referentiel)
    for hour in range(people):
        row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
        start = dt.datetime.combine(session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(row, [make_evaluator(session), make_evaluator(session)], start=start)
    with django_assert_num_queries(8):
        assert guards.missing_before_interviews(session) == []
