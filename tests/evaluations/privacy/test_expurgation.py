"""One person is erased: what names others too stays for them, without their line."""

import io

import pypdfium2
import pytest
from django.core.management import call_command
from django.utils import timezone

from candidates.privacy.erasure import erase_when_due
from cqp.models import Document, JournalEntry
from evaluations.models import SessionDocument
from evaluations.privacy.expurgation import read_expurgated
from evaluations.publication.issuing import current_document
from tests.evaluations.privacy.story import NAMES, age, make_story
from tests.replay import LASTING, replayed

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SOMEBODY = "[personne effacée]"


@replayed(fresh=LASTING)
def make_old_story(referentiel):
    story = make_story(referentiel)
    age(story)
    return story


@pytest.fixture
def story(referentiel):
    """Philomène, whose period is over, and Léa, who sits again: in one procès-verbal."""
    return make_old_story(referentiel)


def erase() -> None:
    call_command("erase", "--yes", verbosity=0)


def text_of(document: Document) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(document.bytes))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def test_the_proces_verbal_keeps_the_others_and_says_that_a_line_is_gone(story, run_tasks):
    old = Document.objects.get(kind="minutes")
    lea, said = story.other.candidate, {line["candidate"]: line for line in old.context["candidates"]}
    erase()
    run_tasks()
    old.refresh_from_db()
    assert (old.context, old.bytes, bool(old.erased_at)) == ({}, None, True)
    copy = current_document(story.session, "minutes").document
    assert copy.supersedes == old
    lines = {line["candidate"]: line for line in copy.context["candidates"]}
    assert lines[lea.pk] == said[lea.pk]
    gone = lines[story.candidate.pk]
    assert (gone["civil_name"], gone["birth"], gone["used_name"]) == (SOMEBODY, "", "")
    [bloc], [before] = gone["blocs"], said[story.candidate.pk]["blocs"]
    assert bloc["decision"] == {name: before["decision"][name] for name in ("outcome", "label", "departs", "on")}
    assert copy.context["totals"] == old.context.get("totals", copy.context["totals"])
    text = text_of(copy)
    assert f"reprend le {old.reference}" in text
    assert "sauf 1 personne" in text
    assert lea.birth_name in text
    assert not [name for name in NAMES if name in text]
    entry = JournalEntry.objects.filter(stream=story.session.stream).last()
    assert (entry.verb, entry.actor, entry.payload["expurgated"]) == ("document.issued", None, old.reference)


def test_when_nobody_else_is_left_no_copy_is_made(story):
    again = story.other.candidate.enrolments.exclude(session=story.session).get()
    type(story.session).objects.filter(pk=again.session_id).update(
        state="decided", published_at=story.session.published_at
    )
    assert erase_when_due(story.candidate, today=timezone.localdate())
    [minutes] = Document.objects.filter(kind="minutes")
    assert minutes.erased_at


def test_a_second_erasure_of_one_night_makes_no_second_copy(story, referentiel):
    erase()
    count = Document.objects.filter(kind="minutes").count()
    erase()
    assert Document.objects.filter(kind="minutes").count() == count == 2


def test_lines_without_their_person_are_known_by_name_and_birth(story):
    """As those of before December 2026 are."""

    class Work:
        candidate = story.candidate

    link = SessionDocument.objects.get(document__kind="minutes")
    for line in link.document.context["candidates"]:
        del line["candidate"]
    made = read_expurgated(Work, link.document)
    assert [line["civil_name"] == SOMEBODY for line in made.context["candidates"]].count(True) == 1
    link.document.context["candidates"][0]["civil_name"] = "Somebody Else"
    assert read_expurgated(Work, link.document) is None
