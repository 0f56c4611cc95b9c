"""The protocol by which a file arrives piece by piece (tus 1.0), and what a hostile or broken client gets."""

import datetime as dt
import io
import uuid

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from candidates.models import Dossier, Upload, UploadChunk
from candidates.services import uploads
from candidates.services.joining import join_upload
from candidates.services.uploads import PIECE
from candidates.views.candidate import tus as view
from cqp.files import MAX_BYTES, MAX_NAME
from tests.candidates import tus
from tests.candidates.dossiers import verbs
from tests.candidates.tus import BODY, TUS, begin, begun, checksum, offset, piece
from tests.factories import make_enrolment, make_pdf, make_session, submit


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def dossier(session):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))


@pytest.fixture
def phone(client, dossier):
    client.force_login(dossier.enrolment_bloc.enrolment.candidate.user)
    return client


def objects():
    """The names of the objects in which pieces are kept."""
    found = []
    for folder in default_storage.listdir("chunks")[0] if default_storage.exists("chunks") else []:
        for upload in default_storage.listdir(f"chunks/{folder}")[0]:
            found += default_storage.listdir(f"chunks/{folder}/{upload}")[1]
    return found


# --- The protocol --------------------------------------------------------------------------------------------------


def test_a_file_is_announced_then_arrives_piece_by_piece(phone, dossier):
    url = begun(phone, dossier, 10, heading=2)
    assert offset(phone, url) == 0
    assert piece(phone, url, 0, b"12345").headers["Upload-Offset"] == "5"
    assert offset(phone, url) == 5
    last = piece(phone, url, 5, b"67890")
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "10")
    upload = Upload.objects.get()
    assert (upload.state, upload.trame_item.position, upload.received) == ("joining", 2, 10)
    assert verbs(dossier) == ["dossier.upload_begun"]


def test_the_server_says_what_it_knows(phone, dossier):
    for url in (reverse("candidate:uploads", args=[dossier.pk]), begun(phone, dossier, 10)):
        headers = phone.options(url).headers
        assert headers["Tus-Version"] == "1.0.0"
        assert headers["Tus-Extension"] == "creation,termination,checksum"
        assert headers["Tus-Max-Size"] == str(MAX_BYTES)
        assert headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
        assert headers["Tus-Resumable"] == "1.0.0"


def test_the_state_of_an_upload_is_never_kept_by_a_cache_and_repeats_what_was_announced(phone, dossier):
    headers = phone.head(begun(phone, dossier, 10, name="été.pdf", heading=3), headers=TUS).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Upload-Length"] == "10"
    assert headers["Upload-Metadata"] == tus.metadata(filename="été.pdf", heading=3)


def test_another_version_of_the_protocol_is_refused_with_the_one_that_is_known(phone, dossier):
    url = begun(phone, dossier, 10)
    answers = [
        begin(phone, dossier, 10, headers={"Tus-Resumable": "0.2.2"}),
        phone.head(url),
        phone.patch(url, b"x", BODY, headers={"Upload-Offset": "0"}),
        phone.delete(url),
    ]
    assert [(answer.status_code, answer.headers["Tus-Version"]) for answer in answers] == [(412, "1.0.0")] * 4
    assert Upload.objects.count() == 1


def test_a_piece_that_does_not_follow_is_refused_and_the_answer_says_where_to_go_on(phone, dossier):
    url = begun(phone, dossier, 10)
    piece(phone, url, 0, b"123")
    for wrong in (0, 2, 4, 10):
        answer = piece(phone, url, wrong, b"4")
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "3")
    assert offset(phone, url) == 3


def test_a_piece_of_another_type_or_without_its_place_is_refused(phone, dossier):
    url = begun(phone, dossier, 10)
    assert piece(phone, url, 0, b"1", content_type="application/octet-stream").status_code == 415
    assert phone.patch(url, b"1", BODY, headers=TUS).status_code == 400
    assert piece(phone, url, "-1", b"1").status_code == 400
    assert piece(phone, url, 0, b"1", Transfer_Encoding="chunked").status_code == 411
    assert offset(phone, url) == 0


def test_a_network_that_lets_only_posts_through_may_say_the_method_beside(phone, dossier):
    url = begun(phone, dossier, 4)
    told = TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert phone.post(url, b"1234", BODY, headers=told).status_code == 204
    assert phone.post(url, b"", BODY, headers=TUS).status_code == 405


