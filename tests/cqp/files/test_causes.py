"""What is not accepted is refused by its cause, each with its own way out."""

import io
import subprocess

import pikepdf
import pytest
from django.conf import settings
from pikepdf import Array, Dictionary, String

from cqp.files.inspection import FileRefused, inspect_upload
from tests.cqp.files.corpus.chart import page_of
from tests.cqp.files.uploads import make_acting_pdf, make_docx, make_ole, make_zip, upload

MANIFEST = {"META-INF/manifest.xml": b"<manifest:encryption-data/>"}
SHEET, SLIDES = (f"application/vnd.oasis.opendocument.{kind}".encode() for kind in ("spreadsheet", "presentation"))


def refusal(content, name="dossier.pdf"):
    with pytest.raises(FileRefused) as caught:
        inspect_upload(upload(content, name))
    return caught.value.message


def locked_zip():
    content = bytearray(make_zip(**{"a.pdf": b"%PDF-1.4"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


CAUSES = {
    "doc": (make_ole("1Table", "WordDocument"), "ancien format de Word (.doc)", "le format PDF"),
    "xls": (make_ole("Workbook"), "ancien format d'Excel (.xls)", "le format PDF"),
    "old-xls": (make_ole("Book"), "ancien format d'Excel (.xls)", "le format PDF"),
    "ppt": (make_ole("PowerPoint Document"), "ancien format de PowerPoint (.ppt)", "le format PDF"),
    "msg": (make_ole("__properties_version1.0"), "message d'Outlook", "Imprimer"),
    "other": (make_ole("Contents"), "ancien format de bureautique", "le format PDF"),
    "locked-office": (
        make_ole("EncryptionInfo", "EncryptedPackage"),
        "chiffré par un mot de passe",
        "avec son mot de passe",
    ),
    "locked-ods": (
        make_zip(mimetype=SHEET, **MANIFEST),
        "classeur est protégé par un mot de passe",
        "avec son mot de passe",
    ),
    "locked-odp": (
        make_zip(mimetype=SLIDES, **MANIFEST),
        "diaporama est protégé par un mot de passe",
        "avec son mot de passe",
    ),
    "ods": (make_zip(mimetype=SHEET), "classeur de tableur", "le format PDF"),
    "xlsx": (
        make_zip(**{"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"}),
        "classeur de tableur",
        "le format PDF",
    ),
    "pptx": (make_zip(**{"ppt/presentation.xml": b"<a/>"}), "diaporama", "le format PDF"),
    "pages": (make_zip(**{"Index/Document.iwa": b"a"}), "Pages, Numbers ou Keynote", "« Exporter »"),
    "zip": (make_zip(**{"a.pdf": b"%PDF-1.4"}), "archive", "un par un"),
    "locked-zip": (locked_zip(), "archive", "un par un"),
    "empty-zip": (make_zip(), "archive", "un par un"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(600), "archive", "un par un"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(600), "archive", "un par un"),
    "video": (b"\x00\x00\x00\x18ftypmp42" + bytes(600), "vidéo", "des photos"),
    "html": (b"<!DOCTYPE html><p>Bonjour", "page web", "Imprimer"),
    "table": (b"  <table><tr><td>1</td></tr></table>", "page web", "Imprimer"),
    "html-of-16-bit": ("<html>".encode("utf-16"), "page web", "Imprimer"),
    "mhtml": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "page web", "Imprimer"),
}


@pytest.mark.parametrize(("content", "cause", "remedy"), CAUSES.values(), ids=list(CAUSES))
def test_the_cause_is_the_true_one_and_has_its_way_out(content, cause, remedy):
    message = refusal(content)
    assert cause in message
    assert remedy in message


def test_each_cause_has_its_own_sentence():
    kinds = ("doc", "xls", "ppt", "msg", "locked-office", "locked-ods", "ods", "pptx", "pages", "zip", "video", "html")
    assert len({refusal(CAUSES[kind][0]) for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("name", ["releve.xls", "RELEVE.XLSX"])
def test_a_web_page_with_the_name_of_a_spreadsheet_is_called_what_it_is(name):
    message = refusal(b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table></table>", name)
    assert "nom de tableur, mais c'est une page web" in message
    assert "avec votre tableur" in message


@pytest.mark.parametrize(
    ("extension", "cause"), [("doc:MS Word 97", "de Word (.doc)"), ("xls:MS Excel 97", "d'Excel (.xls)")]
)
def test_what_a_program_writes_in_an_old_format_is_called_so(extension, cause, tmp_path):
    end = extension.partition(":")[0]
    source = tmp_path / ("a.docx" if end == "doc" else "a.csv")
    source.write_bytes(make_docx() if end == "doc" else b"a;b\n1;2\n")
    command = [settings.SOFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path}/p", "--convert-to", extension]
    subprocess.run([*command, "--outdir", tmp_path, source], check=True, capture_output=True)
    assert cause in refusal((tmp_path / f"a.{end}").read_bytes())


def xfa(*, fields=(), rendering=False):
    def change(pdf):
        pdf.Root.AcroForm = Dictionary(Fields=Array(fields), XFA=pdf.make_stream(b"<xdp/>"))
        if rendering:
            pdf.Root.NeedsRendering = True

    return make_acting_pdf(change)


@pytest.mark.parametrize(
    "content", [xfa(), xfa(fields=[Dictionary(T=String("a"))], rendering=True)], ids=["empty", "rendered"]
)
def test_a_form_that_acrobat_alone_shows_is_refused_with_how_to_print_it(content):
    message = refusal(content)
    assert "formulaire XFA" in message
    assert "Please wait" in message
    assert "« Enregistrer au format PDF »" in message


def test_a_form_that_every_reader_shows_is_accepted_though_it_is_an_xfa_form_too():
    assert inspect_upload(upload(xfa(fields=[Dictionary(T=String("a"))]))).pages == 1


def test_a_form_without_xfa_is_accepted_though_it_is_empty():
    with pikepdf.open(io.BytesIO(page_of())) as pdf:
        pdf.Root.AcroForm = Dictionary(Fields=Array())
        out = io.BytesIO()
        pdf.save(out)
    assert inspect_upload(upload(out.getvalue())).pages == 1
