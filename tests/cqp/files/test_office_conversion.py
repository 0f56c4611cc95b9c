"""DOCX and ODT: what is refused of them, what LibreOffice makes of the others, and what it cannot reach."""

import subprocess

import pypdfium2
import pytest

from cqp.files.inspection import FileRefused, inspect_upload
from cqp.sandbox import walls, warm
from tests.cqp.files.uploads import (
    make_docx,
    make_odt,
    taken_in,
    upload,
    with_entries,
)
from tests.cqp.sandbox.limits import limit

pytestmark = pytest.mark.django_db
CONVERT = "cqp.files.office_program.convert"


def test_a_docx_becomes_a_pdf_and_the_original_is_kept():
    content = make_docx("Élève à l'école", "Deuxième paragraphe")
    stored = taken_in(content, "Mon dossier.docx")
    assert (stored.state, stored.converted, stored.pages) == ("ready", True, 1)
    with stored.file.open("rb") as original:
        assert original.read() == content
    with stored.open_reading() as found:
        document = pypdfium2.PdfDocument(found.read())
        assert "Élève à l'école" in document[0].get_textpage().get_text_range().replace("’", "'")
        document.close()


def test_an_odt_becomes_a_pdf(tmp_path, settings):
    (tmp_path / "a.docx").write_bytes(make_docx("Texte"))
    command = [settings.SOFFICE, "--headless", f"-env:UserInstallation=file://{tmp_path}/p", "--convert-to", "odt"]
    subprocess.run([*command, "--outdir", tmp_path, tmp_path / "a.docx"], check=True, capture_output=True)
    stored = taken_in((tmp_path / "a.odt").read_bytes(), "a.odt")
    assert (stored.state, stored.type, stored.name) == ("ready", "application/vnd.oasis.opendocument.text", "a.odt")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "content.xml",
            b'<a xmlns:x="http://www.w3.org/1999/xlink"><image x:href="https://a.fr/i.png"/></a>',
            "ailleurs",
        ),
        (
            "Object 1/content.xml",
            b'<a xmlns:x="http://www.w3.org/1999/xlink"><b x:href="../../c.odt"/></a>',
            "ailleurs",
        ),
        ("Basic/Standard/Module1.xml", b"<a/>", "macros"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>", "mot de passe"),
    ],
    ids=["image", "object", "macros", "locked"],
)
def test_an_odt_that_would_run_load_or_is_locked_is_refused_with_a_way_out(name, content, words):
    with pytest.raises(FileRefused) as caught:
        inspect_upload(upload(make_odt({name: content})))
    assert words in caught.value.message
    assert "format PDF" in caught.value.message


def test_an_odt_with_ordinary_links_is_accepted():
    links = b'<t:a x:href="https://a.fr">ici</t:a><i x:href="Pictures/1.png"/>'
    content = b'<a xmlns:x="http://www.w3.org/1999/xlink" xmlns:t="t">' + links + b"</a>"
    assert inspect_upload(upload(make_odt({"content.xml": content}))).type.endswith("opendocument.text")


def test_a_spreadsheet_or_an_archive_is_refused_as_such():
    with pytest.raises(FileRefused, match="un classeur de tableur, et les évaluateurs lisent des pages"):
        inspect_upload(upload(make_odt({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})))


RELATIONSHIPS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"word/vbaProject.bin": b"\xd0\xcf"}, "macros"),
        (
            {
                "word/_rels/settings.xml.rels": RELATIONSHIPS.format(
                    kind="attachedTemplate", target="http://a.fr/m.dotm"
                )
            },
            "va chercher des éléments ailleurs",
        ),
        (
            {"word/_rels/footer.xml.rels": RELATIONSHIPS.format(kind="oleObject", target="file:///etc/passwd")},
            "va chercher des éléments ailleurs",
        ),
        ({"../../../etc/cron.d/a": b"x"}, "abîmé"),
        ({"word/media/a.bin": b"0" * 80_000_000}, "beaucoup trop de données"),
        ({f"word/media/{n}": b"x" for n in range(2_100)}, "beaucoup trop de données"),
        ({"word/_rels/a.xml.rels": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}, "abîmé"),
    ],
    ids=["macros", "template", "ole", "path", "bomb", "entries", "entities"],
)
def test_a_docx_that_would_run_load_or_swell_is_refused_with_a_way_out(entries, words):
    content = with_entries(
        make_docx(), {name: text if isinstance(text, bytes) else text.encode() for name, text in entries.items()}
    )
    with pytest.raises(FileRefused) as caught:
        inspect_upload(upload(content))
    assert words in caught.value.message
    assert "format PDF" in caught.value.message


def test_a_docx_inside_a_docx_inside_a_docx_is_refused():
    inner = with_entries(make_docx(), {"word/embeddings/a.docx": make_docx()})
    assert inspect_upload(upload(inner)).type.endswith("document")
    with pytest.raises(FileRefused, match="beaucoup trop"):
        inspect_upload(upload(with_entries(make_docx(), {"word/embeddings/b.docx": inner})))


def test_a_docx_with_ordinary_links_is_accepted():
    links = RELATIONSHIPS.format(kind="hyperlink", target="https://a.fr").encode()
    assert inspect_upload(upload(with_entries(make_docx(), {"word/_rels/footnotes.xml.rels": links}))).pages is None


def test_a_document_that_libreoffice_cannot_read_in_time_is_refused_with_what_to_do(monkeypatch):
    limit(monkeypatch, CONVERT, wall=0.05)
    stored = taken_in(make_docx())
    assert stored.state == "refused"
    assert "Enregistrer sous" in stored.refusal


def test_where_libreoffice_is_not_installed_office_documents_are_refused_with_a_way_out(settings):
    settings.SOFFICE = ""
    with pytest.raises(FileRefused, match=r"\(PDF, JPEG, PNG, WEBP, HEIC ou AVIF\)\. Ouvrez-le, choisissez"):
        inspect_upload(upload(make_docx()))


def test_without_bubblewrap_libreoffice_still_converts(monkeypatch):
    monkeypatch.setattr(walls, "bubblewrap", lambda: ())
    monkeypatch.setattr(warm, "PROCESSES", {})
    assert taken_in(make_docx()).pages == 1
    warm.close_all()
