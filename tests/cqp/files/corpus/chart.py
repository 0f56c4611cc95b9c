"""A picture that is the same no way round: what shows at once where a page was turned, cut, inverted or left blank."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

A4 = (595, 842)


def chart(size: tuple[int, int] = (360, 480)) -> Image.Image:
    """A grey chart: a ramp from black to white at the top, a dark corner, a disc and a bar, each at a place of its own."""
    width, height = size
    image = Image.new("L", size, 255)
    image.paste(Image.linear_gradient("L").rotate(90).resize((width, height // 5)), (0, 0))
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, height * 3 // 4, width // 4, height), fill=0)
    drawing.ellipse((width // 2, height // 3, width * 3 // 4, height * 2 // 3), fill=96)
    drawing.rectangle((width * 7 // 8, height // 3, width - 1, height - 1), fill=160)
    return image


def saved(pdf: pikepdf.Pdf, **options) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def marks(width: float, height: float) -> str:
    """What draws a frame, a dark corner and a grey bar over a page of this size."""
    return (
        f"4 w 10 10 {width - 20} {height - 20} re S "
        f"0 g 0 0 {width / 4} {height / 4} re f 0.6 g {width * 0.7} {height * 0.3} {width * 0.2} {height * 0.6} re f 0 g "
    )


def page_of(
    content: str | bytes = "", size: tuple[float, float] = A4, *, resources: Dictionary | None = None, change=None
) -> bytes:
    """A PDF of one page that bears this drawing. change(pdf, page) may add to it before it is saved."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=size)
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        page.Resources = resources or Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(content if isinstance(content, bytes) else content.encode("latin-1"))
        if change:
            change(pdf, page)
        return saved(pdf)


def box(*sides: float) -> Array:
    return Array(list(sides))
