"""The assembled dossier: one PDF, one numbering, whatever was sent."""

import io
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from candidates.dossiers.assembly import assemble
from candidates.dossiers.submission import submit_dossier
from candidates.dossiers.tasks import assemble_dossier
from candidates.models import Answer, Dossier, WithdrawnPage
from cqp.models import StoredFile
from tests.candidates.dossiers.scene import ON_HONOUR, add_checked, fill, item, pdf, stored_paths
from tests.cqp.files.uploads import make_docx, make_image, make_written_pdf
from tests.factories import make_admin, make_enrolment, make_pdf, make_session, submit


@pytest.fixture
def dossier(referentiel):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(referentiel), blocs=[1]))


@pytest.fixture
def lea(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@dataclass
class Made:
    content: bytes
    pages: int
    contents: list


def assembled(dossier) -> Made:
    with tempfile.TemporaryFile() as pdf:
        made = assemble(dossier, pdf)
        pdf.seek(0)
        return Made(pdf.read(), made.pages, made.contents)


def upload(name, content):
    return SimpleUploadedFile(name, content)


def texts(content: bytes, tmp_path) -> list[str]:
    (tmp_path / "a.pdf").write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], check=True, capture_output=True, text=True)
    if folder := os.environ.get("SHOTS"):
        subprocess.run(["pdftoppm", "-r", "50", "-png", tmp_path / "a.pdf", f"{folder}/assembly"], check=True)
    return done.stdout.split("\f")[:-1]


def test_answers_and_files_of_all_kinds_follow_the_trame_in_one_numbering(dossier, lea, tmp_path):
    Answer.objects.create(dossier=dossier, trame_item=item(dossier, 1), text="Mon **périmètre**\n\n- Nord\n- Sud")
    add_checked(dossier, item(dossier, 1), upload("Plan d'été.pdf", make_written_pdf("Page du plan", 3)), by=lea)
    add_checked(dossier, item(dossier, 2), upload("photo.jpg", make_image()), by=lea)
    add_checked(dossier, item(dossier, 2), upload("paysage.png", make_image("PNG", (1600, 900))), by=lea)
    add_checked(dossier, item(dossier, 3), upload("analyse.docx", make_docx("Mon analyse")), by=lea)
    add_checked(dossier, None, upload("tout.pdf", make_written_pdf("Le tout", 2)), by=lea)
    made = assembled(dossier)
    pages = texts(made.content, tmp_path)
    assert made.pages == len(pages)
    for number, text in enumerate(pages, 1):
        assert f"Page {number} sur {len(pages)}" in text
    first, second, third, fourth, whole = made.contents
    assert [part["title"] for part in made.contents] == [f"Rubrique {n}" for n in (1, 2, 3, 4)] + ["Pour tout le bloc"]
    assert (first["page"], first["pages"], second["page"]) == (3, 4, 7)
    assert "Nord" in pages[first["page"] - 1]
    assert "Page du plan" in pages[first["page"]]
    assert "Mon analyse" in pages[third["page"]]
    assert "Ni réponse écrite, ni fichier" in pages[fourth["page"] - 1]
    assert "Le tout" in pages[whole["page"]]
    contents = " ".join(pages[1].split())
    assert f"Plan d'été.pdf {first['page'] + 1}" in contents
    assert f"tout.pdf {whole['page'] + 1}" in contents
    with pikepdf.open(io.BytesIO(made.content)) as found, found.open_outline() as outline:
        marks = [(one.title, [child.title for child in one.children]) for one in outline.root]
        shapes = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in found.pages]
    assert marks[1] == ("Rubrique 1", ["Plan d'été.pdf"])
    assert shapes.count(True) == 1


