"""The chart as people send it: the formats and the kinds of pixels that phones, scanners and programs write."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps

from tests.cqp.files.corpus.chart import chart

GREY = chart()
# Made once by an encoder that the site has not.
HEIC = Path(__file__).resolve().parents[3] / "data" / "chart.heic"


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_alpha(mode: str) -> Image.Image:
    """Black, as transparent as the chart is light."""
    image = Image.new("LA", GREY.size, 0)
    image.putalpha(ImageOps.invert(GREY))
    return image.convert(mode)


def wide(*, transparent: int | None = None) -> bytes:
    """16 bits for each shade of grey, as scanners write them."""
    shades = b"".join(struct.pack("<H", shade * 257) for shade in GREY.tobytes())
    image = Image.frombytes("I;16", GREY.size, shades)
    return encoded(image, **({} if transparent is None else {"transparency": transparent}))


def wide_colour() -> bytes:
    """A PNG of 16 bits for each of three colours, written by hand: Pillow writes none."""
    width, height = GREY.size
    shades = GREY.tobytes()
    rows = b"".join(
        b"\0" + bytes(value for shade in shades[start : start + width] for value in (shade, shade) * 3)
        for start in range(0, width * height, width)
    )
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


# How the picture must be stored for a turn of EXIF to put it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(turn: int, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turn
    how = STORED[turn]
    return encoded(GREY.transpose(how) if how is not None else GREY, kind, exif=exif)


IMAGES = {
    "jpeg": encoded(GREY.convert("RGB"), "JPEG"),
    "jpeg-grey": encoded(GREY, "JPEG"),
    "jpeg-progressive": encoded(GREY.convert("RGB"), "JPEG", progressive=True),
    "jpeg-cmyk-adobe": encoded(GREY.convert("RGB").convert("CMYK"), "JPEG", quality=92),
    **{f"jpeg-turned-{turn}": turned(turn) for turn in STORED},
    "png-turned": turned(6, "PNG"),
    "png": encoded(GREY.convert("RGB")),
    "png-grey": encoded(GREY),
    "png-grey-16-bit": wide(),
    "png-grey-16-bit-transparent": wide(transparent=65535),
    "png-colour-16-bit": wide_colour(),
    "png-palette": encoded(GREY.convert("P")),
    "png-palette-transparent": encoded(GREY.convert("P"), transparency=255),
    "png-one-bit": encoded(GREY.convert("1")),
    "png-grey-alpha": encoded(with_alpha("LA")),
    "png-colour-alpha": encoded(with_alpha("RGBA")),
    "webp": encoded(GREY.convert("RGB"), "WEBP", quality=90),
    "webp-lossless-alpha": encoded(with_alpha("RGBA"), "WEBP", lossless=True),
    "webp-turned": turned(6, "WEBP"),
    "avif": encoded(GREY.convert("RGB"), "AVIF", quality=90),
    "heic": HEIC.read_bytes(),
    "png-few-shades": encoded(GREY.quantize(16), bits=4),
}