def test_an_upload_that_is_given_up_is_gone_with_its_pieces(phone, dossier, django_capture_on_commit_callbacks):
    url = begun(phone, dossier, 10)
    piece(phone, url, 0, b"123")
    assert len(objects()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert phone.delete(url, headers=TUS).status_code == 204
    assert phone.head(url, headers=TUS).status_code == 404
    assert (objects(), UploadChunk.objects.count()) == ([], 0)
    assert verbs(dossier) == ["dossier.upload_begun", "dossier.upload_abandoned"]


# --- Checksums -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_that_is_as_its_checksum_says_is_kept(phone, dossier, algorithm):
    url = begun(phone, dossier, 10)
    assert piece(phone, url, 0, b"12345", Upload_Checksum=checksum(b"12345", algorithm)).status_code == 204
    assert offset(phone, url) == 5


def test_nothing_is_kept_of_a_piece_that_was_spoilt_on_the_way(phone, dossier):
    url = begun(phone, dossier, PIECE + 10)
    long = bytes(PIECE + 1)
    assert piece(phone, url, 0, long, Upload_Checksum=checksum(b"other")).status_code == 460
    assert piece(phone, url, 0, b"1", Upload_Checksum="md5 AAAA").status_code == 400
    assert piece(phone, url, 0, b"1", Upload_Checksum="sha1").status_code == 460
    assert (offset(phone, url), objects()) == (0, [])
    assert piece(phone, url, 0, long, Upload_Checksum=checksum(long)).status_code == 204


# --- What is announced ---------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_or_empty_is_refused_before_anything_is_sent(phone, dossier):
    large, empty = begin(phone, dossier, MAX_BYTES + 1), begin(phone, dossier, 0)
    assert (large.status_code, "50 Mo" in large.json()["message"]) == (413, True)
    assert (empty.status_code, "vide" in empty.json()["message"]) == (422, True)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Length": "ten"},
        {"Upload-Length": "-1"},
        {"Upload-Length": "1e3"},
        {"Upload-Length": "9" * 40},
        {"Upload-Length": "", "Upload-Defer-Length": "1"},
        {"Upload-Metadata": "filename"},
        {"Upload-Metadata": "filename é"},
        {"Upload-Metadata": "heading not-base64!"},
        {"Upload-Metadata": tus.metadata(filename="a", heading="first")},
        {"Upload-Metadata": tus.metadata(filename="a", heading=1, replaces="x")},
    ],
)
def test_an_announcement_that_makes_no_sense_is_refused(phone, dossier, headers):
    assert begin(phone, dossier, 10, headers=TUS | headers).status_code == 400
    assert not Upload.objects.exists()


def test_the_heading_of_another_bloc_is_not_a_place_for_a_file(phone, dossier):
    assert begin(phone, dossier, 10, heading=9).status_code == 404


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\Léa\\été.docx", "été.docx"),
        ("a\x00b.pdf", "ab.pdf"),
        ("rapport\u202efdp.exe", "rapportfdp.exe"),
        ("photo 🌻.jpg", "photo 🌻.jpg"),
        ("é" * 300 + ".pdf", "é" * MAX_NAME),
        ("\u200b\n", "document"),
        ("", "document"),
    ],
)
def test_a_deceiving_name_is_cleaned(phone, dossier, raw, shown):
    begun(phone, dossier, 10, name=raw)
    assert Upload.objects.get().name == shown


def test_a_name_that_is_not_text_does_no_harm(phone, dossier):
    told = {"Upload-Length": "10", "Upload-Metadata": "filename //79,heading MQ=="}
    assert begin(phone, dossier, 10, headers=TUS | told).status_code == 201


def test_ten_uploads_at_most_are_open_in_a_dossier(phone, dossier):
    for _ in range(uploads.MAX_OPEN):
        url = begun(phone, dossier, 10)
    refused = begin(phone, dossier, 10)
    assert (refused.status_code, "abandonnez-en un" in refused.json()["message"]) == (403, True)
    phone.delete(url, headers=TUS)
    assert begin(phone, dossier, 10).status_code == 201


# --- Pieces that lie or break --------------------------------------------------------------------------------------


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


