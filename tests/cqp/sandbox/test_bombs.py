"""Files that ask for too much: each is refused with a sentence that says what to do, and costs the site nothing.

The limits are made small, so that they are reached at once; the same in full size are slow.
"""

import contextlib
import resource
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cqp.files.inspection import FileRefused, inspect_upload
from cqp.files.page_images import render_pages
from cqp.files.tasks import NOT_CHECKED, requeue_checks
from cqp.models import StoredFile
from cqp.sandbox import box
from cqp.sandbox.hooks import MB
from cqp.spreadsheets.reading import SpreadsheetRefused, read
from referentiel.drafts.rncp import FicheRefused, read_fiche
from tests.cqp.files.uploads import taken_in, upload
from tests.cqp.sandbox import bombs
from tests.cqp.sandbox.limits import limit
from tests.factories import make_pdf

pytestmark = pytest.mark.django_db
DRAW, SEAL = "cqp.files.jobs.draw_page", "cqp.documents.seal_reading.read_seal"


@pytest.fixture(autouse=True)
def memory_of_the_site():
    """No bomb is held by the process that received it: it grows by some MB at most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def drawn(content: bytes) -> StoredFile:
    stored = taken_in(content)
    render_pages.func(stored.pk)
    stored.refresh_from_db()
    return stored


def check_is_refused(stored: StoredFile, *causes: str) -> None:
    assert stored.state == "refused"
    assert stored.refusal.startswith(tuple(f"Page 1 : {box.CAUSES[cause]}" for cause in causes))
    assert "Imprimer" in stored.refusal
    assert stored.file.storage.exists(stored.file.name)
    # The page says why it is not there, and nobody waits for it.
    assert stored.rendered_pages == stored.pages


def test_drawings_within_drawings_are_refused(monkeypatch):
    limit(monkeypatch, DRAW, cpu=1)
    check_is_refused(drawn(bombs.nested_drawings()), "time")


def test_a_stream_that_swells_is_refused(monkeypatch):
    limit(monkeypatch, DRAW, memory=48 * MB)
    check_is_refused(drawn(bombs.swollen_stream(128 * MB)), "memory")


@pytest.mark.slow
def test_a_stream_of_one_gigabyte_is_refused():
    check_is_refused(drawn(bombs.swollen_stream()), "memory")


@pytest.mark.slow
def test_drawings_within_drawings_are_refused_within_the_limits_of_the_site():
    # Whichever limit the machine meets first.
    check_is_refused(drawn(bombs.nested_drawings()), "time", "memory")


def test_a_table_that_swells_is_refused_when_it_is_sent(monkeypatch):
    limit(monkeypatch, "cqp.files.jobs.identify", memory=48 * MB)
    with pytest.raises(FileRefused, match="Imprimer"):
        inspect_upload(upload(bombs.swollen_table(128 * MB)))


def send_to_verify(client, content: bytes):
    return client.post(reverse("verification"), {"file": SimpleUploadedFile("a.pdf", content)})


def test_anybody_who_has_a_bomb_verified_is_told_what_to_do(client, monkeypatch):
    limit(monkeypatch, SEAL, cpu=1)
    response = send_to_verify(client, bombs.sealed_bomb())
    assert response.status_code == 422
    assert box.CAUSES["time"] in response.content.decode()
    assert "vérifiez le code imprimé" in response.content.decode()


def test_when_no_box_is_free_a_person_is_told_to_try_again(client, monkeypatch):
    def taken(*args, **more):
        raise box.BoxUnavailableError

    monkeypatch.setattr(box, "run", taken)
    response = send_to_verify(client, make_pdf("Un document"))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert "réessayez dans un instant" in response.content.decode()


def test_a_workbook_of_two_corners_is_refused():
    content = bombs.two_corners()
    assert len(content) < 1_600
    with pytest.raises(SpreadsheetRefused, match="dans un nouveau classeur"):
        read(content)


@pytest.fixture(scope="session")
def painted_rows() -> bytes:
    """Made before the memory of the site is measured."""
    return bombs.painted_rows()


@pytest.mark.slow
def test_200_000_painted_rows_are_read_or_refused_within_the_limits(painted_rows):
    """What is painted and empty is no row: it costs what it costs to the box, and to nobody else."""
    with contextlib.suppress(SpreadsheetRefused):
        assert len(read(painted_rows).sheets[0].rows) == 1


def test_marks_that_are_never_closed_cost_no_more_than_others(tmp_path: Path):
    file = tmp_path / "fiche.xml"
    file.write_bytes(bombs.unclosed_marks())
    with file.open("rb") as content:
        assert read_fiche(content).title == "Titre"


def test_a_fiche_that_exceeds_its_limits_is_refused(monkeypatch, tmp_path: Path):
    limit(monkeypatch, "referentiel.drafts.rncp_parsing.parse", memory=2 * MB)
    file = tmp_path / "fiche.xml"
    file.write_bytes(bombs.unclosed_marks())
    with file.open("rb") as content, pytest.raises(FicheRefused, match="envoyez-la seule"):
        read_fiche(content)


def test_a_check_that_fails_again_and_again_is_shown(monkeypatch, run_tasks, caplog):
    """An error that nobody foresaw: tried three times, then said to who sent the file and to the branch."""
    received = taken_in(make_pdf("Un document"))
    StoredFile.objects.update(state="checking")

    def fail(*args, **more):
        raise box.JobFailedError("not foreseen")

    monkeypatch.setattr(box, "run", fail)
    for _ in range(3):
        assert requeue_checks() == 1
        run_tasks()
    received.refresh_from_db()
    assert received.state == "checking"
    assert requeue_checks() == 0
    received.refresh_from_db()
    assert (received.state, received.refusal) == ("refused", NOT_CHECKED)
    assert "could not be checked" in caplog.text


def test_what_a_box_refuses_is_not_tried_again(monkeypatch, run_tasks):
    limit(monkeypatch, "cqp.files.jobs.sanitise", written=8)
    stored = taken_in(make_pdf("Un document"))
    assert stored.state == "refused"
    assert requeue_checks() == 0
