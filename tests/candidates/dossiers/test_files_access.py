"""Who may open a file of a dossier, and how it is served."""

import hashlib
import io

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from candidates.dossiers.files import add_file, remove_file
from candidates.models import Dossier, Session
from cqp.files.page_images import render_pages
from cqp.models import StoredFile
from tests.factories import (
    make_admin,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_juror,
    make_pdf,
    make_session,
    make_user,
)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def dossier(session):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))


@pytest.fixture
def owner(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def assembly(dossier, owner, stored):
    """The assembled dossier, with its pages drawn, as the worker leaves it."""
    dossier.assembly = keep(make_pdf(pages=3), owner, pages=3)
    dossier.save()
    render_pages.func(dossier.assembly.pk)
    return dossier.assembly


@pytest.fixture
def stored(dossier, owner):
    upload = SimpleUploadedFile("L'été.pdf", make_pdf(pages=2), "text/html")
    return add_file(dossier, None, upload, by=owner).stored_file


def status(client, user, stored):
    """Return the answers for the original and for its first page."""
    client.force_login(user)
    answers = [
        client.get(reverse("files:original", args=[stored.key])),
        client.get(reverse("files:page", args=[stored.key, 1])),
    ]
    for answer in answers:
        if answer.streaming:
            assert b"".join(answer.streaming_content)
    return tuple(answer.status_code for answer in answers)


def test_candidate_downloads_what_they_sent_and_nothing_in_it_can_run(client, owner, stored):
    client.force_login(owner)
    response = client.get(reverse("files:original", args=[stored.key]))
    content = b"".join(response.streaming_content)
    assert hashlib.sha256(content).hexdigest() == stored.sha256
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''L%27%C3%A9t%C3%A9.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"


def test_a_page_image_is_served_to_its_reader_alone(client, owner, stored, run_tasks):
    run_tasks()
    client.force_login(owner)
    response = client.get(reverse("files:page", args=[stored.key, 2]))
    assert Image.open(io.BytesIO(b"".join(response.streaming_content))).format == "WEBP"
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    for number in (0, 3):
        assert client.get(reverse("files:page", args=[stored.key, number])).status_code == 404


def test_a_page_that_is_not_drawn_yet_is_not_found(client, owner, stored):
    assert status(client, owner, stored) == (200, 404)


def test_a_visitor_is_sent_to_the_login_page(client, stored):
    response = client.get(reverse("files:original", args=[stored.key]))
    assert response.status_code == 302
    assert "/compte/" in response.url


def test_another_candidate_s_file_does_not_exist(client, session, stored, run_tasks):
    run_tasks()
    assert status(client, make_enrolment(session, blocs=[1]).candidate.user, stored) == (404, 404)
    assert status(client, make_user(), stored) == (404, 404)


def test_the_branch_s_administrator_opens_it_and_another_branch_s_does_not(client, branch, stored, run_tasks):
    run_tasks()
    assert status(client, make_admin(branch), stored) == (200, 200)
    assert status(client, make_admin(make_branch()), stored) == (404, 404)


def test_evaluator_reads_the_assembled_dossier_once_it_is_submitted_and_the_undertaking_is_signed(
    client, session, dossier, assembly
):
    appointment = make_evaluator(session, undertaking=False)
    make_interview(dossier.enrolment_bloc, [appointment])  # hands the dossier in
    assert status(client, appointment.user, assembly) == (404, 404)
    appointment.undertaking_signed_at = timezone.now()
    appointment.save()
    assert status(client, appointment.user, assembly) == (200, 200)
    Dossier.objects.filter(pk=dossier.pk).update(state="draft", submitted_at=None)
    assert status(client, appointment.user, assembly) == (404, 404)


def test_an_evaluator_of_another_candidate_does_not_see_it(client, session, assembly):
    evaluator = make_evaluator(session)
    make_interview(make_enrolment(session, blocs=[1]).enrolment_blocs.get(), [evaluator])
    assert status(client, evaluator.user, assembly) == (404, 404)


def test_a_juror_reads_a_submitted_dossier_only_and_once_the_session_is_before_the_jury(
    client, session, dossier, assembly
):
    juror = make_juror(session)
    assert status(client, juror.user, assembly) == (404, 404)
    make_interview(dossier.enrolment_bloc, [])
    for state, published_at, seen in (("interviews", None, 404), ("jury", None, 200), ("decided", timezone.now(), 200)):
        Session.objects.filter(pk=session.pk).update(state=state, published_at=published_at)
        assert status(client, juror.user, assembly) == (seen, seen)


def test_evaluators_and_jurors_see_no_original_nor_its_pages(client, session, dossier, stored, run_tasks):
    run_tasks()
    evaluator, juror = make_evaluator(session), make_juror(session)
    make_interview(dossier.enrolment_bloc, [evaluator])
    Session.objects.filter(pk=session.pk).update(state="jury")
    assert status(client, evaluator.user, stored) == (404, 404)
    assert status(client, juror.user, stored) == (404, 404)


def test_an_original_in_quarantine_is_the_administrators_alone_its_clean_pages_their_owner_s_too(
    client, branch, owner, stored, run_tasks
):
    run_tasks()
    StoredFile.objects.filter(pk=stored.pk).update(quarantine="PDF : JavaScript")
    assert status(client, owner, stored) == (404, 200)
    assert status(client, make_admin(branch), stored) == (200, 200)
    assert status(client, make_admin(make_branch()), stored) == (404, 404)


def test_a_file_lost_by_the_store_is_not_found_rather_than_an_error(client, owner, stored):
    default_storage.delete(stored.file.name)
    assert status(client, owner, stored) == (404, 404)


# --- Page images ---------------------------------------------------------------------------------------------------


def pdf_with_pages(*sizes):
    pdf = pikepdf.new()
    for size in sizes:
        pdf.add_blank_page(page_size=size)
    return pdf


def keep(content, owner, pages):
    """A stored file as a dossier would have it, without the rules of the deposit."""
    stored = StoredFile(name="x.pdf", type="application/pdf", size=len(content), sha256="0" * 64, pages=pages)
    stored.uploaded_by = owner
    stored.file.save("x.pdf", ContentFile(content), save=False)
    stored.save()
    return stored


def size_of_page(stored, number):
    with default_storage.open(stored.page_path(number)) as image:
        return Image.open(image).size


def test_the_worker_draws_every_page_of_an_upload(stored, run_tasks):
    run_tasks()
    stored.refresh_from_db()
    assert stored.rendered_pages == stored.pages == 2
    # A4 at 150 dpi would be 1754 pixels high: the long side is kept to 1600.
    assert size_of_page(stored, 2) == (1131, 1600)


def test_a_page_is_drawn_at_150_dpi_unless_it_is_too_long(owner):
    out = io.BytesIO()
    pdf_with_pages((360, 288), (3000, 300)).save(out)
    stored = keep(out.getvalue(), owner, pages=2)
    render_pages.func(stored.pk)
    assert size_of_page(stored, 1) == (750, 600)
    assert size_of_page(stored, 2) == (1600, 160)


def test_a_page_that_cannot_be_drawn_says_so_and_does_not_cost_the_others(owner):
    out = io.BytesIO()
    pdf_with_pages((595, 842), (595, 842), (595, 842)).save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    whole = out.getvalue()
    second = whole.index(b"4 0 obj\n") + len(b"4 0 obj\n")
    end = whole.index(b"\nendobj", second)
    stored = keep(whole[:second] + b"null".ljust(end - second) + whole[end:], owner, pages=3)
    render_pages.func(stored.pk)
    stored.refresh_from_db()
    drawn = [default_storage.exists(stored.page_path(number)) for number in (1, 2, 3)]
    assert (drawn, stored.rendered_pages, stored.state) == ([True, True, True], 3, "ready")


def test_drawing_again_after_an_interruption_gives_the_same_images(stored, run_tasks):
    run_tasks()
    default_storage.delete(stored.page_path(2))
    default_storage.save(stored.page_path(2), ContentFile(b"half of an ima"))
    StoredFile.objects.filter(pk=stored.pk).update(rendered_pages=1)
    render_pages.func(stored.pk)
    stored.refresh_from_db()
    assert stored.rendered_pages == 2
    assert size_of_page(stored, 2) == (1131, 1600)
    folder = stored.page_path(1).rpartition("/")[0]
    assert sorted(default_storage.listdir(folder)[1]) == ["1.webp", "2.webp"]


def test_a_file_removed_before_the_worker_came_is_left_alone(dossier, owner, stored, run_tasks):
    remove_file(dossier.files.get(), by=owner)
    run_tasks()
    assert not default_storage.exists(stored.page_path(1))
