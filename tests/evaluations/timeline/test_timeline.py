"""Who did what about a candidate, when, from which device: on the page, in the spreadsheet, and after an erasure."""

import io

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.interviews.workflow import INTERVIEW
from candidates.models import Enrolment
from candidates.privacy.erasure import erase_when_due
from cqp.models import JournalEntry
from evaluations.demo import story as demo
from evaluations.timeline.queries import LABELS, read_timeline
from tests.evaluations.jury.scene import decided, make_scene, sitting
from tests.evaluations.privacy.story import age, make_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(referentiel):
    return make_story(referentiel)


def test_a_candidate_is_told_from_the_enrolment_to_the_decision(story):
    told = [one.what for one in read_timeline(story.enrolment)]
    for what in (
        "Inscription",
        "Dossier déposé",
        "Aménagement accordé",
        "Notation, fiche conjointe",
        "Décision du jury",
    ):
        assert what in told, told
    assert told.index("Inscription") < told.index("Dossier déposé") < told.index("Décision du jury")
    scored = next(one for one in read_timeline(story.enrolment) if one.what == "Notation, fiche individuelle")
    assert (scored.device, scored.until >= scored.at) == ("tablette", True)
    assert "niveaux : " in scored.details


def test_every_verb_of_the_demonstration_and_of_the_story_has_its_words(story, referentiel):
    demo.build(referentiel)
    streams = [enrolment.stream for enrolment in Enrolment.objects.all()]
    verbs = set(JournalEntry.objects.filter(stream__in=streams).values_list("verb", flat=True))
    assert len(verbs) > 20
    assert verbs - LABELS.keys() == set()
    assert {f"interview.{one.name}" for one in INTERVIEW.transitions} <= LABELS.keys()


def test_the_page_and_the_spreadsheet_say_the_same(client, story):
    client.force_login(story.admin)
    url = f"/branche/inscriptions/{story.enrolment.pk}/"
    assert f'href="{url}journal/"' in client.get(url).content.decode()
    page = client.get(f"{url}journal/").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}journal.xlsx").content)).active
    rows = list(book.iter_rows(values_only=True))
    assert len(rows) == len(read_timeline(story.enrolment)) + 1
    assert rows[0] == ("Quand", "Jusqu'à", "Quoi", "Qui", "Précisions", "Appareil")
    for row in rows[1:20]:
        assert row[2].replace("'", "&#x27;") in page


def test_after_an_erasure_what_is_left_names_nobody(client, story):
    age(story)
    assert erase_when_due(story.candidate, today=story.session.jury_on)
    told = read_timeline(story.enrolment)
    assert told
    said = " ".join(f"{one.actor} {one.details}" for one in told)
    assert "Philomène" not in said
    assert "contenu effacé" in said


@pytest.mark.parametrize("decisions", [1, 3])
def test_it_costs_the_same_whatever_happened(referentiel, decisions):
    scene = sitting(make_scene(referentiel, blocs=[1, 2, 3]))
    for row in list(scene.enrolments[0].enrolment_blocs.all())[:decisions]:
        decided(scene, row)
    enrolment = Enrolment.objects.select_related("session").get(pk=scene.enrolments[0].pk)
    with CaptureQueriesContext(connection) as captured:
        read_timeline(enrolment)
    assert len(captured) == 4


def test_tick_notes_a_checkpoint(monkeypatch, tmp_path, story):
    from cqp.evidence import checkpoints
    from cqp.models import Checkpoint

    monkeypatch.setattr(checkpoints, "file_of_checkpoints", lambda: tmp_path / "x.jsonl")
    for _ in range(2):
        call_command("tick")
    assert Checkpoint.objects.count() == 1
    assert story.enrolment.stream in Checkpoint.objects.get().heads