def test_a_long_answer_pushes_what_follows_and_the_contents_say_so(dossier, lea, tmp_path):
    Answer.objects.create(
        dossier=dossier, trame_item=item(dossier, 1), text="\n\n".join(["Un paragraphe assez long. " * 12] * 60)
    )
    for n in range(30):
        add_checked(
            dossier, item(dossier, 2), upload(f"fichier-{n}-{'x' * 150}.pdf", make_written_pdf(f"Fichier {n}")), by=lea
        )
    made = assembled(dossier)
    pages = texts(made.content, tmp_path)
    first, second, *_ = made.contents
    assert first["pages"] > 1
    assert pages[first["page"] - 1].split("\n")[0].strip() == "Rubrique 1"
    assert pages[second["page"] - 1].split("\n")[0].strip() == "Rubrique 2"
    assert all("Un paragraphe" in page for page in pages[first["page"] - 1 : second["page"] - 1])
    front = " ".join(" ".join(pages[: first["page"] - 1]).split())
    assert f"Rubrique 1 {first['page']} " in front
    last = made.contents[2]["page"] - 1
    assert "Fichier 29" in pages[last - 1]
    assert str(last) in front


def test_what_was_typed_in_the_fields_of_a_pdf_is_in_the_assembly(dossier, lea, tmp_path):
    with pikepdf.open(io.BytesIO(make_pdf("Formulaire"))) as form:
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("nom"),
            V=pikepdf.String("Valeur tapee"), DA=pikepdf.String("/Helv 12 Tf 0 g"),
            Rect=pikepdf.Array([100, 300, 400, 330]), F=4,
        )  # fmt: skip
        held = form.make_indirect(field)
        form.pages[0].obj["/Annots"] = pikepdf.Array([held])
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        form.Root["/AcroForm"] = pikepdf.Dictionary(
            Fields=pikepdf.Array([held]), NeedAppearances=True,
            DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=form.make_indirect(font))),
        )  # fmt: skip
        out = io.BytesIO()
        form.save(out)
    add_checked(dossier, None, upload("formulaire.pdf", out.getvalue()), by=lea)
    assert "Valeur tapee" in "".join(texts(assembled(dossier).content, tmp_path))


@pytest.mark.parametrize("box", [(0, 0, 40, 40), (0, 0, 5000, 2000), (100, 100, 400, 900)])
def test_odd_pages_fit_on_a4(dossier, lea, box, tmp_path):
    with pikepdf.open(io.BytesIO(make_pdf("Étrange"))) as odd:
        odd.pages[0].mediabox = pikepdf.Array(box)
        odd.pages[0].obj["/Rotate"] = 90
        out = io.BytesIO()
        odd.save(out)
    add_checked(dossier, None, upload("a.pdf", out.getvalue()), by=lea)
    with pikepdf.open(io.BytesIO(assembled(dossier).content)) as made:
        assert {tuple(sorted(round(float(side)) for side in page.mediabox[2:])) for page in made.pages} == {(595, 842)}


def test_handing_in_makes_the_assembly_and_its_images(dossier, lea, run_tasks):
    fill(dossier, lea)
    submit_dossier(dossier, by=lea, declaration=ON_HONOUR)
    run_tasks()
    dossier.refresh_from_db()
    assert dossier.assembly is not None
    assert (dossier.assembly.state, dossier.assembly.rendered_pages) == ("ready", dossier.assembly.pages)
    before = dossier.assembly_id
    assemble_dossier.func(dossier.pk)
    dossier.refresh_from_db()
    assert dossier.assembly_id == before


def test_each_page_of_photos_weighs_120_kb_at_most(dossier, lea, run_tasks):
    """Noise, which compresses worse than any photo of paper."""
    Answer.objects.create(dossier=dossier, trame_item=item(dossier, 1), text="De quoi lire. " * 900)
    for n in range(2):
        out = io.BytesIO()
        Image.effect_noise((1240, 1754), 90).convert("RGB").save(out, "JPEG", quality=90)
        add_checked(dossier, None, upload(f"photo-{n}.jpg", out.getvalue()), by=lea)
    submit_dossier(dossier, by=lea, declaration=ON_HONOUR)
    run_tasks()
    dossier.refresh_from_db()
    stored = dossier.assembly
    weights = [default_storage.size(stored.page_path(number)) for number in stored.page_numbers]
    assert len(weights) == stored.pages
    assert max(weights) <= 120_000


