"""Every official document is PDF/A-3a and PDF/UA-1 at once: veraPDF says so."""

from pathlib import Path

import pypdfium2
import pytest

from candidates.models import Candidate
from cqp.documents.rendering import render_pdf
from cqp.documents.services import render_document
from cqp.models import Document
from cqp.models.documents import kinds
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from evaluations.register.services import issue_register
from tests import factories as make
from tests.evaluations.jury.scene import add_candidate, decided, make_scene, sitting
from tests.verapdf import failures

pytestmark = pytest.mark.slow

# Polynesian and Vietnamese letters, an apostrophe, a ligature; a name beyond sixty letters.
NAMES = [
    ("ʻŌtuʻu-N'Guessan", "Hīnano, Teʻura", 1988, None, None),
    ("Nguyễn Thị Ngọc Ánh d’Ornano-Le Bœuf de la Vallée-Poussin Grandchamp", "Mai", 1991, 3, None),
]


@pytest.fixture
def documents(referentiel, run_tasks) -> list[Document]:
    """One of every kind at least, with hard names, divergences, reasons and a vote."""
    scene = make_scene(referentiel, candidates=0)
    for birth_name, first_names, year, month, day in NAMES:
        candidate = make.make_candidate(scene.session.branch)
        values = {"birth_name": birth_name, "first_names": first_names, "birth_place": ""}
        values |= {"birth_year": year, "birth_month": month, "birth_day": day, "birth_country": "Viêt Nam"}
        Candidate.objects.filter(pk=candidate.pk).update(**values)
        candidate.refresh_from_db()
        add_candidate(scene, blocs=[1, 2, 3], candidate=candidate)
    add_candidate(scene, blocs=[1, 2], level=1)
    add_candidate(scene, blocs=[1], divergence=True)
    sitting(scene)
    for enrolment in scene.enrolments[:2]:
        for row in enrolment.enrolment_blocs.all():
            decided(scene, row)
    first, second = scene.enrolments[2].enrolment_blocs.all()
    decided(scene, first, "acquired", "Rattrapage : « l'essentiel » y est.")
    decided(scene, second)
    decided(scene, scene.enrolments[3].enrolment_blocs.get(), "adjourned", "Une pièce manque.")
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    issue_register(scene.session.branch, by=scene.admin)
    make.submit(
        make.make_enrolment(make.make_session(referentiel)).enrolment_blocs.first().dossiers.get(), receipt=True
    )
    run_tasks()
    for document in Document.objects.filter(sha256=""):
        render_document.call(document.pk)  # The receipt of the factory, which no task was asked for.
    return list(Document.objects.all())


def write(documents: list[Document], folder: Path) -> list[Path]:
    paths = []
    for document in documents:
        paths.append(folder / document.file_name)
        paths[-1].write_bytes(bytes(document.bytes))
    return paths


@pytest.mark.django_db
def test_every_kind_is_pdf_a_3a_and_pdf_ua_1(documents, tmp_path):
    assert {document.kind for document in documents} == set(kinds.keys())
    assert {name: broken for name, broken in failures(write(documents, tmp_path)).items() if broken} == {}


@pytest.mark.django_db
def test_no_letter_of_a_name_is_missing(documents):
    """Letters alone are compared: a long name goes over the line."""
    texts = [letters(document) for document in documents if document.kind == "certificate"]
    for birth_name, *_ in NAMES:
        wanted = "".join(one for one in birth_name if one.isalpha())
        assert any(wanted in text for text in texts), birth_name


def letters(document: Document) -> str:
    pages = pypdfium2.PdfDocument(bytes(document.bytes))
    return "".join(one for page in pages for one in page.get_textpage().get_text_range() if one.isalpha())


def test_the_validator_finds_what_is_broken(tmp_path):
    """A form can be filled, and is no PDF/A; a file without a title is no PDF/UA."""
    (tmp_path / "form.pdf").write_bytes(render_pdf("<html lang='fr'><title>t</title><input></html>", forms=True))
    (tmp_path / "bare.pdf").write_bytes(make.make_pdf())
    found = failures([tmp_path / "form.pdf", tmp_path / "bare.pdf"])
    assert any(one.startswith("PDFA_3_A") for one in found["form.pdf"])
    assert {one.partition(" ")[0] for one in found["bare.pdf"]} == {"PDFA_3_A", "PDFUA_1"}
