"""What the worker does with a file that was received: scanned, taken or refused with what to do, drawn."""

import pytest
from PIL import Image

from cqp.files.page_drawing import MAX_WEIGHT, light_webp
from cqp.files.tasks import take_in
from cqp.models import StoredFile
from tests import clamav
from tests.cqp.files.uploads import (
    make_acting_pdf,
    make_docx,
    make_image,
    taken_in,
    with_entries,
)
from tests.factories import make_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scanner(tmp_path_factory):
    with clamav.running(tmp_path_factory.mktemp("clamav")) as address:
        yield address


def test_a_clean_file_is_scanned_and_says_by_what(scanner, settings):
    settings.CLAMD_SOCKET = scanner
    assert taken_in(make_pdf("Bonjour")).scan.startswith("ClamAV")


@pytest.mark.parametrize(
    "content",
    [
        make_acting_pdf(lambda pdf: pdf.Root.__setitem__("/Note", pdf.make_stream(clamav.EICAR))),
        with_entries(make_docx(), {"word/media/image.bin": clamav.EICAR}),
    ],
    ids=["pdf", "docx"],
)
def test_a_virus_is_refused_without_its_name_and_kept_for_the_administrator(scanner, settings, content):
    settings.CLAMD_SOCKET = scanner
    stored = taken_in(content)
    assert (stored.state, stored.quarantine) == ("refused", "virus : Eicar-Test.UNOFFICIAL")
    assert "dangereux" in stored.refusal
    assert "Eicar" not in stored.refusal
    assert stored.rendered_pages == 0
    assert stored.file.storage.exists(stored.file.name)


def test_where_the_scanner_is_required_a_file_waits_for_it(settings, scanner):
    settings.SCANNER_ABSENT, settings.CLAMD_SOCKET = "block", "/nowhere.sock"
    stored = taken_in(make_pdf("Bonjour"))
    assert (stored.state, stored.awaits_scanner) == ("checking", True)
    settings.CLAMD_SOCKET = scanner
    take_in.func(stored.pk)
    stored.refresh_from_db()
    assert (stored.state, bool(stored.scan)) == ("ready", True)


def test_where_it_only_warns_a_file_is_taken_and_marked_as_not_scanned(settings):
    settings.SCANNER_ABSENT, settings.CLAMD_SOCKET = "warn", "127.0.0.1:1"
    stored = taken_in(make_pdf("Bonjour"))
    assert (stored.state, stored.scan) == ("ready", "")


def test_a_file_taken_in_twice_gives_the_same(run_tasks):
    stored = taken_in(make_image())
    StoredFile.objects.update(state="checking")
    take_in.func(stored.pk)
    run_tasks()
    stored.refresh_from_db()
    assert (stored.state, stored.pages, stored.rendered_pages) == ("ready", 1, 1)


def test_an_image_full_of_detail_still_weighs_what_was_promised():
    noise = Image.effect_noise((1600, 1131), 120).convert("RGB")
    assert len(light_webp(noise)) <= MAX_WEIGHT
