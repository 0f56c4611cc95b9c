"""The pages of a PDF as images: what is read on screen, never the file itself. Derived, they can be made again."""

import io
import logging

import pypdfium2 as pdfium
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.tasks import task

from cqp import files
from cqp.models import StoredFile

DPI = 150
LONG_SIDE = 1600  # pixels
QUALITY = 75

log = logging.getLogger(__name__)


@task
def render_pages(pk: int) -> None:
    """Make the WebP images of a stored PDF's pages (150 dpi, at most 1600 pixels on the long side).

    `rendered_pages` counts those that are made, as it goes. Idempotent: complete, it does nothing; interrupted, it
    starts over. A page that cannot be drawn is left out and logged. A file removed meanwhile leaves nothing behind.
    """
    stored = StoredFile.objects.filter(pk=pk).first()
    if stored is None or stored.rendered_pages == stored.pages:
        return
    done = 0
    with stored.file.open("rb") as content:
        document = pdfium.PdfDocument(content.file)
        try:
            document.init_forms()
            for number in range(1, len(document) + 1):
                try:
                    image = page_image(document, number)
                except (pdfium.PdfiumError, ValueError, OSError, MemoryError):
                    log.warning("Page %s of file %s cannot be drawn.", number, stored.key)
                    continue
                path = stored.page_path(number)
                default_storage.delete(path)
                default_storage.save(path, ContentFile(image))
                done += 1
                if not StoredFile.objects.filter(pk=pk).update(rendered_pages=done):
                    files.discard(stored)
                    return
        finally:
            document.close()


def page_image(document: pdfium.PdfDocument, number: int) -> bytes:
    """Return page `number` (from 1) as WebP. Raises PdfiumError or ValueError when it cannot be drawn."""
    page = document[number - 1]
    try:
        width, height = page.get_size()
        if min(width, height) <= 0:
            raise ValueError("The page has no size.")
        bitmap = page.render(scale=min(DPI / 72, LONG_SIDE / max(width, height)))
        try:
            out = io.BytesIO()
            bitmap.to_pil().convert("RGB").save(out, "WEBP", quality=QUALITY)
        finally:
            bitmap.close()
    finally:
        page.close()
    return out.getvalue()
