"""PDFs whose pages are unusual, and that any reader shows."""

import io

from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.cqp.files.corpus.chart import A4, box, chart, marks, page_of
from tests.cqp.files.corpus.forms import drawn

PLAIN = marks(*A4)


def with_boxes(size: tuple[float, float] = A4, **entries) -> bytes:
    def change(pdf, page):
        for name, value in entries.items():
            page.obj[f"/{name}"] = value

    return page_of(marks(*size), size, change=change)


def inherited() -> bytes:
    """The shape and the turn stand in the tree of pages."""

    def change(pdf, page):
        for name, value in (("MediaBox", box(*(0, 0), *A4)), ("CropBox", box(0, 400, 595, 842)), ("Rotate", 90)):
            pdf.Root.Pages[f"/{name}"] = value
        del page.obj.MediaBox

    return page_of(PLAIN, change=change)


def annotated(*annotations) -> bytes:
    def change(pdf, page):
        page.obj.Annots = Array([pdf.make_indirect(make(pdf)) for make in annotations])

    return page_of("BT /F1 20 Tf 60 780 Td (Annotations) Tj ET", change=change)


def annotation(kind: str, rect: tuple = (100, 300, 400, 500), *, drawing: str = "", **entries):
    def make(pdf):
        made = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=box(*rect), F=4)
        for name, value in entries.items():
            made[f"/{name}"] = value
        if drawing:
            made.AP = Dictionary(N=drawn(pdf, drawing, (rect[2] - rect[0], rect[3] - rect[1])))
        return made

    return make


def layers(*, hidden: str = "OFF", widget_layer: bool = False) -> bytes:
    """A layer that is shown, one that is not."""

    def change(pdf, page):
        groups = [pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in ("vu", "masqué")]
        page.Resources.Properties = Dictionary(L0=groups[0], L1=groups[1])
        if widget_layer:
            note = annotation("Stamp", drawing="0 g 0 0 300 200 re f")(pdf)
            note.OC = groups[1]
            page.obj.Annots = Array([note])
        order = (
            Dictionary(OFF=Array([groups[1]]))
            if hidden == "OFF"
            else Dictionary(BaseState=Name.OFF, ON=Array([groups[0]]))
        )
        pdf.Root.OCProperties = Dictionary(OCGs=Array(groups), D=order)

    content = "/OC /L0 BDC 0 g 50 600 200 200 re f EMC /OC /L1 BDC 300 100 250 400 re f EMC"
    return page_of(content, change=change)


def picture(content: bytes, size: tuple[int, int], **entries) -> bytes:
    """A page that is one image."""

    def change(pdf, page):
        made = {"Type": Name.XObject, "Subtype": Name.Image, "Width": size[0], "Height": size[1], "BitsPerComponent": 8}
        mask = entries.pop("SMask", None)
        stream = pdf.make_stream(content, **{**made, **entries})
        if mask:
            stream.SMask = pdf.make_stream(mask, **made, ColorSpace=Name.DeviceGray)
        page.Resources = Dictionary(XObject=Dictionary(Im0=stream))

    return page_of("q 500 0 0 700 40 70 cm /Im0 Do Q", change=change)


def jpeg(mode: str) -> bytes:
    out = io.BytesIO()
    chart().convert("RGB").convert(mode).save(out, "JPEG", quality=90)
    return out.getvalue()


def fax() -> bytes:
    """A scan in black and white, as a fax compresses it."""
    out = io.BytesIO()
    chart().convert("1").save(out, "TIFF", compression="group4")
    image = Image.open(out)
    start, length = image.tag_v2[273][0], image.tag_v2[279][0]
    assert len(image.tag_v2[273]) == 1
    return out.getvalue()[start : start + length]


SIZE = chart().size
GREY = chart().tobytes()
INVERTED = Array([1, 0] * 4)

