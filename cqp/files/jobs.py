"""What is done in a box with a file that was received, all by one warm process: PDFs, photos, office archives."""

from typing import Any, BinaryIO

import pikepdf
import pypdfium2 as pdfium
from PIL import Image

from cqp.core.file_kinds import OLE, is_photo, ole_kind
from cqp.core.refusals import RefusedError
from cqp.files import causes, office_archives, page_drawing, pdf_pages, pdf_sanitiser, photos
from cqp.files.remedies import NOT_READ

# Pillow reads its formats at the first use: once here, not in each run.
Image.init()

PDF = "application/pdf"


def identify(inputs: list[BinaryIO], output: None, *, accepted: list[str]) -> dict[str, Any]:
    """Return the `type` of a file, "" for none that is known here, and the `pages` of a PDF that is accepted."""
    [content] = inputs
    kind = _kind(content)
    pages = pdf_pages.count_pages(content) if kind == PDF and kind in accepted else None
    return {"type": kind, "pages": pages}


def _kind(content: BinaryIO) -> str:
    head = content.read(12)
    content.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    if is_photo(head):
        return photos.checked_type(content)
    if head.startswith(b"PK\x03\x04"):
        return office_archives.office_type(content)
    if head.startswith(OLE):
        raise RefusedError(causes.OLE_CAUSES[ole_kind(content.read())])
    return ""


def sanitise(inputs: list[BinaryIO], output: BinaryIO) -> dict[str, Any]:
    """Write the PDF that is read if it is not the original (`is_written`); return what was `removed`, and the `pages`."""
    [content] = inputs
    try:
        made = pdf_sanitiser.sanitise_pdf(content, output)
    except (*pdf_pages.UNREADABLE, pdf_sanitiser.TooComplexError) as error:
        raise RefusedError(NOT_READ) from error
    pages = _made_pages(output if made.is_written else content)
    return {"removed": made.removed, "is_written": made.is_written, "pages": pages}


def count_made_pages(inputs: list[BinaryIO], output: None) -> int:
    """Return the number of pages of a PDF that was made of a file."""
    return _made_pages(inputs[0])


def _made_pages(content: BinaryIO) -> int:
    content.seek(0)
    try:
        with pikepdf.open(content) as pdf:
            pages = len(pdf.pages)
    except pdf_pages.UNREADABLE as error:
        raise RefusedError(NOT_READ) from error
    if pages > pdf_pages.MAX_PAGES:
        raise RefusedError(pdf_pages.TOO_MANY_PAGES.format(pages=pages))
    return pages


def photo_to_pdf(inputs: list[BinaryIO], output: BinaryIO) -> int:
    """Write the PDF of a photo, and return its number of pages."""
    output.write(photos.image_to_pdf(inputs[0]))
    return 1


def draw_page(inputs: list[BinaryIO], output: BinaryIO, *, number: int) -> None:
    """Write page `number` (from 1) as WebP. Raises RefusedError when it cannot be drawn."""
    try:
        output.write(page_drawing.page_image(inputs[0], number))
    except (pdfium.PdfiumError, ValueError, OSError, IndexError) as error:
        raise RefusedError("Cette page ne peut pas être dessinée.") from error


def draw_notice(inputs: list[BinaryIO], output: BinaryIO, *, text: str) -> None:
    """Write a page that bears this sentence alone, as WebP."""
    output.write(page_drawing.notice_image(text))
