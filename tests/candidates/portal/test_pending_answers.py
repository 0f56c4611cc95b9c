"""What the first page reminds a candidate of, besides their dossiers."""

import pytest
from django.urls import reverse

from candidates.models import AccommodationWish, Enrolment
from candidates.portal.pending_answers import pending_answers, with_pending_answers
from tests.factories import make_candidate, make_enrolment, make_evaluator, make_session

pytestmark = pytest.mark.django_db


def read(enrolment):
    rows = with_pending_answers(Enrolment.objects.filter(pk=enrolment.pk).select_related("session"))
    return [(one.label, one.state_text, one.urgent) for one in pending_answers(rows.get())]


def test_a_newcomer_has_a_civil_status_to_confirm(referentiel):
    enrolment = make_enrolment(make_session(referentiel))
    assert read(enrolment) == [
        ("Mon état civil", "À confirmer ou à corriger : une minute.", True),
        ("Aménagement des entretiens", "Temps, pause, aide : demandez une mesure si vous en avez besoin.", False),
    ]


def test_what_was_said_is_no_longer_urgent_and_its_answer_is_there(referentiel):
    session = make_session(referentiel)
    enrolment = make_enrolment(session, identity_confirmed_at=session.created_at)
    AccommodationWish.objects.create(enrolment=enrolment, measures=["break"], answer="granted")
    make_evaluator(session)
    assert read(enrolment) == [
        ("Mon état civil", "Confirmé.", False),
        ("Aménagement des entretiens", "Demande accordée.", False),
        ("Les évaluateurs", "1 nommé : dites si vous en connaissez.", False),
    ]


def test_measures_planned_without_a_wish_are_said(referentiel):
    enrolment = make_enrolment(make_session(referentiel), extra_minutes=10)
    assert read(enrolment)[1][1] == "Une mesure est prévue."


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_nothing_is_asked_once_the_jury_has_the_session(referentiel, state):
    assert read(make_enrolment(make_session(referentiel, state=state))) == []


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_two_queries_whatever_the_enrolments(referentiel, django_assert_num_queries, count):
    candidate = make_candidate(referentiel.branch)
    for _ in range(count):
        session = make_session(referentiel)
        make_enrolment(session, candidate=candidate)
        make_evaluator(session)
    with django_assert_num_queries(2):
        rows = with_pending_answers(Enrolment.objects.select_related("session"))
        found = [one.url for row in rows for one in pending_answers(row)]
    assert len(found) == 3 * count
    assert reverse("candidate:evaluators", args=[Enrolment.objects.first().pk]) in found
