"""`manage.py verify --files`: each original is the one that was received, and what is made from it is there."""

import hashlib
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from cqp.evidence import file_verification
from cqp.models import StoredFile
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def progress(monkeypatch, tmp_path):
    """Of the command, the files alone: the chains have tests of their own."""
    monkeypatch.setattr("cqp.management.commands.verify.verify", list)
    path = tmp_path / "verified-files"
    monkeypatch.setattr(file_verification, "file_of_progress", lambda: path)
    return path


@pytest.fixture
def stored(progress):
    """A photo of two pages, read as the PDF that was made from it."""
    content = b"an original" * 1000
    file = StoredFile(
        name="photo.jpg",
        type="image/jpeg",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        converted=True,
        rendered_pages=2,
        uploaded_by=make_user(),
    )
    file.file.save("x", ContentFile(content), save=False)
    file.save()
    default_storage.save(file.reading_path, ContentFile(b"%PDF-1.7 made"))
    for number in (1, 2):
        default_storage.save(file.page_path(number), ContentFile(b"RIFF....WEBP"))
    return file


def overwrite(name: str, content: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


def verified() -> list[str]:
    return file_verification.verify_files().faults


def test_files_that_are_as_they_were_received_say_nothing(stored):
    out = io.StringIO()
    call_command("verify", "--files", stdout=out)
    assert "Fichiers : 1 examiné(s)" in out.getvalue()
    assert "rien à signaler" in out.getvalue().splitlines()[-1]


def test_without_the_option_no_file_is_read(stored):
    default_storage.delete(stored.file.name)
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert out.getvalue() == ""


def test_an_original_that_was_exchanged_for_one_of_the_same_size_is_found(stored):
    overwrite(stored.file.name, b"an ORIGINAL" * 1000)
    [fault] = verified()
    assert f"fichier n° {stored.pk}" in fault
    assert "l'original n'est plus celui qui a été reçu" in fault
    with pytest.raises(CommandError, match="1 anomalie"):
        call_command("verify", "--files", stdout=io.StringIO())


def test_an_original_cut_short_or_taken_away_is_found(stored):
    overwrite(stored.file.name, b"an original")
    assert "(11 octets au lieu de 11000)" in verified()[0]
    default_storage.delete(stored.file.name)
    assert "l'original est absent ou illisible" in verified()[0]


def test_a_row_that_another_size_was_written_in_is_found(stored):
    StoredFile.objects.filter(pk=stored.pk).update(size=3)
    assert "(11000 octets au lieu de 3)" in verified()[0]


def test_what_is_made_from_an_original_is_there_and_of_its_kind(stored):
    overwrite(stored.reading_path, b"<html>")
    default_storage.delete(stored.page_path(1))
    overwrite(stored.page_path(2), b"")
    assert [fault.partition(" : ")[2] for fault in verified()] == [
        "le PDF tiré de l'original est absent ou abîmé",
        "des images de pages sont absentes ou abîmées : 1, 2",
    ]


def test_a_folder_that_is_not_there_is_one_line(stored, settings, tmp_path):
    location = tmp_path / "elsewhere"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": location, "base_url": None}},
    }
    [fault] = verified()
    assert fault == f"le dossier {location}/originals est absent : 1 fichier(s) y sont attendus"


def test_an_interrupted_run_goes_on_where_it_was_and_a_whole_one_begins_anew(stored, progress):
    progress.write_text(f"{stored.pk}\n")
    told = []
    assert file_verification.verify_files(told.append).examined == 0
    assert told == [f"Reprise après le fichier n° {stored.pk}."]
    assert file_verification.verify_files(told.append).examined == 1
    progress.write_text("?")
    assert file_verification.verify_files(told.append).examined == 1
    assert len(told) == 1


def test_how_far_it_went_is_noted_until_something_is_found(stored, progress, monkeypatch):
    monkeypatch.setattr(file_verification, "STEP", 1)
    notes = []
    monkeypatch.setattr(type(progress), "write_text", lambda path, text: notes.append(text))
    assert verified() == []
    assert notes == [f"{stored.pk}\n"]
    default_storage.delete(stored.file.name)
    assert len(verified()) == 1
    assert len(notes) == 1
