"""PDF forms that were filled, as the programs that people have write them."""

import io
import warnings

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.cqp.files.corpus.chart import box, page_of, saved

SMALL = "/Helv 18 Tf 0 g"
BLACK = "/Helv 34 Tf 0 g"
TEXT = "MMMM WWWW"


def form(*fields, needs: bool | None = None) -> bytes:
    """A page with these fields: functions from a PDF to a dictionary, which is a widget too."""

    def change(pdf, page):
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        dingbats = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
        fonts = Dictionary(Helv=pdf.make_indirect(font), ZaDb=pdf.make_indirect(dingbats))
        held = [pdf.make_indirect(make(pdf)) for make in fields]
        widgets = []
        for field in held:
            widgets += list(field.Kids) if "/Kids" in field else [field]
            for kid in field.get("/Kids", []):
                kid.Parent = field
        page.obj.Annots = Array(widgets)
        pdf.Root.AcroForm = Dictionary(Fields=Array(held), DR=Dictionary(Font=fonts), DA=String(BLACK))
        if needs is not None:
            pdf.Root.AcroForm.NeedAppearances = needs

    return page_of("BT /F1 20 Tf 60 780 Td (Formulaire) Tj ET", change=change)


def widget(rect: tuple, **entries) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=box(*rect), F=4, **entries)


def drawn(pdf: pikepdf.Pdf, drawing: str, size: tuple[float, float]):
    """An appearance."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    return pdf.make_stream(
        drawing.encode("latin-1"),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=box(0, 0, *size),
        Resources=Dictionary(Font=Dictionary(Helv=font)),
    )


def typed(value: str = TEXT, rect: tuple = (60, 500, 540, 545), *, shown: str = "", da: str = BLACK, **entries):
    """A text field. shown: what its appearance says; without it, it has none."""

    def make(pdf):
        field = widget(rect, FT=Name.Tx, T=String(f"texte{rect[1]}"), V=String(value), DA=String(da), **entries)
        if shown:
            said = f"/Tx BMC q BT {da} 2 8 Td ({shown}) Tj ET Q EMC"
            field.AP = Dictionary(N=drawn(pdf, said, (rect[2] - rect[0], rect[3] - rect[1])))
        return field

    return make


def ticked(rect: tuple = (60, 300, 160, 400), *, state: bool = True, drawing: bool = True, **entries):
    """A check box that is on. state: its appearance is chosen; drawing: it has one."""

    def make(pdf):
        field = widget(rect, FT=Name.Btn, T=String(f"case{rect[0]}"), V=Name.Oui, **entries)
        field.MK = Dictionary(CA=String("4"), BC=box(0))
        field.DA = String("/ZaDb 0 Tf 0 g")
        if state:
            field.AS = Name.Oui
        if drawing:
            side = rect[2] - rect[0]
            on = drawn(pdf, f"0 g 10 10 {side - 20} {side - 20} re f", (side, side))
            off = drawn(pdf, f"2 w 1 1 {side - 2} {side - 2} re S", (side, side))
            field.AP = Dictionary(N=Dictionary(Oui=on, Off=off))
        return field

    return make


def radio(*, state: bool = True):
    """Two buttons, the second of which is chosen."""

    def make(pdf):
        kids = []
        for rank, left in enumerate((60, 260)):
            kid = widget((left, 300, left + 100, 400))
            on, off = drawn(pdf, "0 g 10 10 80 80 re f", (100, 100)), drawn(pdf, "2 w 1 1 98 98 re S", (100, 100))
            kid.AP = Dictionary(N=Dictionary({f"/C{rank}": on, "/Off": off}))
            if state:
                kid.AS = Name.C1 if rank else Name.Off
            kids.append(pdf.make_indirect(kid))
        return Dictionary(FT=Name.Btn, Ff=1 << 15, T=String("choix"), V=Name.C1, Kids=Array(kids))

    return make


def chosen(*, combo: bool = True):
    def make(pdf):
        options = Array([String("MMMM MMMM"), String("iiii")])
        rect = (60, 500, 540, 540) if combo else (60, 420, 540, 540)
        field = widget(rect, FT=Name.Ch, T=String("liste"), V=String("MMMM MMMM"), Opt=options, DA=String(SMALL))
        if combo:
            field.Ff = 1 << 17
        else:
            field.I = Array([0])
        return field

    return make


def without_form(content: bytes) -> bytes:
    """The same widgets, which no form lists: what some programs leave when they join PDFs."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.Root.AcroForm.Fields = Array()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return saved(pdf)


LONG = "MMMM WWWW MMMM WWWW MMMM " * 8
MULTILINE = 1 << 12

FORMS = {
    "appearances": form(typed(shown=TEXT), ticked()),
    "no-appearances": form(typed()),
    "needs": form(typed(), needs=True),
    "needs-and-old-appearances": form(typed(shown="iii"), needs=True),
    "needs-not": form(typed(), needs=False),
    "several-lines-drawn": form(typed(LONG, (60, 300, 540, 540), da=SMALL, Ff=MULTILINE, shown=TEXT)),
    "to-the-right": form(typed("MMMM", Q=2)),
    "one-by-case": form(typed("MMMMMM", Ff=1 << 24, MaxLen=8)),
    "read-only": form(typed(Ff=1)),
    "ticked": form(ticked(), ticked((260, 300, 360, 400))),
    "radio": form(radio()),
}

# Forms, and others that say the same plainly.
MEANT = {
    "ticked-without-state": (form(ticked(state=False)), form(ticked())),
    "ticked-without-state-needs": (form(ticked(state=False), needs=True), form(ticked())),
    "ticked-needs": (form(ticked(), needs=True), form(ticked())),
    "radio-needs": (form(radio(), needs=True), form(radio())),
    "radio-without-state": (form(radio(state=False)), form(radio())),
    "in-no-form": (without_form(form(typed())), form(typed())),
}

# Forms whose lines each engine breaks in its own way, and their words.
VALUES = {
    "needs": (form(typed(), needs=True), TEXT),
    "several-lines": (form(typed(LONG, (60, 300, 540, 540), da=SMALL, Ff=MULTILINE), needs=True), LONG.strip()),
    "several-lines-no-need": (form(typed(LONG, (60, 300, 540, 540), da=SMALL, Ff=MULTILINE)), LONG.strip()),
    "size-by-itself": (form(typed(da="/Helv 0 Tf 0 g")), TEXT),
    "accents": (form(typed("Élève, œuvre, naïveté", da=SMALL)), "Élève, œuvre, naïveté"),
    "combo": (form(chosen()), "MMMM MMMM"),
    "combo-needs": (form(chosen(), needs=True), "MMMM MMMM"),
    "list": (form(chosen(combo=False)), "MMMM MMMM"),
    "ticked-not-drawn": (form(ticked(drawing=False)), "✔"),
    "ticked-not-drawn-needs": (form(ticked(drawing=False), needs=True), "✔"),
}
