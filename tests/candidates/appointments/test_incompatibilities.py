"""Who may not judge whom."""

import pytest

from candidates.appointments.incompatibilities import AppointmentFacts, EnrolmentFacts, incompatibilities, load_facts
from candidates.appointments.services import declare_conflict
from candidates.models import Affiliation, Organisation
from cqp.core.text import normalise
from tests.factories import make_admin, make_candidate, make_enrolment, make_evaluator, make_session

POLICY = {
    "declared": "blocking",
    "same_employer": "blocking",
    "referent_trainer": "blocking",
    "same_training_centre": "warning",
}


def lea(**facts) -> EnrolmentFacts:
    return EnrolmentFacts(**{"candidate_id": 1, "name": "Léa N'Guessan", "user_id": 10, **facts})


def marc(**facts) -> AppointmentFacts:
    return AppointmentFacts(**{"user_id": 20, "name": "Marc Le Bœuf", "email": "marc@example.org", **facts})


def found(candidate, appointed, policy=POLICY) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in incompatibilities(candidate, appointed, policy)]


def test_strangers_are_compatible():
    assert found(lea(), marc()) == []


def test_the_same_employer_blocks_however_it_was_typed():
    assert found(lea(employers=frozenset({"Métro-Bron"})), marc(employers=frozenset({"METRO  Bron", "Ailleurs"}))) == [
        ("same_employer", "blocking")
    ]


def test_the_same_training_centre_is_a_warning_here():
    centre = frozenset({"CFA de Lyon"})
    assert found(lea(training_centres=centre), marc(training_centres=centre)) == [("same_training_centre", "warning")]


def test_an_employer_is_not_a_training_centre():
    name = frozenset({"Campus"})
    assert found(lea(employers=name), marc(training_centres=name)) == []


def test_the_referent_trainer_is_known_by_the_address():
    assert found(lea(trainer_email="Marc@Example.org", trainer_name="M. Boeuf"), marc()) == [
        ("referent_trainer", "blocking")
    ]


@pytest.mark.parametrize("name", ["Marc Le Boeuf", "LE BŒUF Marc", "marc le-bœuf"])
def test_a_trainer_of_the_same_name_is_a_warning_at_most(name):
    assert found(lea(trainer_name=name, trainer_email="autre@example.org"), marc()) == [("referent_trainer", "warning")]


def test_two_trainers_without_address_are_not_the_same_person():
    assert found(lea(trainer_email=""), marc(email="")) == []


def test_a_declared_link_blocks_and_comes_first():
    both = frozenset({"CFA de Lyon"})
    assert found(lea(training_centres=both), marc(training_centres=both, declared=frozenset({1}))) == [
        ("declared", "blocking"),
        ("same_training_centre", "warning"),
    ]


def test_the_branch_decides_what_each_kind_does():
    names = frozenset({"Metro"})
    policy = {**POLICY, "same_employer": "off", "declared": "warning"}
    assert found(lea(employers=names), marc(employers=names, declared=frozenset({1})), policy) == [
        ("declared", "warning")
    ]


def test_a_policy_that_says_nothing_keeps_the_default():
    names = frozenset({"Metro"})
    assert found(lea(employers=names), marc(employers=names), {}) == [("same_employer", "blocking")]


def test_nobody_judges_themselves_whatever_the_policy():
    assert found(lea(user_id=20), marc(), dict.fromkeys(POLICY, "off")) == [("same_person", "blocking")]


def test_a_reason_names_the_people_and_the_organisation():
    (one,) = incompatibilities(lea(employers=frozenset({"Metro"})), marc(employers=frozenset({"Metro"})), POLICY)
    assert one.reason == "Marc Le Bœuf travaille ou a travaillé dans la même entreprise : Metro."


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("d’Ornano-Le Bœuf", "d ornano le boeuf"),
        ("D'ORNANO LE BOEUF", "d ornano le boeuf"),
        ("N'Guessan", "n guessan"),
        ("Nguyễn", "nguyen"),
        ("Đặng", "dang"),
        ("  Zoé ", "zoe"),
        ("…", ""),
    ],
)
def test_names_are_compared_without_case_accents_or_punctuation(typed, folded):
    assert normalise(typed) == folded


def test_a_past_employer_of_either_counts(referentiel):
    old, new = make_session(referentiel), make_session(referentiel)
    metro = Organisation.objects.create(branch=referentiel.branch, kind="employer", name="Metro")
    lea = make_candidate(referentiel.branch)
    make_enrolment(old, candidate=lea, employer=metro)
    now = make_enrolment(new, candidate=lea)
    marc = make_evaluator(new)
    Affiliation.objects.create(user=marc.user, organisation=metro, until="2020-01-01")
    assert [one.kind for one in load_facts(new).between(now.pk, marc.pk)] == ["same_employer"]


def test_a_link_declared_in_an_earlier_session_still_holds(referentiel):
    old, new = make_session(referentiel), make_session(referentiel)
    lea = make_candidate(referentiel.branch)
    make_enrolment(old, candidate=lea)
    now = make_enrolment(new, candidate=lea)
    before = make_evaluator(old)
    marc = make_evaluator(new, user=before.user)
    declare_conflict(appointment=before, candidate=lea, by=make_admin(referentiel.branch))
    assert [one.kind for one in load_facts(new).between(now.pk, marc.pk)] == ["declared"]


@pytest.mark.parametrize("people", [1, 3])
def test_the_facts_of_a_session_take_as_many_queries(referentiel, django_assert_num_queries, people):
    session = make_session(referentiel)
    for _ in range(people):
        make_enrolment(session)
        make_evaluator(session)
    with django_assert_num_queries(4):
        facts = load_facts(session)
    assert (len(facts.enrolments), len(facts.appointments)) == (people, people)