PAGES = {
    "plain": page_of(PLAIN),
    **{f"turned-{turn}": with_boxes(Rotate=turn) for turn in (90, 180, 270, -90, 450)},
    "cropped": with_boxes(CropBox=box(100, 200, 500, 700)),
    "cropped-and-turned": with_boxes(CropBox=box(100, 200, 500, 700), Rotate=90),
    "corners-the-other-way": with_boxes(MediaBox=box(595, 842, 0, 0)),
    "begins-elsewhere": with_boxes(MediaBox=box(-100, -100, 495, 742)),
    "trimmed": with_boxes(TrimBox=box(200, 300, 400, 500), ArtBox=box(200, 300, 400, 500)),
    "cropped-and-trimmed": with_boxes(CropBox=box(50, 50, 545, 792), TrimBox=box(200, 300, 400, 500)),
    "inherited": inherited(),
    "user-unit": with_boxes(UserUnit=2.5),
    "three-metres": page_of(marks(8504, 600), (8504, 600)),
    "as-high": page_of(marks(400, 8504), (400, 8504)),
    "small": page_of(marks(72, 100), (72, 100)),
    "stamp": annotated(annotation("Stamp", drawing="0 g 20 20 260 160 re f")),
    "not-printed": annotated(annotation("Stamp", drawing="0 g 20 20 260 160 re f", F=0)),
    "printed-alone": annotated(annotation("Stamp", drawing="0 g 20 20 260 160 re f", F=4 | 32)),
    "hidden": annotated(annotation("Stamp", drawing="0 g 20 20 260 160 re f", F=2)),
    "unknown-shown": annotated(annotation("Stamp", drawing="0 g 20 20 260 160 re f", F=1 | 4)),
    "highlight": annotated(
        annotation("Highlight", C=box(0.5, 0.5, 0), QuadPoints=box(100, 500, 400, 500, 100, 300, 400, 300))
    ),
    "free-text": annotated(
        annotation("FreeText", DA=String("/Helv 30 Tf 0 g"), Contents=String("MMMM WWWW"), C=box(1, 1, 1))
    ),
    "free-text-drawn": annotated(
        annotation("FreeText", Contents=String("MMMM"), drawing="BT /Helv 40 Tf 5 100 Td (MMMM) Tj ET")
    ),
    "ink": annotated(
        annotation("Ink", InkList=Array([box(110, 310, 390, 490, 390, 310)]), BS=Dictionary(W=9), C=box(0, 0, 0))
    ),
    "line": annotated(annotation("Line", L=box(110, 310, 390, 490), BS=Dictionary(W=9), C=box(0, 0, 0))),
    "square": annotated(annotation("Square", IC=box(0, 0, 0), C=box(0, 0, 0))),
    "circle": annotated(annotation("Circle", IC=box(0, 0, 0), C=box(0, 0, 0))),
    "polygon": annotated(
        annotation("Polygon", Vertices=box(110, 310, 390, 310, 250, 490), IC=box(0, 0, 0), C=box(0, 0, 0))
    ),
    "underline": annotated(
        annotation("Underline", C=box(0, 0, 0), QuadPoints=box(100, 500, 400, 500, 100, 300, 400, 300))
    ),
    "struck": annotated(
        annotation("StrikeOut", C=box(0, 0, 0), QuadPoints=box(100, 500, 400, 500, 100, 300, 400, 300))
    ),
    "stamp-on-a-turned-page": page_of(
        PLAIN,
        change=lambda pdf, page: page.obj.update(
            {"/Rotate": 90, "/Annots": Array([annotation("Stamp", drawing="0 g 20 20 260 160 re f")(pdf)])}
        ),
    ),
    "layers": layers(),
    "layers-off-at-first": layers(hidden="BaseState"),
    "a-stamp-in-a-layer": layers(widget_layer=True),
    "font-not-embedded": page_of("BT /F1 60 Tf 60 500 Td (MMMM WWWW) Tj ET"),
    "grey": picture(GREY, SIZE, ColorSpace=Name.DeviceGray),
    "grey-16-bit": picture(
        bytes(b for p in GREY for b in (p, p)), SIZE, ColorSpace=Name.DeviceGray, BitsPerComponent=16
    ),
    "cmyk": picture(chart().convert("CMYK").tobytes(), SIZE, ColorSpace=Name.DeviceCMYK),
    "jpeg": picture(jpeg("RGB"), SIZE, ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode),
    "jpeg-cmyk-adobe": picture(jpeg("CMYK"), SIZE, ColorSpace=Name.DeviceCMYK, Filter=Name.DCTDecode, Decode=INVERTED),
    "jpeg-cmyk": picture(jpeg("CMYK"), SIZE, ColorSpace=Name.DeviceCMYK, Filter=Name.DCTDecode),
    "palette": picture(
        GREY,
        SIZE,
        ColorSpace=Array([Name.Indexed, Name.DeviceRGB, 255, String(bytes(v for n in range(256) for v in (n, n, n)))]),
    ),
    "one-bit": picture(chart().convert("1").tobytes(), SIZE, ColorSpace=Name.DeviceGray, BitsPerComponent=1),
    "stencil": picture(chart().convert("1").tobytes(), SIZE, ImageMask=True, BitsPerComponent=1),
    "fax": picture(
        fax(),
        SIZE,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=1,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=SIZE[0], Rows=SIZE[1], BlackIs1=False),
    ),
    "half-transparent": picture(bytes(len(GREY)), SIZE, ColorSpace=Name.DeviceGray, SMask=GREY),
}

# What engines differ in: inks made into grey, the ends of a highlight, a font that they have not.
LOOSER = {
    "cmyk": 60,
    "jpeg-cmyk": 60,
    "jpeg-cmyk-adobe": 60,
    "highlight": 130,
    "font-not-embedded": 100,
    "free-text-drawn": 60,
    "three-metres": 80,
    "small": 45,
}