def test_tick_asks_once_for_the_assembly_that_a_dossier_lacks(dossier, lea, run_tasks):
    fill(dossier, lea)
    submit(dossier)
    for _ in range(2):
        call_command("tick")
    assert DBTaskResult.objects.filter(task_path=assemble_dossier.module_path).count() == 1
    run_tasks()
    dossier.refresh_from_db()
    assert dossier.assembly is not None
    call_command("tick")
    assert DBTaskResult.objects.filter(task_path=assemble_dossier.module_path).count() == 1


def test_a_draft_is_not_assembled(dossier, lea):
    fill(dossier, lea)
    assemble_dossier.func(dossier.pk)
    dossier.refresh_from_db()
    assert dossier.assembly is None


def test_a_page_withdrawn_while_the_dossier_is_assembled_is_left_to_the_next_task(
    dossier, lea, branch, run_tasks, monkeypatch
):
    fill(dossier, lea)
    submit(dossier)
    made = assembled(dossier)

    def meanwhile(found, pdf):
        WithdrawnPage.objects.create(dossier=found, number=4, reason="Un nom", by=make_admin(branch))
        return made

    monkeypatch.setattr("candidates.dossiers.tasks.assemble", meanwhile)
    before = stored_paths()
    assemble_dossier.func(dossier.pk)
    dossier.refresh_from_db()
    assert dossier.assembly is None
    assert stored_paths() == before


def test_sixty_files_have_each_their_line_and_their_page(dossier, lea, tmp_path):
    for n in range(60):
        add_checked(
            dossier, item(dossier, 1 + n % 4), upload(f"L'été {n:02}.pdf", make_written_pdf(f"No {n:02}")), by=lea
        )
    made = assembled(dossier)
    pages = texts(made.content, tmp_path)
    front = "\n".join(pages[: made.contents[0]["page"] - 1])
    for n in range(60):
        (page,) = re.findall(rf"L'été {n:02}\.pdf +(\d+)", front)
        assert f"No {n:02}" in pages[int(page) - 1]


def test_the_title_and_the_language_are_those_of_the_dossier(dossier, lea):
    with pikepdf.open(io.BytesIO(assembled(dossier).content)) as made, made.open_metadata() as metadata:
        assert metadata["dc:title"] == f"Dossier du bloc 1, {dossier.enrolment_bloc.enrolment.candidate.display_name}"
        assert str(made.Root.Lang) == "fr-FR"


def test_a_withdrawn_page_is_replaced_by_a_notice_and_moves_nothing(dossier, lea, branch, tmp_path):
    fill(dossier, lea)
    before = assembled(dossier)
    number = before.contents[1]["page"] + 1
    WithdrawnPage.objects.create(dossier=dossier, number=number, reason="Nom d'un client", by=make_admin(branch))
    after = assembled(dossier)
    assert (after.pages, after.contents) == (before.pages, before.contents)
    old, new = texts(before.content, tmp_path), texts(after.content, tmp_path)
    assert "Page retirée le" in new[number - 1]
    assert str(timezone.localdate().year) in new[number - 1]
    assert "client" not in new[number - 1]
    assert [page for n, page in enumerate(old, 1) if n != number] == [
        page for n, page in enumerate(new, 1) if n != number
    ]


def test_files_that_were_refused_are_left_out(dossier, lea):
    fill(dossier, lea)
    StoredFile.objects.filter(name="r2.pdf").update(state="refused", refusal="Illisible.")
    assert [part["pages"] for part in assembled(dossier).contents][1] == 0  # beside the next heading


def test_headings_without_anything_share_a_page_and_a_dossier_numbered_before_stays(dossier, lea):
    add_checked(dossier, None, pdf("Tout.pdf", text="Tout le bloc"), by=lea)
    made = assembled(dossier)
    last = len(made.contents) - 1
    assert [part["pages"] for part in made.contents] == [*[0] * last, 2]
    assert {part["page"] for part in made.contents} == {made.contents[0]["page"]}
    dossier.contents = made.contents
    assert assembled(dossier).contents == made.contents
    dossier.contents = [part | {"pages": 1} for part in made.contents]  # as it was numbered: a page each
    assert [part["pages"] for part in assembled(dossier).contents] == [*[1] * last, 2]