def test_a_thousand_pieces_of_one_byte_are_one_object(phone, dossier):
    url = begun(phone, dossier, 1000)
    content = bytes(n % 256 for n in range(1000))
    for n in range(1000):
        assert piece(phone, url, n, content[n : n + 1]).status_code == 204
    [name] = objects()
    chunk = UploadChunk.objects.get()
    assert (chunk.start, chunk.size) == (0, 1000)
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


# --- Whose it is, and when -----------------------------------------------------------------------------------------


def test_whoever_is_logged_out_is_told_so_without_a_redirection(phone, dossier):
    url = begun(phone, dossier, 10)
    phone.logout()
    assert {begin(phone, dossier, 10).status_code, piece(phone, url, 0, b"1").status_code} == {401}
    assert "expiré" in piece(phone, url, 0, b"1").json()["message"]


def test_another_candidate_s_upload_does_not_exist(phone, dossier, session):
    url = begun(phone, dossier, 10)
    phone.force_login(make_enrolment(session, blocs=[1]).candidate.user)
    answers = [
        phone.head(url, headers=TUS),
        piece(phone, url, 0, b"1"),
        phone.delete(url, headers=TUS),
        begin(phone, dossier, 5),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert phone.post(reverse("candidate:abandon-upload", args=[Upload.objects.get().key])).status_code == 404
    assert Upload.objects.get().received == 0


def test_the_token_against_forgery_is_asked_for_with_every_method(phone, dossier):
    url = begun(phone, dossier, 10)
    phone.handler.enforce_csrf_checks = True
    answers = [begin(phone, dossier, 10), piece(phone, url, 0, b"1"), phone.delete(url, headers=TUS)]
    assert {answer.status_code for answer in answers} == {403}
    assert not any("Tus-Resumable" in answer.headers for answer in answers)
    assert Upload.objects.get().received == 0


def test_nothing_is_added_to_a_dossier_that_was_handed_in(phone, dossier):
    url = begun(phone, dossier, 10)
    submit(dossier)
    answers = [begin(phone, dossier, 10), piece(phone, url, 0, b"1")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("déposé" in answer.json()["message"] for answer in answers)
    assert offset(phone, url) == 0


def test_past_the_deadline_an_upload_that_had_begun_may_finish_and_none_may_begin(phone, dossier, session):
    url = begun(phone, dossier, 4)
    Upload.objects.update(begun_at=timezone.now() - dt.timedelta(hours=1))
    session.deposit_closes_at = timezone.now() - dt.timedelta(minutes=5)
    session.save()
    assert piece(phone, url, 0, b"12").status_code == 204
    refused = begin(phone, dossier, 10)
    assert (refused.status_code, "date limite" in refused.json()["message"]) == (403, True)
    session.deposit_grace_minutes = 5
    session.deposit_closes_at = timezone.now() - dt.timedelta(minutes=6)
    session.save()
    assert piece(phone, url, 2, b"34").status_code == 403


def test_what_was_refused_says_why_to_the_device_that_sent_it(phone, dossier):
    url = begun(phone, dossier, 4)
    Upload.objects.update(state="refused", refusal="Ce fichier est vide.")
    answer = piece(phone, url, 0, b"1")
    assert (answer.status_code, answer.json()["message"]) == (410, "Ce fichier est vide.")
    assert phone.head(url, headers=TUS).status_code == 410
    assert phone.delete(url, headers=TUS).status_code == 204
    assert phone.head(url, headers=TUS).status_code == 404


def test_a_file_that_is_joined_while_the_page_is_read_is_on_the_page(phone, dossier):
    """The worker comes between two queries of the page: it shows what was arriving, what is there, or both; never neither."""
    url = begun(phone, dossier, len(content := make_pdf()), name="rubrique-1.pdf")
    piece(phone, url, 0, content)
    upload, joined = Upload.objects.get(state="joining"), []

    def come_between(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        first = 'FROM "candidates_dossierfile"' in sql or 'FROM "candidates_upload"' in sql
        if first and not joined:
            joined.append(upload.pk)
            join_upload.func(upload.pk)
        return found

    with connection.execute_wrapper(come_between):
        page = phone.get(f"/candidat/dossiers/{dossier.pk}/").content.decode()
    assert joined
    assert dossier.files.count() == 1
    assert "rubrique-1.pdf" in page
