"""Whoever has a certificate in hand asks whether it is genuine; the branch voids one, and issues it again."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.privacy.erasure import erase_when_due
from cqp.models import Counter, Document, JournalEntry
from cqp.workflow import TransitionRefused
from evaluations.models import SessionDocument
from evaluations.publication.issuing import issue_minutes, void_certificate
from evaluations.publication.services import publish
from tests import factories as make
from tests.evaluations.documents.scene import text_of
from tests.evaluations.jury.scene import all_decided, make_scene, sitting
from tests.replay import LASTING, replayed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget(binding):
    cache.clear()


@replayed(fresh=LASTING)
def make_published(referentiel, run_tasks, bind):
    """A candidate with the whole CQP, published; the certificate is made."""
    candidate = make.make_candidate(referentiel.branch, birth_name="d'Ornano-Le Bœuf", first_names="Thị Mai")
    scene = all_decided(sitting(make_scene(referentiel, blocs=[1, 2, 3], candidate=candidate)))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    run_tasks()
    scene.certificate = SessionDocument.objects.select_related("document", "enrolment").get(
        document__kind="certificate"
    )
    bind()
    return scene


@pytest.fixture
def published(referentiel, run_tasks, binding):
    return make_published(referentiel, run_tasks, binding)


def pdf(content: bytes) -> dict:
    return {"file": SimpleUploadedFile("certificat.pdf", content, "application/pdf")}


def said(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("&#x27;", "'"))


def test_the_certificate_leads_to_its_page_and_the_page_says_what_it_says(client, published, settings):
    document = published.certificate.document
    text = text_of(bytes(document.bytes))
    grouped = "-".join(document.code[n : n + 4] for n in (0, 4, 8))
    address = f"{settings.SITE_URL}/verifier/{document.code}/"
    assert grouped in text
    assert address in re.sub(r"\s", "", text)
    response = client.get(reverse("verification"), {"code": f" {grouped.lower()} "}, follow=True)
    assert response.redirect_chain == [(f"/verifier/{document.code}/", 302)]
    page = said(response)
    assert "authentique et valable" in page
    for words in ("Manager d'équipe de vendeurs B to B", "d'Ornano-Le Bœuf", "Thị Mai", document.reference, "Bloc BC3"):
        assert words in page, words


def test_the_file_itself_is_recognised_and_no_other(client, published):
    document = published.certificate.document
    content = bytes(document.bytes)
    assert "à l'octet près" in said(client.post("/verifier/", pdf(content)))
    for altered in (content[:-1] + b" ", b"%PDF-1.7", b""):
        response = client.post("/verifier/", pdf(altered))
        assert response.status_code == 422
    other = Document.objects.exclude(pk=document.pk).exclude(sha256="").first()
    page = f"/verifier/{document.code}/"
    assert "à l'octet près" in said(client.post(page, pdf(content)))
    assert f"c'est un autre document : {other.reference}" in said(client.post(page, pdf(bytes(other.bytes))))


def test_an_erased_certificate_was_issued_and_is_not_said_to_be_valid(client, published, binding):
    session = published.session
    type(session).objects.filter(pk=session.pk).update(published_at=timezone.now() - dt.timedelta(days=365 * 11))
    candidate = published.enrolments[0].candidate
    assert erase_when_due(candidate, today=timezone.localdate())
    binding()
    page = said(client.get(f"/verifier/{published.certificate.document.code}/"))
    assert "Ce document a été émis, et son contenu est effacé." in page
    assert published.certificate.document.reference in page
    for words in ("valable", candidate.birth_name, "Personne effacée"):
        assert words not in page


def test_a_report_or_minutes_name_nobody(client, published):
    name = published.enrolments[0].candidate.birth_name
    for document in Document.objects.exclude(kind="certificate"):
        page = said(client.get(f"/verifier/{document.code}/"))
        assert document.reference in page
        assert name not in page


def test_codes_are_not_tried_one_after_the_other(client, published):
    document = published.certificate.document
    for n in range(20):
        assert client.get(f"/verifier/AAAA{n:08}/").status_code == 404
    assert client.get(f"/verifier/{document.code}/").status_code == 429
    assert client.get("/verifier/").status_code == 429


def test_a_voided_certificate_says_so_and_leads_to_the_new_one(client, published, run_tasks):
    old = published.certificate
    client.force_login(published.admin)
    page = f"/branche/documents/{old.pk}/annuler/"
    assert client.post(page, {"reason": " ", "again": "1"}).status_code == 409
    assert client.post(page, {"reason": "Perdu.", "again": "1"}).status_code == 302
    new = Document.objects.get(kind="certificate", supersedes=old.document)
    run_tasks()
    client.logout()
    gone = said(client.get(f"/verifier/{old.document.code}/"))
    assert "a été annulé" in gone
    assert f"remplacé par {new.reference}" in gone
    assert "authentique et valable" in said(client.get(f"/verifier/{new.code}/"))
    assert [new.number, Counter.objects.get(kind="certificate").last] == [2, 2]
    entry = JournalEntry.objects.get(verb="document.voided")
    assert (entry.payload["reason"], entry.actor) == ("Perdu.", published.admin)
    with pytest.raises(TransitionRefused):
        void_certificate(old, reason="Encore", again=True, by=published.admin)


def test_a_withdrawn_certificate_is_not_replaced(client, published):
    void_certificate(published.certificate, reason="Fraude établie.", again=False, by=published.admin)
    page = said(client.get(f"/verifier/{published.certificate.document.code}/"))
    assert "Il ne vaut plus rien" in page
    assert "remplacé" not in page
    for person in (published.jurors[0].user, make.make_admin(make.make_branch())):
        with pytest.raises(TransitionRefused):
            void_certificate(published.certificate, reason="X", again=False, by=person)
