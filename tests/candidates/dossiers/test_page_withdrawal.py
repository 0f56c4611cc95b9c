"""A page withdrawn on a ground of confidentiality: nobody reads it any more, nothing else moves."""

import io

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.dossiers.page_withdrawal import withdraw_page, withdrawable_pages
from candidates.dossiers.submission import submit_dossier
from candidates.models import Answer, Dossier, WithdrawnPage
from cqp.evidence import journal
from cqp.models import JournalEntry, Mail, StoredFile
from tests.candidates.branch_pages import text
from tests.candidates.dossiers.scene import ON_HONOUR, add_checked, fill, item, verbs
from tests.cqp.files.uploads import make_written_pdf
from tests.factories import (
    assembled,
    make_admin,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
    submit,
)
from tests.replay import LASTING, replayed

REASON = "Le nom d'un client y figure."
YES = {"reason": REASON, "sure": "on"}


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def draft(referentiel):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(referentiel), blocs=[1]))


@replayed(fresh=LASTING)
def make_assembled(referentiel, run_tasks):
    """Handed in, assembled, drawn: a secret on page 5."""
    enrolment = make_enrolment(make_session(referentiel), blocs=[1])
    draft = Dossier.objects.get(enrolment_bloc__enrolment=enrolment)
    lea = draft.enrolment_bloc.enrolment.candidate.user
    secret = SimpleUploadedFile("clients.pdf", make_written_pdf("Client Dupont", 2))
    Answer.objects.create(dossier=draft, trame_item=item(draft, 1), text="Mon périmètre")
    add_checked(draft, item(draft, 1), secret, by=lea)
    fill(draft, lea)
    submit_dossier(draft, by=lea, declaration=ON_HONOUR)
    run_tasks()
    draft.refresh_from_db()
    return draft


@pytest.fixture
def dossier(referentiel, run_tasks):
    return make_assembled(referentiel, run_tasks)


def address(dossier, number):
    return reverse("branch:page_withdraw", args=[dossier.pk, number])


