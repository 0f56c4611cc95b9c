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
GAIN = 0.87  # what a page of text weighs at the lowest quality, of what it does at the usual one
METHOD = 2  # of WebP's encoder, 0 to 6: twice as quick as its default, for the same weight
MAX_WEIGHT = 120_000  # bytes
AT_ONCE = 8  # pages, by one task

log = logging.getLogger(__name__)


@task
def render_pages(pk: int, first: int = 1, done: int = 0, priority: int = 0) -> None:
    """Make the WebP images of AT_ONCE pages of a stored PDF, from `first` on: 150 dpi, at most 1600 pixels on the long side.

    The rest is another task's, of the same priority: what is more urgent comes between. `rendered_pages` counts those
    that are made, as it goes; `done` were before. Idempotent: complete, it does nothing; interrupted, it starts over from
    `first`. A page that cannot be drawn is left out and logged. A file removed meanwhile leaves nothing behind.
    """
    stored = StoredFile.objects.filter(pk=pk).first()
    if stored is None or stored.rendered_pages == stored.pages:
        return
    with stored.open_reading() as content:
        document = pdfium.PdfDocument(content.file)
        try:
            document.init_forms()
            after = min(first + AT_ONCE, len(document) + 1)
            for number in range(first, after):
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
            if after <= len(document):
                render_pages.using(priority=priority).enqueue(pk, after, done, priority)
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
    """Return the image as WebP of MAX_WEIGHT at most: of lesser quality, and smaller when that cannot be enough."""
    quality = QUALITY
    while True:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=METHOD)
        excess = out.tell() / MAX_WEIGHT
        if excess <= 1 or max(image.size) <= 400:
            return out.getvalue()
        if quality > LOWEST_QUALITY:
            quality = LOWEST_QUALITY
            excess *= GAIN
        if excess > 1:
            # The weight goes down less than the surface does.
            scale = min(0.95, 0.98 * excess**-0.7)
            image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
