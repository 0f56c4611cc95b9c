"""Photos of paper: a page of a PDF, upright, small enough to be read quickly, without what the phone wrote about itself."""

import contextlib
import io
import threading
import warnings
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from cqp.core.refusals import RefusedError

JPEG = "image/jpeg"
PNG = "image/png"
TYPES = (JPEG, PNG)

MAX_PIXELS = 50 * 10**6
MAX_SIDE = 20_000
# A4 in points, and what 200 dpi of it makes.
SHORT, LONG = 595, 842
DPI = 200
QUALITY = 80

TOO_LARGE = (
    "Cette image a trop de pixels ({width} × {height}). Reprenez la photo avec l'appareil de votre téléphone, ou réduisez-la "
    "avant de l'envoyer."
)
DAMAGED = (
    "Cette image est abîmée ou incomplète : elle ne peut pas être lue en entier. Reprenez la photo, puis envoyez-la."
)

UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, ArithmeticError, MemoryError)


STRICT = threading.Lock()


class ImageRefused(RefusedError):
    """An image that cannot be accepted. The message says why in French, and what to do."""


def check_size(content: BinaryIO) -> None:
    """Raise ImageRefused for an image that has too many pixels, from what its head says: nothing is decoded."""
    with _opened(content) as image:
        width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageRefused(TOO_LARGE.format(width=width, height=height))


def _opened(content: BinaryIO) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # The limit is ours, and lower.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(content, formats=("JPEG", "PNG"))
    except Image.DecompressionBombError as error:
        raise ImageRefused(TOO_LARGE.format(width="?", height="?")) from error
    except UNREADABLE as error:
        raise ImageRefused(DAMAGED) from error


@contextlib.contextmanager
def _in_full() -> Iterator[None]:
    """Refuse images that are cut short: WeasyPrint, once imported, has Pillow fill them with grey, everywhere."""
    with STRICT:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def image_to_pdf(content: BinaryIO) -> bytes:
    """Return a PDF of one A4 page that holds the image, upright, at 200 dpi at most. Raises ImageRefused."""
    check_size(content)
    content.seek(0)
    try:
        with _opened(content) as opened:
            with _in_full():
                opened.load()
            image = ImageOps.exif_transpose(opened)
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                image = image.convert("RGBA")
                paper = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(paper, image)
            image = image.convert("RGB")
            image.thumbnail(_pixels(image.size), Image.Resampling.LANCZOS)
            jpeg = io.BytesIO()
            # Saved anew: the place, the date and the phone are left out.
            image.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    except UNREADABLE as error:
        raise ImageRefused(DAMAGED) from error
    return _page(jpeg.getvalue(), image.size)


def _pixels(size: tuple[int, int]) -> tuple[int, int]:
    short, long = SHORT * DPI // 72, LONG * DPI // 72
    return (long, short) if size[0] > size[1] else (short, long)


def _page(jpeg: bytes, size: tuple[int, int]) -> bytes:
    """Return the PDF: a page in the direction of the image, which fills it as far as its shape allows."""
    width, height = (LONG, SHORT) if size[0] > size[1] else (SHORT, LONG)
    scale = min(width / size[0], height / size[1])
    drawn = size[0] * scale, size[1] * scale
    left, bottom = (width - drawn[0]) / 2, (height - drawn[1]) / 2
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(width, height))
        stream = pdf.make_stream(
            jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=size[0],
            Height=size[1],
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=stream))
        drawing = f"q {drawn[0]:.3f} 0 0 {drawn[1]:.3f} {left:.3f} {bottom:.3f} cm /Im0 Do Q"
        page.Contents = pdf.make_stream(drawing.encode())
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()