def streams(content: bytes) -> bytes:
    """All that a PDF holds, whether a page shows it or not."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return b"\n".join(one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream))


def test_the_page_is_gone_from_the_pdf_and_from_the_images_and_the_numbers_stay(
    dossier, admin, run_tasks, django_capture_on_commit_callbacks
):
    old, contents = dossier.assembly, dossier.contents
    with old.open_reading() as reading:
        assert streams(reading.read()).count(b"Client Dupont") == 2
    assert default_storage.exists(old.page_path(4))
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_page(dossier=dossier, number=4, reason=REASON, by=admin)
    run_tasks()
    dossier.refresh_from_db()
    assert dossier.assembly_id != old.pk
    assert (dossier.assembly.pages, dossier.assembly.rendered_pages, dossier.contents) == (
        old.pages,
        old.pages,
        contents,
    )
    with dossier.assembly.open_reading() as reading:
        assert streams(reading.read()).count(b"Client Dupont") == 1
    assert not StoredFile.objects.filter(pk=old.pk).exists()
    assert not default_storage.exists(old.file.name)
    assert not any(default_storage.exists(old.page_path(number)) for number in range(1, old.pages + 1))


def test_images_of_the_page_are_not_left_behind_in_what_pages_share(draft, admin, run_tasks):
    lea = draft.enrolment_bloc.enrolment.candidate.user
    with pikepdf.new() as pdf:
        shared = pikepdf.Dictionary()
        for name in ("/Im1", "/Im2"):
            stream = pdf.make_stream(name.encode() * 3)
            stream.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 9, 9]})
            shared[name] = stream
        resources = pdf.make_indirect(pikepdf.Dictionary(XObject=shared))
        for name in ("/Im1", "/Im2"):
            pdf.add_blank_page()
            pdf.pages[-1].obj.Resources = resources
            pdf.pages[-1].Contents = pdf.make_stream(f"q {name} Do Q".encode())
        out = io.BytesIO()
        pdf.save(out)
    add_checked(draft, None, SimpleUploadedFile("photos.pdf", out.getvalue()), by=lea)
    submit_dossier(draft, by=lea, declaration=ON_HONOUR)
    run_tasks()
    draft.refresh_from_db()
    last = draft.assembly.pages
    withdraw_page(dossier=draft, number=last, reason=REASON, by=admin)
    run_tasks()
    draft.refresh_from_db()
    with draft.assembly.open_reading() as reading:
        held = streams(reading.read())
    assert (b"/Im1/Im1" in held, b"/Im2/Im2" in held) == (True, False)


def test_it_leaves_a_trace_with_its_reason(dossier, admin):
    withdraw_page(dossier=dossier, number=4, reason=f" {REASON} ", by=admin)
    page = WithdrawnPage.objects.get()
    assert (page.number, page.reason, page.by) == (4, REASON, admin)
    assert verbs(dossier)[-1] == "dossier.page_withdrawn"
    stream = dossier.enrolment_bloc.enrolment.stream
    told = JournalEntry.objects.filter(stream=stream).order_by("seq").last().payload
    assert told == {"dossier": dossier.pk, "number": 4, "reason": REASON}
    assert journal.broken(stream) == []


def test_two_pages_withdrawn_one_after_the_other_are_both_gone(dossier, admin, run_tasks):
    for number in (4, 5):
        withdraw_page(dossier=dossier, number=number, reason=REASON, by=admin)
    run_tasks()
    dossier.refresh_from_db()
    with dossier.assembly.open_reading() as reading:
        assert b"Client Dupont" not in streams(reading.read())
    assert dossier.assembly.rendered_pages == dossier.assembly.pages


@pytest.mark.parametrize("number", [0, 1, 2, 99])
def test_neither_the_cover_nor_the_contents_nor_what_is_not_there_is_withdrawn(dossier, admin, number):
    with pytest.raises(ValidationError):
        withdraw_page(dossier=dossier, number=number, reason=REASON, by=admin)
    assert dossier.assembly_id == Dossier.objects.get(pk=dossier.pk).assembly_id


def test_a_page_is_withdrawn_once_and_with_a_reason(dossier, admin):
    with pytest.raises(ValidationError, match="pourquoi cette page"):
        withdraw_page(dossier=dossier, number=4, reason="  ", by=admin)
    withdraw_page(dossier=dossier, number=4, reason=REASON, by=admin)
    with pytest.raises(ValidationError, match="déjà retirée"):
        withdraw_page(dossier=dossier, number=4, reason=REASON, by=admin)
    assert WithdrawnPage.objects.count() == 1


def test_another_branch_withdraws_nothing(dossier):
    with pytest.raises(PermissionError):
        withdraw_page(dossier=dossier, number=4, reason=REASON, by=make_admin(make_branch()))
    assert not WithdrawnPage.objects.exists()


def test_a_draft_has_no_page_to_withdraw(draft):
    assert list(withdrawable_pages(draft)) == []


def test_its_evaluators_are_told_what_to_do_and_not_why(dossier, admin):
    session = dossier.enrolment_bloc.enrolment.session
    reads, left, other, unsigned = (make_evaluator(session, undertaking=n < 3) for n in range(4))
    interview = make_interview(dossier.enrolment_bloc, [reads, left, unsigned])
    interview.assignments.filter(appointment=left).update(state="replaced")
    Mail.objects.all().delete()
    withdraw_page(dossier=dossier, number=4, reason=REASON, by=admin)
    mail = Mail.objects.get()
    assert (mail.to, other.user.email != mail.to) == (reads.user.email, True)
    assert "La page 4 du dossier" in mail.body
    assert "client" not in mail.body
    assert "Dupont" not in mail.subject + mail.body


def test_the_administrator_withdraws_a_page_after_reading_that_it_is_for_good(client, draft, admin):
    stored = assembled(submit(draft), pages=3)
    client.force_login(admin)
    pages = client.get(reverse("branch:dossier_pages", args=[draft.pk]))
    assert address(draft, 2) in pages.text
    assert address(draft, 1) not in pages.text
    assert reverse("files:page", args=[stored.key, 3]) in pages.text
    assert "Une page retirée ne se remet pas." in text(client.get(address(draft, 2)))
    assert client.post(address(draft, 2), {"reason": REASON}).status_code == 422
    assert not WithdrawnPage.objects.exists()
    done = client.post(address(draft, 2), YES, follow=True)
    assert "La page 2 est retirée" in text(done)
    assert f"par {admin} : {REASON}" in text(done)
    assert "Le dossier est en préparation" in text(done)
    again = client.post(address(draft, 2), YES)
    assert again.status_code == 422
    assert "déjà retirée" in text(again)


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_are_read_in_as_many_queries_whatever_their_number(
    client, draft, admin, count, django_assert_num_queries
):
    assembled(submit(draft), pages=10 * count)
    for number in range(2, 2 + count):
        WithdrawnPage.objects.create(dossier=draft, number=number, reason=REASON, by=admin)
    client.force_login(admin)
    client.get(reverse("branch:dossier_pages", args=[draft.pk]))
    with django_assert_num_queries(6):
        client.get(reverse("branch:dossier_pages", args=[draft.pk]))
