"""Two tabs on one upload: one of them goes on, the other reads where it stands. Nothing is kept twice."""

import pytest
from django.core.files.storage import default_storage

from candidates.dossiers.upload_joining import join_upload
from candidates.dossiers.uploads import (
    PIECE,
    UploadClosedError,
    WrongOffsetError,
    abandon_upload,
    begin_upload,
    receive_piece,
)
from candidates.models import Dossier, Upload, UploadChunk
from tests.candidates.dossiers.uploads.tus import objects
from tests.factories import make_enrolment, make_pdf, make_session
from tests.race import while_uncommitted

pytestmark = pytest.mark.database


@pytest.fixture
def dossier(committed_referentiel):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(committed_referentiel), blocs=[1]))


@pytest.fixture
def candidate(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def begin(dossier, candidate):
    return lambda size: begin_upload(dossier, None, name="dossier.pdf", size=size, by=candidate)


@pytest.mark.parametrize("size", [5, PIECE])
def test_the_same_piece_from_two_tabs_at_once_is_kept_once(begin, candidate, size):
    upload = begin(3 * PIECE)
    receive_piece(upload, 0, b"12345", by=candidate)
    first, second = while_uncommitted(
        lambda: receive_piece(upload, 5, bytes(size), by=candidate),
        lambda: receive_piece(upload, 5, bytes(size), by=candidate),
    )
    assert first == Upload.objects.get().received == 5 + size
    assert isinstance(second, WrongOffsetError)
    assert second.received == 5 + size
    chunks = UploadChunk.objects.all()
    assert len(objects()) == len(chunks)
    assert sum(default_storage.size(chunk.path) for chunk in chunks) == 5 + size


def test_a_piece_that_comes_while_its_upload_is_given_up_is_not_kept(begin, candidate):
    upload = begin(10)
    _, second = while_uncommitted(
        lambda: abandon_upload(upload, by=candidate), lambda: receive_piece(upload, 0, b"123", by=candidate)
    )
    assert isinstance(second, UploadClosedError)
    assert objects() == []


def test_two_workers_on_one_upload_make_one_file(begin, dossier, candidate):
    content = make_pdf()
    upload = begin(len(content))
    receive_piece(upload, 0, content, by=candidate)
    while_uncommitted(lambda: join_upload.func(upload.pk), lambda: join_upload.func(upload.pk))
    assert dossier.files.count() == 1
    assert Upload.objects.get().state == "done"
