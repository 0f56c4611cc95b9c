"""The protocol by which a file arrives piece by piece (tus 1.0): what is announced, sent and checked."""

import pytest
from django.urls import reverse

from candidates.dossiers import uploads
from candidates.dossiers.uploads import PIECE
from candidates.models import Upload, UploadChunk
from cqp.files.inspection import MAX_BYTES, MAX_NAME
from tests.candidates.dossiers.scene import verbs
from tests.candidates.dossiers.uploads import tus
from tests.candidates.dossiers.uploads.tus import BODY, TUS, begin, begun, checksum, objects, offset, piece

pytestmark = pytest.mark.database


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
