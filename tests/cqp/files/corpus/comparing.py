"""What a page looks like, by another engine than ours (poppler), and how far two pictures of a page are from each other."""

import io
import subprocess
from pathlib import Path

from PIL import Image

from candidates.dossiers.joining import BAND
from tests.cqp.files.corpus.chart import A4

CELLS = (20, 28)
# Of 255, for a cell of the page: fonts and edges are drawn a little otherwise by each engine.
TOLERANCE = 30


def seen(content: bytes, folder: Path) -> list[Image.Image]:
    """The pages, in grey, as poppler shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.pdf").write_bytes(content)
    command = ["pdftoppm", "-cropbox", "-gray", "-scale-to", "1600", "a.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return [Image.open(io.BytesIO(page.read_bytes())) for page in sorted(folder.glob("page-*"))]


def placed(image: Image.Image, *, band: int = BAND) -> Image.Image:
    """The picture as it is placed on A4 in its own direction, above the band at the foot."""
    short, long = A4
    width, height = (long, short) if image.width > image.height else (short, long)
    scale = min(width / image.width, (height - band) / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    paper = Image.new("L", (width, height), 255)
    paper.paste(
        image.convert("L").resize(size, Image.Resampling.BOX),
        (round((width - size[0]) / 2), round((height - band - size[1]) / 2)),
    )
    return paper


def distance(wanted: Image.Image, got: Image.Image) -> int:
    """The greatest difference of a cell, in grey, of 255; the foot of the page, which we write, is left out by `above`."""
    if (wanted.width > wanted.height) != (got.width > got.height):
        return 255
    cells = CELLS if wanted.height >= wanted.width else CELLS[::-1]
    pairs = zip(*(_cells(image, cells) for image in (wanted, got)), strict=True)
    return max(abs(one - other) for one, other in pairs)


def _cells(image: Image.Image, cells: tuple[int, int]) -> bytes:
    return image.convert("L").resize(cells, Image.Resampling.BOX).tobytes()


def above(image: Image.Image, *, band: int = BAND) -> Image.Image:
    """The page without the band at its foot."""
    height = A4[1] if image.height >= image.width else A4[0]
    return image.crop((0, 0, image.width, image.height - image.height * band // height))
