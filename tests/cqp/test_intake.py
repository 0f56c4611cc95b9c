"""What the worker makes of a file: checked, made harmless, turned into a PDF, drawn; or refused with what to do."""

import io
import socket
import subprocess
import threading
import time

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from cqp import office
from cqp.files import BadFile, inspect
from cqp.intake import take_in
from cqp.models import StoredFile
from cqp.page_images import MAX_WEIGHT, light_webp
from tests import clamav
from tests.cqp.received import (
    make_acting_pdf,
    make_docx,
    make_image,
    reading,
    taken_in,
    upload,
    with_entries,
)
from tests.factories import make_pdf

pytestmark = pytest.mark.django_db


def action(kind, **more):
    return Dictionary(Type=Name.Action, S=Name(kind), **more)


def annotate(pdf, subtype, **more):
    page = pdf.pages[0]
    annotation = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=Array([0, 0, 9, 9]), **more)
    page.obj["/Annots"] = Array([pdf.make_indirect(annotation)])


def script_at_opening(pdf):
    pdf.Root["/OpenAction"] = action("/JavaScript", JS=String("app.alert(1)"))


def named_script(pdf):
    names = Array([String("a"), action("/JavaScript", JS=String("app.alert(1)"))])
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=names))


def launch_on_touch(pdf):
    annotate(pdf, "/Link", A=action("/Launch", F=String("calc.exe")))


def script_after_a_link(pdf):
    annotate(pdf, "/Link", A=action("/URI", URI=String("https://a.fr"), Next=action("/JavaScript", JS=String("x"))))


def script_on_a_page(pdf):
    pdf.pages[0].obj["/AA"] = Dictionary(O=action("/JavaScript", JS=String("x")))


def file_inside(pdf):
    pdf.attachments["secret.exe"] = b"MZ"


def attached_file(pdf):
    annotate(pdf, "/FileAttachment", FS=Dictionary(F=String("a.exe")))


def form_that_sends(pdf):
    field = Dictionary(FT=Name.Btn, T=String("b"), A=action("/SubmitForm", F=String("https://a.fr")))
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([pdf.make_indirect(field)]), XFA=String("<xdp/>"))


ACTING = [
    (script_at_opening, "JavaScript"),
    (named_script, "JavaScript"),
    (launch_on_touch, "lancement d'un programme"),
    (script_after_a_link, "JavaScript"),
    (script_on_a_page, "JavaScript"),
    (file_inside, "fichier inclus"),
    (attached_file, "fichier inclus"),
    (form_that_sends, "formulaire XFA"),
]


# --- PDF -----------------------------------------------------------------------------------------------------------


def test_a_plain_pdf_is_read_as_it_came():
    stored = taken_in(make_pdf("Bonjour", 3))
    assert (stored.state, stored.converted, stored.quarantine, stored.pages) == ("ready", False, "", 3)


@pytest.mark.parametrize(("change", "words"), ACTING, ids=[change.__name__ for change, _ in ACTING])
def test_what_acts_in_a_pdf_is_taken_out_of_what_is_read_and_the_original_is_put_in_quarantine(change, words):
    content = make_acting_pdf(change)
    stored = taken_in(content)
    assert (stored.state, stored.converted) == ("ready", True)
    assert words in stored.quarantine
    with stored.file.open("rb") as original:
        assert original.read() == content
    clean = reading(stored)
    bytes_of_it = io.BytesIO()
    clean.save(bytes_of_it, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for mark in (b"/JavaScript", b"/Launch", b"/SubmitForm", b"/EmbeddedFile", b"/XFA", b"app.alert"):
        assert mark not in bytes_of_it.getvalue()
    assert stored.pages == 1


def test_an_ordinary_link_stays_in_a_pdf():
    stored = taken_in(make_acting_pdf(lambda pdf: annotate(pdf, "/Link", A=action("/URI", URI=String("https://a.fr")))))
    assert (stored.quarantine, stored.converted) == ("", False)


def test_a_page_tree_of_20_000_pages_is_refused_before_it_is_read():
    with pikepdf.new() as pdf:
        for _ in range(20_000):
            pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out)
    with pytest.raises(BadFile, match=r"20000 pages ; la limite est de 500\. Gardez"):
        inspect(upload(out.getvalue()))


# --- Photos --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_becomes_a_page_of_a4(kind):
    stored = taken_in(make_image(kind), "photo.bin")
    assert (stored.state, stored.pages, stored.converted) == ("ready", 1, True)
    assert stored.name == f"photo.bin{'.jpg' if kind == 'JPEG' else '.png'}"
    pdf = reading(stored)
    assert [float(side) for side in pdf.pages[0].mediabox[2:]] == [595, 842]


