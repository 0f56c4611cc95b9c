"""Small files that ask for much: what was seen to hold a worker, or to end a process of the site."""

import io
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name

XLSX_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def nested_drawings(depth: int = 10, times: int = 10) -> bytes:
    """A page that draws a form that draws a form…: `times` to the power of `depth` drawings."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        inner = pdf.make_stream(b"0 0 9 9 re f")
        for _ in range(depth):
            inner.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": [0, 0, 600, 900]})
            outer = pdf.make_stream(b"/F Do " * times)
            outer.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = outer
        page.Resources = inner.Resources
        page.Contents = pdf.make_stream(b"/F Do " * times)
        return saved(pdf)


def slow_page(strokes: int = 400) -> bytes:
    """A page of dashed curves, each a hundred thousand dashes."""
    stroke = b"[0.001 0.001] 0 d 0 0 m 500 900 -500 900 595 842 c S\n"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Contents = pdf.make_stream(stroke * strokes)
        return saved(pdf)


def swollen_stream(size: int = 2**30) -> bytes:
    """A page whose content is `size` bytes of blanks, in a thousandth of that."""
    packer, pieces = zlib.compressobj(9), []
    for _ in range(size // 2**20):
        pieces.append(packer.compress(b" " * 2**20))
    content = b"".join([*pieces, packer.flush()])
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Contents = pikepdf.Stream(pdf, content)
        page.Contents.stream_dict.Filter = Name.FlateDecode
        # Written by hand: pikepdf would open the stream to pack it better.
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


def swollen_table(size: int = 2**30) -> bytes:
    """A PDF whose cross-reference stream is `size` bytes: it must be opened to know anything of the file."""
    packer, pieces = zlib.compressobj(9), []
    for _ in range(size // 2**20):
        pieces.append(packer.compress(b"\0" * 2**20))
    packed = b"".join([*pieces, packer.flush()])
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
    words = f"/Type/XRef/Size {size // 8}/W[1 4 3]/Root 1 0 R/Filter/FlateDecode/Length {len(packed)}"
    table = f"4 0 obj\n<<{words}>>\nstream\n".encode() + packed + b"\nendstream\nendobj\n"
    return head + table + f"startxref\n{len(head)}\n%%EOF".encode()


def sealed_bomb(size: int = 6_000) -> bytes:
    """A small PDF that the reader of seals goes through again and again: fields within fields, each twice."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        inner = pdf.make_indirect(Dictionary(FT=Name.Sig, T=pikepdf.String("s")))
        for _ in range(size // 150):
            inner = pdf.make_indirect(Dictionary(T=pikepdf.String("f"), Kids=Array([inner, inner])))
        pdf.Root.AcroForm = Dictionary(Fields=Array([inner]))
        return saved(pdf)


def xlsx_of(rows: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", XLSX_TYPES)
        document = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", RELATIONS.format(document))
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        sheet = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        archive.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format(sheet))
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format(rows))
    return out.getvalue()


def two_corners() -> bytes:
    """A workbook of 1.5 kB whose first and last cells are filled: 17 thousand million cells."""
    return xlsx_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def painted_rows(count: int = 200_000) -> bytes:
    """A workbook whose rows are painted, and empty but for the first."""
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>Nom</t></is></c></row>'
    cells = "".join(f'<c r="{letter}{{0}}" s="0"/>' for letter in "ABCDEFGHIJ")
    return xlsx_of(first + "".join(f'<row r="{n}">{cells.replace("{0}", str(n))}</row>' for n in range(2, count + 2)))


def unclosed_marks(count: int = 250_000) -> bytes:
    """A fiche of the RNCP with marks that are never closed."""
    bloc = (
        f"<BLOC_COMPETENCES><CODE>A</CODE><LISTE_COMPETENCES>{'&lt;br ' * count}</LISTE_COMPETENCES></BLOC_COMPETENCES>"
    )
    return (
        "<FICHES><FICHE><NUMERO_FICHE>RNCP1</NUMERO_FICHE><INTITULE>Titre</INTITULE>"
        f"<BLOCS_COMPETENCES>{bloc}</BLOCS_COMPETENCES></FICHE></FICHES>"
    ).encode()
