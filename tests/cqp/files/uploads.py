"""Files as people send them, good and bad, and what becomes of them."""

import io
import zipfile

import docx
import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cqp.core.file_kinds import OLE
from cqp.files import inspection, storage
from cqp.files.tasks import take_in
from cqp.models import StoredFile
from tests.factories import make_pdf, make_user


def upload(content: bytes, name: str = "dossier") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def taken_in(content: bytes, name: str = "dossier") -> StoredFile:
    """Receive a file and let the worker check it."""
    received = upload(content, name)
    with storage.storing_files() as storing:
        stored = storing.store(received, inspection.inspect_upload(received), by=make_user())
    take_in.func(stored.pk)
    stored.refresh_from_db()
    return stored


def reading(stored: StoredFile) -> pikepdf.Pdf:
    with stored.open_reading() as content:
        return pikepdf.open(io.BytesIO(content.read()))


def make_docx(*paragraphs: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for paragraph in paragraphs or ("Mon périmètre commercial",):
        document.add_paragraph(paragraph)
    document.save(out)
    return out.getvalue()


def with_entries(archive: bytes, entries: dict[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same zip with these entries added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", compress) as new:
        for name in old.namelist():
            if name not in entries:
                new.writestr(name, old.read(name))
        for name, content in entries.items():
            new.writestr(name, content)
    return out.getvalue()


def make_odt(entries: dict[str, bytes]) -> bytes:
    """What an ODT has at least, with these entries added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office:document-content xmlns:office='o'/>")
    return with_entries(out.getvalue(), entries)


def make_image(kind: str = "JPEG", size: tuple[int, int] = (900, 1200), **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "white")
    image.paste("navy", (0, 0, size[0], size[1] // 4))  # a band at the top, to see which way is up
    image.save(out, kind, **options)
    return out.getvalue()


def make_acting_pdf(change) -> bytes:
    """A PDF of one page to which `change(pdf)` adds something."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf("Page"))) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def make_written_pdf(text: str, pages: int = 1) -> bytes:
    """A PDF whose pages bear a text that can be searched."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        held = pdf.make_indirect(font)
        for _ in range(pages):
            page = pdf.add_blank_page(page_size=(595, 842))
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=held))
            page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode())
        pdf.save(out)
    return out.getvalue()


def make_ole(*streams: str) -> bytes:
    """What stands in an old office document where it is looked at: its mark, and the entries of its directory."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return OLE.ljust(512, b"\0") + bytes(1024) + entries


def make_zip(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()
