"""A file whose pieces are all there becomes a file of the dossier, or is refused with the reason."""

import datetime as dt
import hashlib
import io

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.tasks import TaskResultStatus
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from candidates.dossiers import upload_joining
from candidates.dossiers.files import add_file
from candidates.dossiers.submission import submit_dossier
from candidates.dossiers.upload_joining import join_upload
from candidates.dossiers.uploads import IDLE, PIECE
from candidates.models import Dossier, DossierFile, Upload
from cqp.evidence import journal
from cqp.files import inspection, storage
from cqp.models import StoredFile
from cqp.workflow import TransitionRefused
from tests.candidates.dossiers.scene import ON_HONOUR, item, pdf, stored_paths, verbs
from tests.candidates.dossiers.uploads.tus import TUS, begun, objects, offset, piece, send
from tests.factories import make_enrolment, make_pdf, submit

pytestmark = pytest.mark.database


PDF = make_pdf()


def large_pdf(size):
    """A PDF of at least `size` bytes."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.obj["/PieceInfo"] = pdf.make_stream(hashlib.shake_128(b"noise").digest(size))
        pdf.save(out, compress_streams=False, static_id=True)
    return out.getvalue()


def content_of(file):
    with file.stored_file.file.open() as kept:
        return kept.read()


def refused(upload):
    upload.refresh_from_db()
    assert upload.state == "refused"
    return upload.refusal


# --- Joining -------------------------------------------------------------------------------------------------------


def test_the_pieces_make_the_file_that_was_sent(phone, dossier, run_tasks):
    content = large_pdf(2 * PIECE)
    url = begun(phone, dossier, len(content), name="L'été.pdf", heading=2)
    for start in range(0, len(content), 700_000):
        assert piece(phone, url, start, content[start : start + 700_000]).status_code == 204
    run_tasks()
    file = dossier.files.get()
    assert (file.trame_item.position, file.position, file.stored_file.name) == (2, 1, "L'été.pdf")
    assert file.stored_file.sha256 == hashlib.sha256(content).hexdigest()
    assert content_of(file) == content
    assert file.stored_file.state == StoredFile.State.READY
    assert Upload.objects.get().state == "done"
    assert (objects(), Upload.objects.get().chunks.count()) == ([], 0)
    assert verbs(dossier) == ["dossier.upload_begun", "dossier.file_added"]


def test_a_device_that_did_not_hear_the_end_learns_that_all_is_there(phone, dossier, run_tasks):
    url = begun(phone, dossier, len(PDF))
    piece(phone, url, 0, PDF)
    assert offset(phone, url) == len(PDF)
    run_tasks()
    assert offset(phone, url) == len(PDF)
    assert piece(phone, url, len(PDF), b"").status_code == 204
    assert phone.delete(url, headers=TUS).status_code == 204
    assert dossier.files.count() == 1


def test_a_file_takes_the_place_of_the_one_it_replaces(phone, dossier, candidate, django_capture_on_commit_callbacks):
    first, second, third = (add_file(dossier, item(dossier, 1), pdf(text=text), by=candidate) for text in "abc")
    with django_capture_on_commit_callbacks(execute=True):
        join_upload.func(send(phone, dossier, make_pdf("d"), replaces=second.pk).pk)
    new = dossier.files.exclude(pk__in=[first.pk, third.pk]).get()
    assert list(dossier.files.all()) == [first, new, third]
    assert len(stored_paths()) == 3
    assert verbs(dossier)[-2:] == ["dossier.file_removed", "dossier.file_added"]


def test_a_file_that_was_taken_out_meanwhile_is_not_missed_by_its_replacement(phone, dossier, candidate):
    old = add_file(dossier, item(dossier, 1), pdf(text="a"), by=candidate)
    upload = send(phone, dossier, PDF, replaces=old.pk)
    phone.post(reverse("candidate:remove-file", args=[dossier.pk, old.pk]))
    join_upload.func(upload.pk)
    assert dossier.files.count() == 1


def test_a_file_of_another_dossier_is_not_replaced(phone, dossier, session):
    other = Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))
    file = add_file(other, item(other, 1), pdf(), by=other.enrolment_bloc.enrolment.candidate.user)
    join_upload.func(send(phone, dossier, PDF, replaces=file.pk).pk)
    assert other.files.get() == file
    assert dossier.files.count() == 1


# --- Refusing ------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_accepted_is_explained_in_the_page_until_its_candidate_has_read_it(
    phone, dossier, run_tasks
):
    upload = send(phone, dossier, b"MZ\x90 a program named .pdf", name="cv.pdf", heading=3)
    run_tasks()
    message = refused(upload)
    page = phone.get(reverse("candidate:dossier", args=[dossier.pk]))
    assert "n'est pas d'un format accepté" in message
    assert page.context["headings"][2].uploads == [upload]
    assert "Pas ajouté." in page.text
    assert not StoredFile.objects.exists()
    assert objects() == stored_paths() == []
    assert verbs(dossier) == ["dossier.upload_begun", "dossier.upload_refused"]
    gone = phone.post(reverse("candidate:abandon-upload", args=[upload.key]), follow=True)
    assert "Pas ajouté." not in gone.text
    assert not Upload.objects.exists()


def test_the_same_file_sent_twice_is_there_once_and_said(phone, dossier):
    uploads = [send(phone, dossier, PDF, name=name) for name in ("dossier.pdf", "copie.pdf")]
    for upload in uploads:
        join_upload.func(upload.pk)
    assert "déjà reçu" in refused(uploads[1])
    assert dossier.files.count() == len(stored_paths()) == 1


def test_what_arrived_in_time_counts_when_the_worker_comes_after_the_deadline(phone, dossier, session):
    upload = send(phone, dossier, PDF)
    now, hour = timezone.now(), dt.timedelta(hours=1)
    Upload.objects.update(begun_at=now - 3 * hour, touched_at=now - 2 * hour)
    session.deposit_closes_at, session.deposit_grace_minutes = now - hour, 5
    session.save()
    join_upload.func(upload.pk)
    assert dossier.files.count() == 1


def test_a_dossier_is_not_handed_in_while_a_file_arrives(phone, dossier, candidate):
    add_file(dossier, None, pdf(text="whole"), by=candidate)
    StoredFile.objects.update(state="ready")
    url = begun(phone, dossier, len(PDF))
    with pytest.raises(TransitionRefused) as arriving:
        submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    assert "n'est pas arrivé en entier" in arriving.value.missing[0].text
    piece(phone, url, 0, PDF)
    with pytest.raises(TransitionRefused) as checked:
        submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    assert "en cours de vérification" in checked.value.missing[0].text
    phone.delete(url, headers=TUS)
    assert Upload.objects.get().state == "joining"


def test_a_file_does_not_enter_a_dossier_that_was_handed_in(phone, dossier):
    upload = send(phone, dossier, PDF)
    submit(dossier)
    join_upload.func(upload.pk)
    assert "déposé" in refused(upload)
    assert not dossier.files.exists()


def test_a_file_of_which_a_piece_was_lost_is_asked_for_again(phone, dossier, caplog):
    upload = send(phone, dossier, bytes(PIECE) + PDF)
    default_storage.delete(upload.chunks.first().path)
    join_upload.func(upload.pk)
    assert "Envoyez-le de nouveau" in refused(upload)
    assert "not all there" in caplog.text


# --- Interrupted ---------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize(
    "where",
    [
        (inspection, "inspect_upload"),
        (storage.StoringFiles, "store"),
        (journal, "record"),
        (upload_joining, "discard_pieces"),
    ],
)
def test_a_worker_that_dies_on_the_way_leaves_the_next_one_to_do_it_once(phone, dossier, monkeypatch, where):
    upload = send(phone, dossier, PDF)

    def die(*args, **more):
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(*where, die)
        with pytest.raises(PowerCut):
            join_upload.func(upload.pk)
    assert len(objects()) == 1
    join_upload.func(upload.pk)
    join_upload.func(upload.pk)
    assert content_of(dossier.files.get()) == PDF
    assert len(stored_paths()) == 1
    assert objects() == []
    assert verbs(dossier) == ["dossier.upload_begun", "dossier.file_added"]


def test_a_file_that_no_task_looks_after_is_joined_after_all(phone, dossier, run_tasks):
    send(phone, dossier, PDF)
    call_command("tick")
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    call_command("tick")
    run_tasks()
    assert dossier.files.count() == 1


def test_a_file_that_fails_the_worker_again_and_again_is_refused_and_its_candidate_told(phone, dossier):
    upload = send(phone, dossier, PDF)
    for _ in range(upload_joining.MAX_FAILURES):
        DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
        call_command("tick")
    assert "écrivez à la branche" in refused(upload)
    assert DBTaskResult.objects.count() == upload_joining.MAX_FAILURES


def test_an_upload_that_nobody_went_on_with_for_two_days_is_forgotten(
    phone, dossier, django_capture_on_commit_callbacks
):
    old, recent, complete = (begun(phone, dossier, 10) for _ in range(3))
    for url in (old, recent):
        piece(phone, url, 0, b"123")
    piece(phone, complete, 0, bytes(10))
    Upload.objects.exclude(key=recent.split("/")[-2]).update(touched_at=timezone.now() - IDLE - dt.timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("tick")
    assert phone.head(old, headers=TUS).status_code == 404
    assert (offset(phone, recent), offset(phone, complete)) == (3, 10)
    assert len(objects()) == 2


# --- Order, and the plain form -------------------------------------------------------------------------------------


def test_candidate_puts_the_files_of_a_heading_in_another_order(phone, dossier, candidate):
    first, second, third = (add_file(dossier, item(dossier, 1), pdf(text=text), by=candidate) for text in "abc")
    other = add_file(dossier, item(dossier, 2), pdf(text="d"), by=candidate)
    url = reverse("candidate:order-files", args=[dossier.pk, 1])
    assert phone.post(url, {"order": f"{third.pk},{first.pk},{second.pk}"}).status_code == 200
    assert list(dossier.files.filter(trame_item=item(dossier, 1))) == [third, first, second]
    # What was added meanwhile, or is not there, changes nothing else.
    assert phone.post(url, {"order": f"{second.pk},{other.pk},x,{2**70}"}).status_code == 200
    assert list(dossier.files.filter(trame_item=item(dossier, 1))) == [second, third, first]
    submit(dossier)
    assert phone.post(url, {"order": ""}).status_code == 409


def test_the_plain_form_takes_every_type_that_is_accepted(phone, dossier):
    page = phone.get(reverse("candidate:dossier", args=[dossier.pk]))
    accept = page.context["headings"][0].form.fields["file"].widget.attrs["accept"]
    assert all(ending in accept for ending in (".pdf", ".jpg", ".png"))
    photo = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(photo, "JPEG")
    upload = SimpleUploadedFile("photo.jpg", photo.getvalue())
    phone.post(reverse("candidate:add-file", args=[dossier.pk, 1]), {"file": upload})
    assert DossierFile.objects.get().stored_file.type == "image/jpeg"


@pytest.mark.parametrize("name", [".", "..", "../..", "/", "a/..", "x." + "é" * 150, "con", "a\x00b", "%2e%2e", "~"])
def test_whatever_its_name_a_file_that_arrived_is_in_the_dossier(phone, dossier, name):
    upload = send(phone, dossier, PDF, name=name)
    join_upload.func(upload.pk)
    file = dossier.files.get()
    assert file.stored_file.name.endswith(".pdf")
    assert content_of(file) == PDF
    assert len(stored_paths()) == 1


def test_a_large_file_of_the_plain_form_has_any_name(client, dossier):
    client.force_login(dossier.enrolment_bloc.enrolment.candidate.user)
    content = large_pdf(2 * PIECE)
    added = client.post(
        reverse("candidate:add-file", args=[dossier.pk, 1]), {"file": SimpleUploadedFile("x." + "é" * 190, content)}
    )
    assert added.status_code == 302
    assert content_of(dossier.files.get()) == content
