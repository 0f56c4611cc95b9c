"""The pages of a PDF as images: what is read on screen, never the file itself. Derived, they can be made again."""

import io
import logging

import pypdfium2 as pdfium
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.tasks import task
from PIL import Image

from cqp import files
from cqp.models import StoredFile

DPI = 150
LONG_SIDE = 1600  # pixels
QUALITY = 75
LOWEST_QUALITY = 50
METHOD = 2  # of WebP's encoder, 0 to 6: twice as quick as its default, for the same weight
MAX_WEIGHT = 120_000  # bytes

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
    with stored.open_reading() as content:
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
            return light_webp(bitmap.to_pil().convert("RGB"))
        finally:
            bitmap.close()
    finally:
        page.close()


def light_webp(image: Image.Image) -> bytes:
    """Return the image as WebP of MAX_WEIGHT at most: of lesser quality, then smaller, until it is."""
    quality = QUALITY
    while True:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=METHOD)
        excess = out.tell() / MAX_WEIGHT
        if excess <= 1 or max(image.size) <= 400:
            return out.getvalue()
        if quality > LOWEST_QUALITY:
            quality = LOWEST_QUALITY
        else:
            # The weight goes with the surface.
            scale = min(0.9, excess**-0.5)
            image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
