"""Photos of paper: a page of a PDF, upright, small enough to be read quickly, without what the phone wrote about itself."""

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import BinaryIO

import pi_heif
import pikepdf
from PIL import AvifImagePlugin, Image, ImageFile, ImageOps, UnidentifiedImageError

from cqp.core.refusals import RefusedError

JPEG, PNG, WEBP, HEIC, AVIF = "image/jpeg", "image/png", "image/webp", "image/heic", "image/avif"
# By the name that Pillow gives to what it opened: several views of one photo (MPO) are a JPEG.
TYPES = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG, "WEBP": WEBP, "HEIF": HEIC, "AVIF": AVIF}
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")

# In a box no thread can be started.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
pi_heif.register_heif_opener()

MAX_PIXELS = 50 * 10**6
MAX_SIDE = 20_000
# A4 in points, and what 200 dpi of it makes.
SHORT, LONG = 595, 842
DPI = 200
QUALITY = 80

TOO_LARGE = (
    "Cette image a trop de pixels : {width} × {height}, soit {millions} millions, quand la limite est de "
    f"{MAX_PIXELS // 10**6} millions. Reprenez la photo avec votre téléphone, ou réduisez-la avant de l'envoyer."
)
TOO_LONG = (
    f"Cette image est trop longue : {{width}} × {{height}} pixels, quand la limite est de {MAX_SIDE} pour un côté. Coupez-la "
    "en plusieurs, ou réduisez-la avant de l'envoyer."
)
DAMAGED = (
    "Cette image est abîmée ou incomplète : elle ne peut pas être lue en entier. Reprenez la photo, puis envoyez-la."
)

UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, ArithmeticError, MemoryError)


STRICT = threading.Lock()


class ImageRefused(RefusedError):
    """An image that cannot be accepted. The message says why in French, and what to do."""


def checked_type(content: BinaryIO) -> str:
    """Return the media type of an image. Raises ImageRefused for too many pixels, by what its head says: none is decoded."""
    with _opened(content) as image:
        (width, height), kind = image.size, TYPES[str(image.format)]
    if width * height > MAX_PIXELS:
        millions = -(-width * height // 10**6)
        raise ImageRefused(TOO_LARGE.format(width=width, height=height, millions=millions))
    if max(width, height) > MAX_SIDE:
        raise ImageRefused(TOO_LONG.format(width=width, height=height))
    return kind


def _opened(content: BinaryIO) -> Image.Image:
    """Open an image without decoding it. The limit is ours: Pillow's own would not say how many pixels there are."""
    with STRICT:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(content, formats=FORMATS)
        except UNREADABLE as error:
            raise ImageRefused(DAMAGED) from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


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
    checked_type(content)
    content.seek(0)
    try:
        with _opened(content) as opened:
            with _in_full():
                opened.load()
            image = _on_white(_in_bytes(ImageOps.exif_transpose(opened)))
            image.thumbnail(_pixels(image.size), Image.Resampling.LANCZOS)
            jpeg = io.BytesIO()
            # Saved anew: the place, the date and the phone are left out.
            image.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    except UNREADABLE as error:
        raise ImageRefused(DAMAGED) from error
    return _page(jpeg.getvalue(), image.size)


def _in_bytes(image: Image.Image) -> Image.Image:
    """Return the image with a byte for each shade: of 16 bits, Pillow would keep the lightest alone."""
    if not image.mode.startswith("I"):
        return image
    grey = image.convert("I").point(lambda shade: shade * (1 / 257)).convert("L")
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = grey.point([0 if shade == transparent // 257 else 255 for shade in range(256)])
        return Image.merge("LA", (grey, alpha))
    return grey


def _on_white(image: Image.Image) -> Image.Image:
    """Return the image as it looks on paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


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
