"""The seal of a branch: on its documents, and what it says of a file."""

import datetime as dt
import stat

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.tasks import TaskResultStatus
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cqp.documents.rendering import render_pdf
from cqp.documents.seals import SealKeyError, SealStatus, check_seal, import_key, key_file, make_key, seal
from cqp.models import Document, SealCertificate
from evaluations.publication.issuing import issue_minutes
from tests import factories as make
from tests.evaluations.jury.scene import all_decided, make_scene, sitting
from tests.verapdf import failures

pytestmark = pytest.mark.django_db
PAGE = "<!doctype html><html lang='fr'><title>Certificat</title><p>Bonjour.</p></html>"


@pytest.fixture
def branch(referentiel):
    make_key(referentiel.branch)
    return referentiel.branch


def sealed(branch) -> bytes:
    content, fingerprint = seal(render_pdf(PAGE), branch_id=branch.pk, branch_name=branch.name)
    assert fingerprint == SealCertificate.objects.get(branch=branch, retired_at=None).fingerprint
    return content


def test_without_a_key_a_file_stays_as_it_is(referentiel):
    assert seal(b"%PDF-1.7", branch_id=referentiel.branch_id, branch_name="B") == (b"%PDF-1.7", "")


def test_the_key_is_for_nobody_else_to_read(branch):
    assert stat.S_IMODE(key_file(branch.pk).stat().st_mode) == 0o600


@pytest.mark.slow
def test_a_sealed_file_is_intact_and_still_both_norms(branch, tmp_path):
    content = sealed(branch)
    found = check_seal(content)
    assert (found.status, found.certificate.branch) == (SealStatus.INTACT, branch)
    file = tmp_path / "sealed.pdf"
    file.write_bytes(content)
    assert failures([file]) == {"sealed.pdf": []}


def test_one_byte_changed_is_found(branch):
    content = bytearray(sealed(branch))
    place = content.index(b"/MediaBox")
    content[place + 12] ^= 1
    assert check_seal(bytes(content)).status == SealStatus.ALTERED


def test_what_is_added_after_the_seal_is_found(branch, tmp_path):
    content = sealed(branch)
    assert check_seal(content + b"\n% more").status == SealStatus.ALTERED
    (tmp_path / "a.pdf").write_bytes(content)
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        pdf.docinfo["/Title"] = "Autre"
        pdf.save(tmp_path / "b.pdf")
    assert check_seal((tmp_path / "b.pdf").read_bytes()).status in (SealStatus.ALTERED, SealStatus.NOTHING)


def test_the_seal_of_somebody_else_is_foreign(branch):
    content = sealed(branch)
    SealCertificate.objects.all().delete()
    assert check_seal(content).status == SealStatus.FOREIGN


def test_a_document_sealed_by_an_earlier_key_still_holds(branch):
    content = sealed(branch)
    make_key(branch)
    assert check_seal(content).status == SealStatus.INTACT
    assert SealCertificate.objects.filter(retired_at=None).count() == 1
    assert check_seal(sealed(branch)).certificate.retired_at is None


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"not a PDF", b"%PDF-1.7 /ByteRange [0 1]", bytes(range(256)) * 9]
)
def test_a_hostile_file_says_nothing_and_breaks_nothing(branch, content):
    assert check_seal(content).status in (SealStatus.NOTHING, SealStatus.ALTERED)


def test_a_key_comes_from_a_file(branch):
    content = key_file(branch.pk).read_bytes()
    other = make.make_branch("autre")
    assert import_key(other, content).branch == other
    for bad in (
        b"not a key",
        pkcs12.serialize_key_and_certificates(b"x", None, certificate(content), None, NoEncryption()),
    ):
        with pytest.raises(SealKeyError):
            import_key(branch, bad)
    with pytest.raises(CommandError):
        call_command("seal", "unknown")
    call_command("seal", branch.code)
    assert SealCertificate.objects.filter(branch=branch).count() == 1


def certificate(content: bytes) -> x509.Certificate:
    _, found, _ = pkcs12.load_key_and_certificates(content, None)
    return found


@pytest.fixture
def minutes(branch, run_tasks):
    referentiel = branch.referentiels.get()
    scene = all_decided(sitting(make_scene(referentiel)))
    issued = issue_minutes(scene.session, scene.admin)
    run_tasks()
    return Document.objects.get(pk=issued.document_id)


def test_a_document_is_sealed_and_verify_says_when_it_no_longer_holds(binding, minutes, capsys, settings, tmp_path):
    settings.VAR_DIR = tmp_path  # Where checkpoints are noted.
    assert minutes.seal == SealCertificate.objects.get().fingerprint
    call_command("verify")
    SealCertificate.objects.all().delete()
    with pytest.raises((SystemExit, CommandError)):
        call_command("verify")
    assert "son sceau ne tient plus" in capsys.readouterr().out


def test_the_page_of_verification_tells_what_a_seal_says(binding, minutes, client):
    url = reverse("verification")
    content = bytes(minutes.bytes)

    def told(file: bytes) -> str:
        return client.post(url, {"file": SimpleUploadedFile("d.pdf", file, "application/pdf")}).text.replace(
            "&#x27;", "'"
        )

    assert "pas qui l'a émis" in told(content)
    assert "il a été modifié depuis" in told(content + b" ")
    assert "n'est pas un document émis ici" in told(render_pdf(PAGE))
    foreign = make.make_branch("autre")
    make_key(foreign)
    other, _ = seal(render_pdf(PAGE), branch_id=foreign.pk, branch_name=foreign.name)
    assert "n'est pas au registre" in told(other)
    SealCertificate.objects.filter(branch=foreign).delete()
    assert "d'aucune branche d'ici" in told(other)


def test_a_document_waits_for_a_key_that_cannot_be_read_and_is_made_once_it_can(referentiel, branch, run_tasks):
    scene = all_decided(sitting(make_scene(referentiel)))
    key = key_file(branch.pk)
    content = key.read_bytes()
    key.write_bytes(b"damaged")
    document = issue_minutes(scene.session, scene.admin).document
    for _ in range(5):
        run_tasks()
        call_command("tick")
    document.refresh_from_db()
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED)
    assert (document.sha256, failed.count()) == ("", 3)
    key.write_bytes(content)
    failed.update(finished_at=timezone.now() - dt.timedelta(hours=2))
    call_command("tick")
    run_tasks()
    document.refresh_from_db()
    assert check_seal(bytes(document.bytes)).status == SealStatus.INTACT
    call_command("tick")
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.READY).exists()