def test_a_photo_taken_sideways_is_turned_upright_and_says_no_more_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: the top is on the right
    exif.get_ifd(0x8825)[1] = "N"
    content = make_image(size=(1200, 900), exif=exif)
    assert b"Exif" in content
    stored = taken_in(content)
    pdf = reading(stored)
    page = pdf.pages[0]
    assert float(page.mediabox[3]) > float(page.mediabox[2])
    jpeg = bytes(page.Resources.XObject.Im0.read_raw_bytes())
    assert b"Exif" not in jpeg
    upright = Image.open(io.BytesIO(jpeg))
    assert upright.size[1] > upright.size[0]
    assert upright.convert("L").getpixel((upright.width - 5, upright.height // 2)) < 100  # the band has turned


def test_a_large_photo_is_made_smaller_and_a_landscape_one_gets_a_landscape_page():
    stored = taken_in(make_image(size=(6000, 4000)))
    pdf = reading(stored)
    page = pdf.pages[0]
    assert float(page.mediabox[2]) > float(page.mediabox[3])
    assert max(int(page.Resources.XObject.Im0.Width), int(page.Resources.XObject.Im0.Height)) <= 2340


@pytest.mark.parametrize("size", [(50_000, 100), (9_000, 9_000)])
def test_an_image_with_too_many_pixels_is_refused_without_being_decoded(size, monkeypatch):
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(BadFile, match=r"trop de pixels \(\d+ × \d+\)\. Reprenez la photo"):
        inspect(upload(out.getvalue()))


def test_a_photo_cut_short_is_refused_with_what_to_do():
    content = make_image(size=(1500, 2000))
    stored = taken_in(content[: len(content) // 2])
    assert stored.state == "refused"
    assert "Reprenez la photo" in stored.refusal


# --- Office documents ----------------------------------------------------------------------------------------------


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


def test_an_odt_becomes_a_pdf(tmp_path):
    (tmp_path / "a.docx").write_bytes(make_docx("Texte"))
    office.run_confined(
        ["soffice", "--headless", f"-env:UserInstallation=file://{office.inside(tmp_path)}/p", "--convert-to", "odt",
         "--outdir", office.inside(tmp_path), f"{office.inside(tmp_path)}/a.docx"],
        tmp_path,
    )  # fmt: skip
    stored = taken_in((tmp_path / "a.odt").read_bytes(), "a.odt")
    assert (stored.state, stored.type, stored.name) == ("ready", "application/vnd.oasis.opendocument.text", "a.odt")


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


def test_what_runs_confined_reaches_neither_the_network_nor_the_site_s_files(tmp_path, settings):
    assert office.bubblewrap(), "bubblewrap does not work here"
    secret = settings.VAR_DIR / "secret-key"
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: listener.accept(), daemon=True).start()
    port = listener.getsockname()[1]
    tries = (
        "import os, socket\n"
        f"print('files', os.path.exists({str(secret.parent)!r}), os.path.exists('/root'), os.path.exists('/home'))\n"
        f"try: socket.create_connection(('127.0.0.1', {port}), 2); print('network')\n"
        "except OSError: print('no network')\n"
        "print(sorted(os.environ))\n"
    )
    printed = office.run_confined(["/usr/bin/python3", "-c", tries], tmp_path)
    listener.close()
    assert "files False False False" in printed
    assert "no network" in printed
    assert "SECRET" not in printed


# --- The scanner ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scanner(tmp_path_factory):
    with clamav.running(tmp_path_factory.mktemp("clamav")) as address:
        yield address


def test_a_clean_file_is_scanned_and_says_by_what(scanner, settings):
    settings.CLAMD_SOCKET = scanner
    assert taken_in(make_pdf("Bonjour")).scan.startswith("ClamAV")


@pytest.mark.parametrize(
    "content",
    [
        make_acting_pdf(lambda pdf: pdf.Root.__setitem__("/Note", pdf.make_stream(clamav.EICAR))),
        with_entries(make_docx(), {"word/media/image.bin": clamav.EICAR}),
    ],
    ids=["pdf", "docx"],
)
def test_a_virus_is_refused_without_its_name_and_kept_for_the_administrator(scanner, settings, content):
    settings.CLAMD_SOCKET = scanner
    stored = taken_in(content)
    assert (stored.state, stored.quarantine) == ("refused", "virus : Eicar-Test.UNOFFICIAL")
    assert "dangereux" in stored.refusal
    assert "Eicar" not in stored.refusal
    assert stored.rendered_pages == 0
    assert stored.file.storage.exists(stored.file.name)


def test_where_the_scanner_is_required_a_file_waits_for_it(settings, scanner):
    settings.SCANNER_ABSENT, settings.CLAMD_SOCKET = "block", "/nowhere.sock"
    stored = taken_in(make_pdf("Bonjour"))
    assert stored.state == "checking"
    settings.CLAMD_SOCKET = scanner
    take_in.func(stored.pk)
    stored.refresh_from_db()
    assert (stored.state, bool(stored.scan)) == ("ready", True)


def test_where_it_only_warns_a_file_is_taken_and_marked_as_not_scanned(settings):
    settings.SCANNER_ABSENT, settings.CLAMD_SOCKET = "warn", "127.0.0.1:1"
    stored = taken_in(make_pdf("Bonjour"))
    assert (stored.state, stored.scan) == ("ready", "")


# --- Pages ---------------------------------------------------------------------------------------------------------


def test_a_file_taken_in_twice_gives_the_same(run_tasks):
    stored = taken_in(make_image())
    StoredFile.objects.update(state="checking")
    take_in.func(stored.pk)
    run_tasks()
    stored.refresh_from_db()
    assert (stored.state, stored.pages, stored.rendered_pages) == ("ready", 1, 1)


def test_an_image_full_of_detail_still_weighs_what_was_promised():
    noise = Image.effect_noise((1600, 1131), 120).convert("RGB")
    assert len(light_webp(noise)) <= MAX_WEIGHT
