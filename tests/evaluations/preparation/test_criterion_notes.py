"""Before the interview: notes by criterion, and the dossier's pages that they cite."""

import json
import re
import uuid
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from cqp.models import Operation
from evaluations.models import CriterionNote, PreparationNote
from tests import factories as make
from tests.evaluations.preparation.scene import send, texts
from tests.evaluations.sheets.screen import add_dossier, criteria, fields, url
from tests.evaluations.sheets.scribe import operation

pytestmark = pytest.mark.django_db


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


def test_a_key_used_twice_counts_once(running, as_alix, mine):
    first, *_ = criteria(running.alix_sheet)
    same = operation("note", criterion=first, text="Une fois", key=str(uuid.uuid4()))
    answers = [json.loads(send(as_alix, mine, same).content) for _ in range(2)]
    assert answers[0]["answers"] == answers[1]["answers"]
    assert CriterionNote.objects.get().seq == 1


# --- On the scoring page


def test_a_note_on_a_criterion_is_shown_with_its_pages_as_links(running):
    headings = [SimpleNamespace(numbers=[1])]
    row = SimpleNamespace(preparation="<i>p. 1</i>")
    html = render_to_string("evaluator/_criterion_preparation.html", {"row": row, "headings": headings})
    assert '&lt;i&gt;<a href="#page-1">p. 1</a>&lt;/i&gt;' in html
    assert "prepared" not in render_to_string(
        "evaluator/_criterion_preparation.html", {"row": SimpleNamespace(preparation=""), "headings": headings}
    )
