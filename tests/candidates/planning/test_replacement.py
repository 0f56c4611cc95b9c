"""An evaluator's place given to another: before the interview, on the spot, after it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from candidates.appointments.services import declare_conflict
from candidates.models import Affiliation, Organisation, Session
from candidates.planning.checks import PlanWarned
from candidates.planning.replacement import give_place
from candidates.planning.services import replan_interview
from cqp.models import JournalEntry, Mail
from tests.factories import (
    make_admin,
    make_appointment,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel, state="interviews")


@pytest.fixture
def people(session):
    """Alix and Béa, then Chloé."""
    return [make_evaluator(session, last_name=name) for name in ("Alix", "Béa", "Chloé")]


@pytest.fixture
def interview(session, people):
    return make_interview(make_enrolment(session, blocs=[1]).enrolment_blocs.get(), people[:2], state="running")


def place_of(interview, appointment):
    return interview.assignments.get(appointment=appointment)


def give(interview, leaving, newcomer, by, reason="Malade.", **more):
    place = place_of(interview, leaving)
    return give_place(assignment=place, by=by, appointment=newcomer, reason=reason, **more)


def states(interview) -> dict[int, str]:
    return dict(interview.assignments.values_list("appointment", "state"))


@pytest.mark.parametrize("state", ["planned", "running", "finished"])
def test_the_place_is_given_and_both_are_told_but_not_the_candidate(session, people, admin, state):
    alix, bea, chloe = people
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, [alix, bea], state=state)
    give(interview, bea, chloe, admin)
    assert states(interview) == {alix.pk: "active", bea.pk: "replaced", chloe.pk: "active"}
    gone, come = Mail.objects.get(to=bea.user.email), Mail.objects.get(to=chloe.user.email)
    assert gone.subject.startswith("Un entretien ne vous est plus confié")
    assert come.subject.startswith("Un entretien vous est confié")
    assert "Malade" not in gone.body + come.body
    assert Mail.objects.count() == 2
    entry = JournalEntry.objects.get(verb="interview.evaluator_replaced")
    assert entry.payload == {
        "interview": interview.pk,
        "from": str(bea.user),
        "to": str(chloe.user),
        "state": state,
        "reason": "Malade.",
        "accepted": [],
    }


@pytest.mark.parametrize("state", ["absent", "interrupted", "cancelled"])
def test_there_is_no_place_to_give_in_an_interview_that_was_not_held(session, people, admin, state):
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, people[:2], state=state)
    with pytest.raises(ValidationError, match="n'est plus à donner"):
        give(interview, people[1], people[2], admin)


def test_a_place_is_given_once(interview, people, admin):
    give(interview, people[1], people[2], admin)
    with pytest.raises(ValidationError, match="n'est plus à donner"):
        give(interview, people[1], make_evaluator(interview.enrolment_bloc.enrolment.session), admin)


def test_who_declined_is_replaced_and_stays_declined(interview, people, admin):
    interview.assignments.filter(appointment=people[1]).update(state="declined")
    give(interview, people[1], people[2], admin)
    assert states(interview) == {people[0].pk: "active", people[1].pk: "declined", people[2].pk: "active"}
    assert [mail.to for mail in Mail.objects.all()] == [people[2].user.email]


def test_who_declined_and_was_replaced_leaves_no_place(interview, people, admin, session):
    interview.assignments.filter(appointment=people[1]).update(state="declined")
    give(interview, people[1], people[2], admin)
    with pytest.raises(ValidationError, match="n'est plus à donner"):
        give(interview, people[1], make_evaluator(session), admin)


def test_a_replaced_evaluator_may_come_back(interview, people, admin):
    give(interview, people[1], people[2], admin)
    give(interview, people[2], people[1], admin)
    assert states(interview) == {people[0].pk: "active", people[1].pk: "active", people[2].pk: "replaced"}


@pytest.mark.parametrize("reason", ["", "  ", "\x00"])
def test_a_reason_is_needed(interview, people, admin, reason):
    with pytest.raises(ValidationError, match="motif"):
        give(interview, people[1], people[2], admin, reason)
    assert not Mail.objects.exists()


def test_a_blocking_incompatibility_forbids_it(interview, people, admin):
    candidate = interview.enrolment_bloc.enrolment.candidate
    declare_conflict(appointment=people[2], candidate=candidate, by=admin)
    with pytest.raises(ValidationError, match="un lien avec"):
        give(interview, people[1], people[2], admin, accept_warnings=True)
    assert states(interview)[people[1].pk] == "active"


def test_a_warning_is_accepted_and_kept(interview, people, admin, branch):
    centre = Organisation.objects.create(branch=branch, kind="training_centre", name="CFA de Lyon")
    Affiliation.objects.create(user=people[2].user, organisation=centre)
    enrolment = interview.enrolment_bloc.enrolment
    enrolment.training_centre = centre
    enrolment.save()
    with pytest.raises(PlanWarned) as warned:
        give(interview, people[1], people[2], admin)
    give(interview, people[1], people[2], admin, accept_warnings=True)
    entry = JournalEntry.objects.get(verb="interview.evaluator_replaced")
    assert (
        entry.payload["accepted"]
        == warned.value.warnings
        == [f"{people[2].user} est du même organisme de formation : CFA de Lyon."]
    )


def busy(session, appointment):
    """An interview of theirs at the same time."""
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    return make_interview(row, [appointment, make_evaluator(session)], room="Salle 9")


def test_before_the_interview_nobody_is_in_two_places(session, people, admin):
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, people[:2])
    busy(session, people[2])
    with pytest.raises(ValidationError, match="est déjà en entretien"):
        give(interview, people[1], people[2], admin, accept_warnings=True)


def test_on_the_spot_another_interview_at_the_same_time_is_a_warning(session, interview, people, admin):
    busy(session, people[2])
    with pytest.raises(PlanWarned, match="est déjà en entretien"):
        give(interview, people[1], people[2], admin)
    give(interview, people[1], people[2], admin, accept_warnings=True)
    assert states(interview)[people[2].pk] == "active"


def test_after_the_interview_the_time_does_not_matter(session, people, admin):
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, people[:2], state="finished")
    busy(session, people[2])
    give(interview, people[1], people[2], admin)
    assert states(interview)[people[2].pk] == "active"


@pytest.mark.parametrize("role", ["juror", "observer"])
def test_only_an_evaluator_of_the_session_takes_the_place(interview, people, admin, session, role):
    for newcomer in (make_appointment(session, role), make_evaluator(make_session(session.referentiel))):
        with pytest.raises(ValidationError, match="n'est pas évaluateur de cette session"):
            give(interview, people[1], newcomer, admin)


def test_the_colleague_does_not_take_a_second_place(interview, people, admin):
    with pytest.raises(ValidationError, match="évalue déjà cet entretien"):
        give(interview, people[1], people[0], admin)


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_nobody_is_replaced_once_the_jury_sits(interview, people, admin, state):
    published = {"published_at": dt.datetime.now(dt.UTC)} if state == "decided" else {}
    Session.objects.update(state=state, **published)
    with pytest.raises(ValidationError, match="Les entretiens sont clos"):
        give(interview, people[1], people[2], admin)


def test_only_the_branch_replaces(interview, people):
    for somebody in (people[0].user, make_admin(make_branch())):
        with pytest.raises(PermissionError):
            give(interview, people[1], people[2], somebody)


def test_planning_again_tells_who_leaves_and_who_comes(session, people, admin):
    alix, bea, chloe = people
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, [alix, bea])
    replan_interview(interview=interview, by=admin, start=interview.start, room="Salle 1", appointments=[alix, chloe])
    told = {mail.to: mail.subject.partition(" :")[0] for mail in Mail.objects.all()}
    assert told == {
        bea.user.email: "Un entretien ne vous est plus confié",
        chloe.user.email: "Un entretien vous est confié",
    }


def test_planning_at_another_time_tells_the_candidate_too(session, people, admin):
    alix, bea, chloe = people
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    interview = make_interview(row, [alix, bea])
    later = interview.start + dt.timedelta(hours=1)
    replan_interview(interview=interview, by=admin, start=later, room="Salle 1", appointments=[alix, chloe])
    assert row.enrolment.candidate.user.email in {mail.to for mail in Mail.objects.all()}
    come = Mail.objects.get(to=chloe.user.email)
    assert "à 1" in come.body  # The new hour: 11 h or 12 h in Paris.
