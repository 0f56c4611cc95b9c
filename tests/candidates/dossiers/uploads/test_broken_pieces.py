"""Pieces that lie or break: what a hostile or broken client gets."""

import io
import uuid

import pytest
from django.core.files.storage import default_storage
from django.test import RequestFactory

from candidates.dossiers import uploads
from candidates.dossiers.uploads import PIECE
from candidates.dossiers.views import tus as view
from candidates.models import Upload, UploadChunk
from tests.candidates.dossiers.uploads.tus import BODY, TUS, begun, checksum, objects, offset, piece

pytestmark = pytest.mark.database


def test_a_piece_that_goes_beyond_the_announced_size_is_refused(phone, dossier):
    url = begun(phone, dossier, 4)
    assert piece(phone, url, 0, b"12345").status_code == 413
    assert (offset(phone, url), objects()) == (0, [])


class Line(io.RawIOBase):
    """A body of which only the beginning arrives: then the line is closed, or breaks."""

    def __init__(self, content, *, breaks):
        self.content, self.breaks = io.BytesIO(content), breaks

    def read(self, size=-1):
        found = self.content.read(size)
        if not found and self.breaks:
            raise ConnectionResetError
        return found


def cut_piece(dossier, url, content, *, breaks, length, line=None, **headers):
    """Send a piece of which only `content` arrives, and return the answer. `line`: the server's end of it."""
    key = uuid.UUID(url.rstrip("/").rsplit("/", 1)[1])
    told = {"Upload-Offset": "0"} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().patch(url, b"x", BODY, headers=TUS | told)
    request.META["CONTENT_LENGTH"] = str(length)
    request.META["gunicorn.socket"] = line
    request._stream = Line(content, breaks=breaks)
    request.user = dossier.enrolment_bloc.enrolment.candidate.user
    return view.upload(request, key)


@pytest.mark.parametrize("breaks", [True, False])
def test_what_arrived_before_the_network_was_cut_stays(phone, dossier, breaks):
    url, arrived = begun(phone, dossier, 3 * PIECE), bytes(PIECE + 70_000)
    answer = cut_piece(dossier, url, arrived, breaks=breaks, length=3 * PIECE)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(arrived)))
    assert offset(phone, url) == len(arrived)
    assert len(objects()) == 2
    assert piece(phone, url, len(arrived), bytes(2 * PIECE - 70_000)).status_code == 204


def test_of_a_cut_piece_with_a_checksum_nothing_stays(phone, dossier):
    url = begun(phone, dossier, 10)
    answer = cut_piece(dossier, url, b"123", breaks=True, length=10, Upload_Checksum=checksum(b"1234567890"))
    assert answer.status_code == 460
    assert (offset(phone, url), objects()) == (0, [])


class Silence:
    """The server's end of a line: notes for how long it waits for a byte."""

    seconds = None

    def settimeout(self, seconds):
        self.seconds = seconds


def test_a_phone_that_was_switched_off_does_not_hold_a_thread_for_ever(phone, dossier):
    url, line = begun(phone, dossier, 10), Silence()
    cut_piece(dossier, url, b"123", breaks=True, length=10, line=line)
    assert line.seconds == view.PATIENCE
    assert offset(phone, url) == 3


def test_nobody_holds_the_database_while_a_phone_is_waited_for(phone, dossier, monkeypatch):
    url, told = begun(phone, dossier, 200_000), []
    monkeypatch.setattr(view, "let_go", lambda: told.append("let go"))
    read = Line.read
    monkeypatch.setattr(Line, "read", lambda line, size=-1: told.append("read") or read(line, size))
    cut_piece(dossier, url, bytes(200_000), breaks=False, length=200_000)
    assert told == ["let go", "read"] * 5


def test_a_large_body_is_never_held_whole(phone, dossier, monkeypatch):
    seen = []
    keep = uploads.receive_piece
    monkeypatch.setattr(view, "receive_piece", lambda *args, **more: seen.append(len(args[2])) or keep(*args, **more))
    url = begun(phone, dossier, 5 * PIECE + 1)
    assert piece(phone, url, 0, bytes(5 * PIECE + 1)).status_code == 204
    assert seen == [PIECE] * 5 + [1]


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_pieces_of_one_byte_are_one_object(phone, dossier, count):
    url = begun(phone, dossier, count)
    content = bytes(n % 256 for n in range(count))
    for n in range(count):
        assert piece(phone, url, n, content[n : n + 1]).status_code == 204
    [name] = objects()
    chunk = UploadChunk.objects.get()
    assert (chunk.start, chunk.size) == (0, count)
    with default_storage.open(chunk.path) as kept:
        assert kept.read() == content
    assert chunk.path.endswith(name)


def test_small_pieces_are_put_together_up_to_a_mebibyte(phone, dossier):
    url, size = begun(phone, dossier, 2 * PIECE), PIECE // 4
    for n in range(8):
        assert piece(phone, url, n * size, bytes([n]) * size).status_code == 204
    assert list(UploadChunk.objects.values_list("start", "size")) == [(0, PIECE), (PIECE, PIECE)]
    assert len(objects()) == 2


def test_nothing_is_left_of_a_piece_when_the_database_fails(phone, dossier, monkeypatch):
    url = begun(phone, dossier, 10)
    piece(phone, url, 0, b"123")

    def fail(*args, **more):
        raise RuntimeError

    monkeypatch.setattr(Upload, "save", fail)
    for content in (b"4", bytes(7)):
        with pytest.raises(RuntimeError):
            piece(phone, url, 3, content)
    assert (offset(phone, url), len(objects())) == (3, 1)
    with default_storage.open(UploadChunk.objects.get().path) as kept:
        assert kept.read() == b"123"
