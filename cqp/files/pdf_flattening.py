"""What lies over the pages of a PDF (values of its form, comments, stamps) becomes part of them: it is read with them.

What has no drawing of its own gets one: PDFium draws what it knows, the rest is drawn here.
"""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Stream, String

from cqp.files import annotation_drawing, pdf_layers

# Bits of an annotation's flags (ISO 32000-1, table 165), and of a field's (tables 226 and 228).
INVISIBLE, HIDDEN, NO_VIEW = 1, 2, 32
MULTILINE, PUSH_BUTTON = 1 << 12, 1 << 16
# These stay as they are: nothing of them is on the page.
NOT_DRAWN = {"/Link", "/Popup", "/PrinterMark", "/TrapNet", "/Watermark"}
# What PDFium draws where it has no drawing.
KNOWN = {"/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Ink", "/Square", "/Circle", "/Text"}
MAX_PARENTS = 32


def has_overlays(pdf: pikepdf.Pdf) -> bool:
    """Tell whether anything lies over a page that is not a mere link."""
    return any(_kind(annotation) not in NOT_DRAWN for page in pdf.pages for annotation in _annotations(page))


def flattened(pdf: pikepdf.Pdf) -> pikepdf.Pdf:
    """Return the document with what lies over its pages as part of them: the same, or another one made from it.

    Raises PdfiumError, and what pikepdf raises on a PDF that is not built as it should be.
    """
    lacking = prepare(pdf)
    if lacking:
        pdf = _drawn(pdf, lacking)
    merge(pdf)
    return pdf


def prepare(pdf: pikepdf.Pdf) -> list[int]:
    """Take out what is not shown, draw what can be drawn here, and return the indices of the pages where drawings lack."""
    if not isinstance(pdf.Root.get("/AcroForm"), Dictionary):
        pdf.Root.AcroForm = Dictionary(Fields=Array())
    form = pdf.Root.AcroForm
    needs = bool(form.get("/NeedAppearances", False))
    form.NeedAppearances = False
    hidden = pdf_layers.hidden_groups(pdf)
    lacking = []
    for index, page in enumerate(pdf.pages):
        shown, lacks = [], False
        for annotation in _annotations(page):
            if _kind(annotation) not in NOT_DRAWN:
                flags = int(annotation.get("/F", 0))
                if flags & (HIDDEN | NO_VIEW) or pdf_layers.is_hidden(annotation, hidden):
                    continue
                # For kinds that a reader does not know: all that are here are known.
                annotation.F = flags & ~INVISIBLE
                lacks |= _lacks_drawing(pdf, annotation, needs)
            shown.append(annotation)
        if "/Annots" in page.obj:
            page.obj.Annots = Array(shown)
        if lacks:
            lacking.append(index)
    return lacking


def merge(pdf: pikepdf.Pdf) -> None:
    """Make the drawings part of their pages; nothing is left of the form."""
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        left = [annotation for annotation in _annotations(page) if _kind(annotation) in NOT_DRAWN]
        if "/Annots" in page.obj:
            page.obj.Annots = Array(left)
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]


def _drawn(pdf: pikepdf.Pdf, pages: list[int]) -> pikepdf.Pdf:
    """Have PDFium draw what lacks a drawing on these pages: it does when they are loaded."""
    before, after = io.BytesIO(), io.BytesIO()
    pdf.save(before)
    document = pdfium.PdfDocument(before)
    try:
        document.init_forms()
        for index in pages:
            document[index].close()
        document.save(after)
    finally:
        document.close()
    return pikepdf.open(after)


def _annotations(page: pikepdf.Page) -> Iterator[Any]:
    annotations = page.obj.get("/Annots")
    if isinstance(annotations, Array):
        yield from (annotation for annotation in annotations if isinstance(annotation, Dictionary))


def _kind(annotation: Any) -> str:
    return str(annotation.get("/Subtype", ""))


def _lacks_drawing(pdf: pikepdf.Pdf, annotation: Any, needs: bool) -> bool:
    """Draw it if that is done here; tell whether PDFium is to. needs: the values of the form are newer than its drawings."""
    kind = _kind(annotation)
    if kind == "/Widget":
        match str(_inherited(annotation, "/FT")):
            case "/Btn":
                _settle_button(pdf, annotation, needs)
            case "/Tx" | "/Ch":
                if needs and "/AP" in annotation:
                    del annotation["/AP"]
                return not _has_drawing(annotation) and bool(_inherited(annotation, "/V"))
        return False
    if _has_drawing(annotation):
        return False
    if kind == "/FreeText":
        _as_field(pdf, annotation)
        return True
    annotation_drawing.draw_shape(pdf, annotation)
    return kind in KNOWN


def _has_drawing(annotation: Any) -> bool:
    drawings = annotation.get("/AP")
    return isinstance(drawings, Dictionary) and isinstance(drawings.get("/N"), Dictionary | Stream)


def _inherited(field: Any, key: str) -> Any:
    for _ in range(MAX_PARENTS):
        if key in field:
            return field[key]
        field = field.get("/Parent")
        if not isinstance(field, Dictionary):
            break
    return None


def _settle_button(pdf: pikepdf.Pdf, widget: Any, needs: bool) -> None:
    """Have a check box or a radio button show its value."""
    if int(_inherited(widget, "/Ff") or 0) & PUSH_BUTTON:
        return
    value = str(_inherited(widget, "/V") or "/Off")
    drawings = widget.get("/AP")
    states = drawings.get("/N") if isinstance(drawings, Dictionary) else None
    if isinstance(states, Dictionary):
        if needs or "/AS" not in widget:
            widget.AS = Name(value) if value in states else Name.Off
    elif not isinstance(states, Stream):
        # Of several buttons of one field, the value does not say which.
        state = str(widget.get("/AS", value if "/T" in widget else "/Off"))
        if state != "/Off":
            annotation_drawing.draw_tick(pdf, widget)


def _as_field(pdf: pikepdf.Pdf, note: Any) -> None:
    """Make a text written on the page a field of the form, which PDFium lays out in lines."""
    size, colour = annotation_drawing.text_style(str(note.get("/DA", "")))
    note.Subtype, note.FT, note.Ff = Name.Widget, Name.Tx, MULTILINE
    note.T, note.V = String(f"note-{note.objgen[0]}"), note.get("/Contents", String(""))
    note.DA = String(f"/Helv {size} Tf {colour}")
    if isinstance(note.get("/C"), Array):
        note.MK = Dictionary(BG=note.C)
    form = pdf.Root.AcroForm
    if not isinstance(form.get("/Fields"), Array):
        form.Fields = Array()
    form.Fields.append(note)
