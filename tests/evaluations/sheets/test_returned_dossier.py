"""A dossier that would go back to its candidate after evaluators have read it."""

import pytest
from django.urls import reverse

from evaluations.models import CriterionNote, PreparationNote
from tests import factories as make
from tests.candidates.branch_pages import text


@pytest.fixture
def interview(referentiel):
    session = make.make_session(referentiel)
    row = make.make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    people = [make.make_evaluator(session, first_name=name) for name in ("Alix", "Béa")]
    return make.make_interview(row, people)


@pytest.fixture
def dossier(interview):
    return interview.enrolment_bloc.dossiers.get()


@pytest.fixture
def page(client, dossier):
    """What the administrator reads on the dossier's page."""
    client.force_login(make.make_admin(dossier.enrolment_bloc.enrolment.session.branch))
    return lambda: text(client.get(reverse("branch:dossier", args=[dossier.pk])))


def test_an_administrator_is_told_who_has_already_prepared_the_interview(page, interview):
    alix, bea = interview.assignments.order_by("pk")
    activity = interview.enrolment_bloc.bloc.activities.first()
    PreparationNote.objects.create(assignment=alix, activity=activity, text="")
    assert "déjà préparé" not in page()
    criterion = activity.competences.first().criteria.first()
    CriterionNote.objects.create(assignment=alix, criterion=criterion, text="p. 3 : la marge")
    assert f"déjà préparé par : {alix.appointment.user}." in page()
    PreparationNote.objects.create(assignment=bea, activity=activity, text="Le marché")
    assert str(bea.appointment.user) in page()


def test_notes_of_an_evaluator_who_was_replaced_do_not_count(page, interview):
    alix = interview.assignments.order_by("pk").first()
    activity = interview.enrolment_bloc.bloc.activities.first()
    PreparationNote.objects.create(assignment=alix, activity=activity, text="Le marché")
    interview.assignments.filter(pk=alix.pk).update(state="replaced")
    assert "déjà préparé" not in page()
