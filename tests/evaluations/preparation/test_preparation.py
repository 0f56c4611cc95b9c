"""Before the interview: the questions that apply, and what was prepared on the scoring page."""

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from candidates.enrolments.guide import guide_snapshot
from candidates.models import Assignment
from evaluations.models import CriterionNote, PersonalQuestion
from evaluations.preparation.queries import load_preparation
from evaluations.sheets.form_rows import ActivityRow
from referentiel.models import Competence
from tests import factories as make
from tests.evaluations.sheets.screen import criteria, url

pytestmark = pytest.mark.django_db


# --- The questions


@pytest.fixture
def recruiting(running):
    """An interview of Alix's on bloc 2, whose guide asks about recruitment."""
    enrolment = make.make_enrolment(running.session, blocs=[2])
    appointment = running.session.appointments.filter(user=running.alix)
    return make.make_interview(enrolment.enrolment_blocs.get(), list(appointment))


def declare(interview):
    interview.enrolment_bloc.declared = "no_recruitment"
    interview.enrolment_bloc.save()


INSTEAD = "Imaginez qu’un vendeur B to B quitte votre équipe"


def questions(interview, code="C2.1"):
    assignment = interview.assignments.select_related("interview__enrolment_bloc", "appointment").get()
    found = load_preparation(assignment, assignment.interview)
    return found.questions_on(Competence.objects.get(activity__bloc=interview.enrolment_bloc.bloc, code=code))


def test_the_fallback_questions_stay_folded_until_they_are_declared(recruiting, as_alix):
    found = questions(recruiting)
    assert not found.switched
    assert {one.condition for one in found.applicable} <= {""}
    assert {one.condition for one in found.otherwise} == {"no_recruitment"}
    page = as_alix.get(url("prepare", recruiting.pk)).text
    assert "s'évalue avec ces questions" not in page
    assert "Questions si le candidat n'a contribué à aucun recrutement" in page


def test_where_no_recruitment_is_declared_the_questions_switch_and_the_page_says_so(recruiting, as_alix):
    declare(recruiting)
    found = questions(recruiting)
    assert found.switched
    assert {one.condition for one in found.applicable} == {"no_recruitment"}
    page = as_alix.get(url("prepare", recruiting.pk)).text
    assert "Le candidat a déclaré n'avoir contribué à aucun recrutement : C2.1 s'évalue avec ces questions." in page
    assert INSTEAD in page
    assert "Questions si le candidat" not in page


def test_the_other_competences_keep_their_questions(recruiting):
    before = {code: questions(recruiting, code) for code in ("C2.2", "C2.3", "C2.4")}
    declare(recruiting)
    assert {code: questions(recruiting, code) for code in before} == before


def test_once_begun_the_interview_keeps_the_questions_that_it_began_with(recruiting):
    declare(recruiting)
    recruiting.guide, recruiting.started_at = guide_snapshot(recruiting.enrolment_bloc), timezone.now()
    recruiting.save()
    before = [one.text for one in questions(recruiting).applicable]
    competence = Competence.objects.get(activity__bloc=recruiting.enrolment_bloc.bloc, code="C2.1")
    competence.guide_questions.update(text="Une autre")
    assert [one.text for one in questions(recruiting).applicable] == before
    assert "Une autre" not in before


@pytest.mark.parametrize("begun", [False, True])
def test_my_own_questions_follow_the_guides_and_nobody_elses(running, recruiting, begun):
    if begun:
        recruiting.guide = guide_snapshot(recruiting.enrolment_bloc)
        recruiting.save()
    competence = Competence.objects.get(activity__bloc=recruiting.enrolment_bloc.bloc, code="C2.1")
    for person, text in ((running.alix, "Deuxième ?"), (running.bea, "De Béa ?"), (running.alix, "Première ?")):
        PersonalQuestion.objects.create(user=person, competence=competence, text=text)
    asked = questions(recruiting).applicable
    assert [one.text for one in asked if one.own] == ["Deuxième ?", "Première ?"]
    assert [one.own for one in asked] == sorted(one.own for one in asked)


@pytest.mark.parametrize("count", [1, 3])
def test_the_preparation_is_read_in_two_queries(running, mine, recruiting, django_assert_num_queries, count):
    for criterion in criteria(running.alix_sheet)[:count]:
        CriterionNote.objects.create(assignment=mine, criterion_id=criterion, text="Note", seq=1)
    competence = Competence.objects.filter(activity__bloc=running.interview.enrolment_bloc.bloc).first()
    for number in range(count):
        PersonalQuestion.objects.create(user=running.alix, competence=competence, text=f"Question {number}")
    assignment = Assignment.objects.select_related("appointment", "interview__enrolment_bloc").get(pk=mine.pk)
    with django_assert_num_queries(2):
        found = load_preparation(assignment, assignment.interview)
    assert len(found.criteria) == count


# --- On the scoring page


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_prepared_is_on_the_scoring_page_within_twelve_queries(
    running, as_alix, mine, django_assert_max_num_queries, count
):
    competence = Competence.objects.filter(activity__bloc=running.interview.enrolment_bloc.bloc).first()
    for number, criterion in enumerate(criteria(running.alix_sheet)[:count]):
        CriterionNote.objects.create(assignment=mine, criterion_id=criterion, text=f"Note {number}", seq=1)
        PersonalQuestion.objects.create(user=running.alix, competence=competence, text=f"Question {number} ?")
    as_alix.get(url("sheet", running.alix_sheet.pk))
    with django_assert_max_num_queries(12):
        rows = as_alix.get(url("sheet", running.alix_sheet.pk)).context["rows"]
    noted = [row.preparation for activity in rows for one in activity.competences for row in one.criteria]
    assert [note for note in noted if note] == [f"Note {number}" for number in range(count)]
    asked = [one for activity in rows for _, questions in activity.questions for one in questions.applicable]
    assert sum(one.own for one in asked) == count


def test_the_scoring_page_says_that_the_questions_switched(recruiting):
    declare(recruiting)
    assignment = recruiting.assignments.select_related("interview__enrolment_bloc", "appointment").get()
    found = load_preparation(assignment, assignment.interview)
    competence = Competence.objects.get(activity__bloc=recruiting.enrolment_bloc.bloc, code="C2.1")
    row = ActivityRow(competence.activity, 9, [], "", [(competence, found.questions_on(competence))])
    html = render_to_string("evaluator/_activity_questions.html", {"row": row})
    assert "Le candidat a déclaré n'avoir contribué à aucun recrutement : C2.1 s'évalue avec ces questions." in html
    assert INSTEAD in html
    assert '<details class="preparation" open>' in html
