"""Before the interview: notes by criterion, the dossier's pages, the questions that apply."""

import json
import re
import uuid
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from candidates.guide import guide_snapshot
from candidates.models import Assignment
from cqp.models import Operation
from evaluations.models import CriterionNote, PersonalQuestion, PreparationNote
from evaluations.preparation import load_preparation
from evaluations.views.evaluator.rows import ActivityRow
from referentiel.models import Competence
from tests import factories as make
from tests.evaluations.screen import add_dossier, criteria, fields, url
from tests.evaluations.scribe import operation, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


@pytest.fixture
def mine(running):
    """Alix's assignment."""
    return running.alix_sheet.assignment


def texts(assignment):
    return dict(CriterionNote.objects.filter(assignment=assignment).values_list("criterion", "text"))


def send(client, assignment, *batch):
    return post(client, assignment, *batch, stream="preparation")


# --- Notes by criterion


def test_a_note_on_a_criterion_is_saved_by_the_screen(running, as_alix, mine):
    first, second, *_ = criteria(running.alix_sheet)
    activity = running.interview.enrolment_bloc.bloc.activities.first()
    answer = send(
        as_alix,
        mine,
        operation("note", criterion=first, text="p. 3 : la marge"),
        operation("note", activity=activity.pk, text="Commencer par le marché"),
        operation("note", criterion=second, text="Un doute"),
        operation("note", criterion=first, text="p. 4 : la marge"),
    )
    assert answer.status_code == 200
    assert answer.json()["seq"] == 4
    assert texts(mine) == {first: "p. 4 : la marge", second: "Un doute"}
    assert PreparationNote.objects.get().text == "Commencer par le marché"


def test_the_ranks_of_both_kinds_of_notes_follow_each_other(running, as_alix, mine):
    (first, *_), activity = criteria(running.alix_sheet), running.interview.enrolment_bloc.bloc.activities.first()
    send(as_alix, mine, operation("note", criterion=first, text="Un"))
    assert send(as_alix, mine, operation("note", activity=activity.pk, text="Deux")).json()["seq"] == 2
    assert send(as_alix, mine, operation("note", criterion=first, text="Trois")).json()["seq"] == 3
    assert fields(as_alix.get(url("prepare", running.interview.pk)))["base_seq"] == "3"


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "Sur rien"},
        {"criterion": "1", "text": "x"},
        {"criterion": True, "text": "x"},
        {"criterion": -1, "text": "x"},
        {"criterion": None, "text": "x"},
        {"criterion": 1, "activity": 1, "text": "x"},
        {"criterion": 1},
        {"criterion": 1, "text": None},
        {"criterion": 1, "text": "x" * 4001},
        {"criterion": 1, "text": "nul \x00"},
        {"criterion": 2**40, "text": "x"},
    ],
)
def test_a_note_that_makes_no_sense_is_refused_and_nothing_is_stored(running, as_alix, mine, payload):
    good = operation("note", criterion=criteria(running.alix_sheet)[0], text="Bonne")
    assert send(as_alix, mine, good, operation("note", **payload)).status_code == 422
    assert not CriterionNote.objects.exists()
    assert not Operation.objects.exists()


def test_a_note_on_a_criterion_of_another_bloc_is_refused(running, as_alix, mine, referentiel):
    other = make.bloc(referentiel, 2).activities.first().competences.first().criteria.first()
    assert send(as_alix, mine, operation("note", criterion=other.pk, text="x")).status_code == 422
    assert not CriterionNote.objects.exists()


def test_nobody_else_writes_or_reads_my_notes(running, as_alix, client, mine):
    first, *_ = criteria(running.alix_sheet)
    send(as_alix, mine, operation("note", criterion=first, text="Demander le budget"))
    assert "Demander le budget" in as_alix.get(url("prepare", running.interview.pk)).text
    client.force_login(running.bea)
    assert send(client, mine, operation("note", criterion=first, text="x")).status_code == 404
    assert "Demander le budget" not in client.get(url("prepare", running.interview.pk)).text
    assert texts(mine) == {first: "Demander le budget"}


def test_a_note_that_comes_after_one_was_replaced_is_kept_aside(running, as_alix, mine):
    mine.state = "replaced"
    mine.save()
    first, *_ = criteria(running.alix_sheet)
    answer = send(as_alix, mine, operation("note", criterion=first, text="Trop tard")).json()
    assert answer["answers"][0]["status"] == "refused"
    assert texts(mine) == {}
    assert Operation.objects.get().payload["text"] == "Trop tard"


