"""Drawings of annotations that have none, and that PDFium does not draw: lines, polygons, ticks."""

import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

OPERATORS = {1: ("g", "G"), 3: ("rg", "RG"), 4: ("k", "K")}
TICKS = "48lnuH"  # in ZapfDingbats: a tick, a cross, a disc, a square, a diamond, a star
SIZE = re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d{1,4})?) Tf")
COLOUR = re.compile(r"(?<![\d.])((?:[01]?\.?\d{0,6} ){1,4}(?:rg|g|k))(?![a-z])")
DEFAULT_SIZE = 12


def text_style(appearance: str) -> tuple[float, str]:
    """Return the size of a text and what sets its colour, from the default appearance of a note."""
    words = " ".join(appearance.split())
    size, colour = SIZE.search(words), COLOUR.search(words)
    return (float(size[1]) if size else 0) or DEFAULT_SIZE, colour[1].strip() if colour else "0 g"


def draw_shape(pdf: pikepdf.Pdf, annotation: Any) -> None:
    """Draw a line, a polygon or a broken line. Others are left without a drawing."""
    kind = str(annotation.get("/Subtype", ""))
    points = annotation.get("/L" if kind == "/Line" else "/Vertices")
    if kind not in ("/Line", "/Polygon", "/PolyLine") or not isinstance(points, Array):
        return
    numbers = [float(point) for point in points]
    path = " ".join(
        f"{x:.2f} {y:.2f} {'l' if rank else 'm'}"
        for rank, (x, y) in enumerate(zip(numbers[::2], numbers[1::2], strict=False))
    )
    inside = _colour(annotation.get("/IC"), 0) if kind == "/Polygon" else ""
    end = ("h b" if inside else "h s") if kind == "/Polygon" else "S"
    drawing = f"{inside} {_colour(annotation.get('/C'), 1) or '0 G'} {_width(annotation)} w {path} {end}"
    left, bottom, right, top = pikepdf.Rectangle(annotation.Rect).as_array()
    _keep(pdf, annotation, drawing, [float(side) for side in (left, bottom, right, top)], Dictionary())


def draw_tick(pdf: pikepdf.Pdf, widget: Any) -> None:
    """Draw the mark of a check box or radio button that is on: the one that it asks for, a tick without it."""
    rectangle = pikepdf.Rectangle(widget.Rect)
    width, height = float(rectangle.width), float(rectangle.height)
    looks = widget.get("/MK")
    asked = str(looks.get("/CA", "")) if isinstance(looks, Dictionary) else ""
    mark = asked if len(asked) == 1 and asked in TICKS else TICKS[0]
    size = min(width, height) * 0.9
    x, y = (width - size * 0.8) / 2, (height - size * 0.7) / 2
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
    drawing = f"0 g BT /ZaDb {size:.2f} Tf {x:.2f} {y:.2f} Td ({mark}) Tj ET"
    _keep(pdf, widget, drawing, [0, 0, width, height], Dictionary(Font=Dictionary(ZaDb=font)))


def _colour(components: Any, stroking: int) -> str:
    values = [float(value) for value in components] if isinstance(components, Array) else []
    if len(values) not in OPERATORS:
        return ""
    return f"{' '.join(f'{value:.3f}' for value in values)} {OPERATORS[len(values)][stroking]}"


def _width(annotation: Any) -> float:
    style, border = annotation.get("/BS"), annotation.get("/Border")
    if isinstance(style, Dictionary):
        return float(style.get("/W", 1))
    return float(border[2]) if isinstance(border, Array) and len(border) > 2 else 1


def _keep(pdf: pikepdf.Pdf, annotation: Any, drawing: str, bounds: list[float], resources: Dictionary) -> None:
    stream = pdf.make_stream(
        drawing.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=Array(bounds), Resources=resources
    )
    annotation.AP = Dictionary(N=stream)
    if "/AS" in annotation:
        del annotation["/AS"]
