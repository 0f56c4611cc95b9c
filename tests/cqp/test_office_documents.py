"""DOCX and ODT: what is refused of them, what LibreOffice makes of the others, and what it cannot reach."""

import os
import socket
import subprocess
import time

import pypdfium2
import pytest

from cqp import office
from cqp.files import BadFile, inspect
from tests.cqp.received import (
    make_docx,
    make_odt,
    taken_in,
    upload,
    with_entries,
)

pytestmark = pytest.mark.django_db


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
    office.run_confined(
        [settings.SOFFICE, "--headless", f"-env:UserInstallation=file://{office.inside(tmp_path)}/p", "--convert-to", "odt",
         "--outdir", office.inside(tmp_path), f"{office.inside(tmp_path)}/a.docx"],
        tmp_path,
    )  # fmt: skip
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
    with pytest.raises(BadFile) as caught:
        inspect(upload(make_odt({name: content})))
    assert words in caught.value.message
    assert "format PDF" in caught.value.message


def test_an_odt_with_ordinary_links_is_accepted():
    links = b'<t:a x:href="https://a.fr">ici</t:a><i x:href="Pictures/1.png"/>'
    content = b'<a xmlns:x="http://www.w3.org/1999/xlink" xmlns:t="t">' + links + b"</a>"
    assert inspect(upload(make_odt({"content.xml": content}))).type.endswith("opendocument.text")


def test_a_spreadsheet_or_an_archive_is_refused_as_such():
    with pytest.raises(BadFile, match="pas d'un format accepté"):
        inspect(upload(make_odt({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})))


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
    with pytest.raises(BadFile) as caught:
        inspect(upload(content))
    assert words in caught.value.message
    assert "format PDF" in caught.value.message


def test_a_docx_inside_a_docx_inside_a_docx_is_refused():
    inner = with_entries(make_docx(), {"word/embeddings/a.docx": make_docx()})
    assert inspect(upload(inner)).type.endswith("document")
    with pytest.raises(BadFile, match="beaucoup trop"):
        inspect(upload(with_entries(make_docx(), {"word/embeddings/b.docx": inner})))


def test_a_docx_with_ordinary_links_is_accepted():
    links = RELATIONSHIPS.format(kind="hyperlink", target="https://a.fr").encode()
    assert inspect(upload(with_entries(make_docx(), {"word/_rels/footnotes.xml.rels": links}))).pages is None


def test_a_document_that_libreoffice_cannot_read_in_time_is_refused_with_what_to_do(settings):
    settings.OFFICE_SECONDS = 0.05
    stored = taken_in(make_docx())
    assert stored.state == "refused"
    assert "Enregistrer sous" in stored.refusal


def test_a_program_that_takes_too_long_is_killed_with_its_children(settings, tmp_path):
    settings.OFFICE_SECONDS = 0.5
    with pytest.raises(office.NotConverted):
        office.run_confined(["/bin/sh", "-c", "sleep 61.75 & sleep 61.75"], tmp_path)
    deadline = time.monotonic() + 10
    while subprocess.run(["pgrep", "-f", "^sleep 61.75"], check=False, capture_output=True).stdout:
        assert time.monotonic() < deadline, "still running"


def test_where_libreoffice_is_not_installed_office_documents_are_refused_with_a_way_out(settings):
    settings.SOFFICE = ""
    with pytest.raises(BadFile, match=r"\(PDF, JPEG ou PNG\)\. Ouvrez-le, choisissez « Enregistrer sous »"):
        inspect(upload(make_docx()))


@pytest.fixture
def tried(tmp_path, tmp_path_factory, monkeypatch):
    """Return a function that gives what a confined program prints when it tries to reach what is not its own."""
    secret = tmp_path_factory.mktemp("site") / "secret-key"
    secret.write_text("of the site")
    monkeypatch.setenv("SECRET_KEY", "of the environment")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = (
            f"cat {secret}; [ -e /root ] && echo a home; (exec 3<>/dev/tcp/127.0.0.1/{port}) && echo the network; "
            "echo user $(id -u); env; touch /usr/made /etc/made /made && echo wrote"
        )
        yield lambda: office.run_confined(["/bin/bash", "-c", script], tmp_path)


def test_libreoffice_reaches_neither_the_network_nor_the_site_s_files(tried):
    printed = tried()
    # Where namespaces are not allowed (some containers), the rest must hold.
    apart = ("of the site", "a home", "the network") if office.bubblewrap() else ()
    for reached in (*apart, "of the environment", "user 0", "wrote"):
        assert reached not in printed


def test_without_bubblewrap_libreoffice_is_not_root_and_still_converts(tried, monkeypatch):
    monkeypatch.setattr(office, "bubblewrap", lambda: ())
    assert taken_in(make_docx()).pages == 1
    printed = tried()
    for reached in ("of the environment", "user 0", "wrote"):
        assert reached not in printed
    if os.geteuid() == 0:
        assert "of the site" not in printed