def test_notes_on_criteria_are_saved_by_the_plain_form(running, as_alix, mine):
    address = url("prepare", running.interview.pk)
    data = fields(as_alix.get(address))
    names = [name for name in data if name.startswith("criterion-")]
    assert len(names) == 25
    CriterionNote.objects.create(
        assignment=mine, criterion_id=int(names[1].removeprefix("criterion-")), text="D'un autre onglet", seq=1
    )
    response = as_alix.post(address, data | {names[0]: "Page 2\r\nà citer"}, follow=True)
    assert "Vos notes sont enregistrées" in response.text
    assert sorted(texts(mine).values()) == ["D'un autre onglet", "Page 2\nà citer"]


# --- The dossier's pages


def test_pages_are_numbered_through_the_headings(running, as_alix):
    stored = add_dossier(running.interview, pages=6, rendered=5)
    first, second, *_ = running.interview.enrolment_bloc.bloc.trame_items.all()
    parts = [(first.pk, "Rubrique 1", 3, 2), (second.pk, "Rubrique 2", 5, 2)]
    running.interview.enrolment_bloc.dossiers.update(
        contents=[dict(zip(("heading", "title", "page", "pages"), part, strict=True)) for part in parts]
    )
    page = as_alix.get(url("prepare", running.interview.pk)).text
    assert re.findall(r'id="page-(\d+)"', page) == ["1", "2", "3", "4", "5"]
    assert re.findall(r'href="#page-(\d+)">([^<]*)</a>', page) == [
        ("1", "Couverture et sommaire, p. 1"),
        ("3", "Rubrique 1, p. 3"),
        ("5", "Rubrique 2, p. 5"),
    ]
    assert f'src="{reverse("files:page", args=[stored.key, 4])}"' in page.split('id="page-4"')[1].split("</figure>")[0]


def test_the_pages_that_a_note_cites_are_links_under_it(running, as_alix, mine):
    add_dossier(running.interview, pages=2)
    first, *_ = criteria(running.alix_sheet)
    CriterionNote.objects.create(assignment=mine, criterion_id=first, text="Voir p. 2 et p. 9", seq=1)
    page = as_alix.get(url("prepare", running.interview.pk)).text
    assert f'data-cited="criterion-{first}"><a href="#page-2">p. 2</a></p>' in page


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
    assert {one.condition for one in found.asked} <= {""}
    assert {one.condition for one in found.otherwise} == {"no_recruitment"}
    page = as_alix.get(url("prepare", recruiting.pk)).text
    assert "s'évalue avec ces questions" not in page
    assert "Questions si le candidat n'a contribué à aucun recrutement" in page


def test_where_no_recruitment_is_declared_the_questions_switch_and_the_page_says_so(recruiting, as_alix):
    declare(recruiting)
    found = questions(recruiting)
    assert found.switched
    assert {one.condition for one in found.asked} == {"no_recruitment"}
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
    before = [one.text for one in questions(recruiting).asked]
    competence = Competence.objects.get(activity__bloc=recruiting.enrolment_bloc.bloc, code="C2.1")
    competence.guide_questions.update(text="Une autre")
    assert [one.text for one in questions(recruiting).asked] == before
    assert "Une autre" not in before


@pytest.mark.parametrize("begun", [False, True])
def test_my_own_questions_follow_the_guides_and_nobody_elses(running, recruiting, begun):
    if begun:
        recruiting.guide = guide_snapshot(recruiting.enrolment_bloc)
        recruiting.save()
    competence = Competence.objects.get(activity__bloc=recruiting.enrolment_bloc.bloc, code="C2.1")
    for person, text in ((running.alix, "Deuxième ?"), (running.bea, "De Béa ?"), (running.alix, "Première ?")):
        PersonalQuestion.objects.create(user=person, competence=competence, text=text)
    asked = questions(recruiting).asked
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


def test_a_key_used_twice_counts_once(running, as_alix, mine):
    first, *_ = criteria(running.alix_sheet)
    same = operation("note", criterion=first, text="Une fois", key=str(uuid.uuid4()))
    answers = [json.loads(send(as_alix, mine, same).content) for _ in range(2)]
    assert answers[0]["answers"] == answers[1]["answers"]
    assert CriterionNote.objects.get().seq == 1


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
    asked = [one for activity in rows for _, questions in activity.questions for one in questions.asked]
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


def test_a_note_on_a_criterion_is_shown_with_its_pages_as_links(running):
    headings = [SimpleNamespace(numbers=[1])]
    row = SimpleNamespace(preparation="<i>p. 1</i>")
    html = render_to_string("evaluator/_criterion_preparation.html", {"row": row, "headings": headings})
    assert '&lt;i&gt;<a href="#page-1">p. 1</a>&lt;/i&gt;' in html
    assert "prepared" not in render_to_string(
        "evaluator/_criterion_preparation.html", {"row": SimpleNamespace(preparation=""), "headings": headings}
    )
