"""A page of a PDF as an image, drawn by PDFium; and the image that says why there is none."""

import io
import textwrap
from typing import BinaryIO

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

DPI = 150
LONG_SIDE = 1600  # pixels
QUALITY = 75
LOWEST_QUALITY = 50
GAIN = 0.87  # what a page of text weighs at the lowest quality, of what it does at the usual one
METHOD = 2  # of WebP's encoder, 0 to 6: twice as quick as its default, for the same weight
MAX_WEIGHT = 120_000  # bytes
A4 = (1131, 1600)


def page_image(content: BinaryIO, number: int) -> bytes:
    """Return page `number` (from 1) as WebP: 150 dpi, at most 1600 pixels on the long side.

    Raises PdfiumError or ValueError when it cannot be drawn.
    """
    document = pdfium.PdfDocument(content)
    try:
        document.init_forms()
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
    finally:
        document.close()


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


def notice_image(text: str) -> bytes:
    """Return a page that bears this sentence alone, as WebP."""
    image = Image.new("RGB", A4, "white")
    font = ImageFont.load_default(size=36)
    ImageDraw.Draw(image).multiline_text((120, 620), "\n".join(textwrap.wrap(text, 46)), "black", font, spacing=16)
    return light_webp(image)
