"""What is expected of a dossier: the certifier's words, the competences behind each heading, the interview."""

import html

import pytest
from django.urls import reverse

from candidates.models import Dossier
from referentiel.models import Criterion, HeadingCompetence
from tests.factories import make_enrolment, make_session


@pytest.fixture
def read(client, referentiel):
    def page(bloc: int, **measures) -> str:
        enrolment = make_enrolment(make_session(referentiel), blocs=[bloc], **measures)
        client.force_login(enrolment.candidate.user)
        dossier = Dossier.objects.get(enrolment_bloc__enrolment=enrolment)
        return html.unescape(client.get(reverse("candidate:expected", args=[dossier.pk])).content.decode())

    return page


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_heading_and_every_criterion_of_the_bloc_is_there_word_for_word(read, referentiel, number):
    page = read(number)
    bloc = referentiel.blocs.get(number=number)
    for item in bloc.trame_items.all():
        assert item.text[1:] in page
    for criterion in Criterion.objects.filter(competence__activity__bloc=bloc):
        assert criterion.text in page


def test_a_competence_that_no_heading_leads_to_is_shown_all_the_same(read):
    HeadingCompetence.objects.filter(competence__code="C2.4").delete()
    page = read(2)
    assert "Aussi évalué" in page
    assert "C2.4" in page[page.index("Aussi évalué") :]


def test_the_interview_is_as_long_as_the_candidate_s_measures_make_it(read):
    page = read(1, extra_minutes=10, break_minutes=5)
    assert "40 minutes" in page
    assert "temps supplémentaire compris" in page
    assert "une pause de 5 minutes" in page


def test_only_the_bloc_that_asks_about_a_recruitment_says_what_to_declare(read):
    assert "aucun recrutement, déclarez-le" in read(2)
    assert "aucun recrutement, déclarez-le" not in read(3)


@pytest.mark.parametrize("number", [1, 2])
def test_reading_costs_the_same_whatever_the_number_of_criteria(
    client, referentiel, number, django_assert_max_num_queries
):
    enrolment = make_enrolment(make_session(referentiel), blocs=[number])
    client.force_login(enrolment.candidate.user)
    dossier = Dossier.objects.get(enrolment_bloc__enrolment=enrolment)
    with django_assert_max_num_queries(16):
        client.get(reverse("candidate:expected", args=[dossier.pk]))
