"""Spreadsheets that are made: exports, and a person's own file given back with what is wrong in it."""

import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cqp.spreadsheets.formats import WIDEST, put
from cqp.spreadsheets.reading import Workbook, run_on_table

type Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def write_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *more: Table) -> bytes:
    """Return a workbook of one sheet, or of several (`more`), each header in bold, always seen, with its filters.

    Texts stay texts, whatever they begin with. It prints on A4, lying, the header on each page.
    """
    from openpyxl import Workbook as Book

    book = Book()
    for rank, table in enumerate(((title, header, rows), *more)):
        _write_sheet(book.active if rank == 0 else book.create_sheet(), *table)
    book.properties.title = title  # the tab holds 31 letters of it
    book.properties.language = "fr-FR"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_sheet(sheet: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.title = "".join("-" if letter in "[]:*?/\\" else letter for letter in title)[:31] or "Feuille"
    widths = [len(name) for name in header]
    for line, row in enumerate([header, *rows], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(line, column)
            put(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            widths[column - 1] = max(widths[column - 1], min(WIDEST, len(str(value))))
    for column, width in enumerate(widths, 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width + 2
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _set_print_up(sheet, title)


def _set_print_up(sheet: Any, title: str) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.oddFooter.left.text = title.replace("&", "&&")
    sheet.oddFooter.right.text = "page &P / &N"


def annotate(content: bytes, book: Workbook, sheet: str, texts: Mapping[int, str]) -> bytes:
    """Return the same file with a last column, in which the rows named (from 1) have their text; the first is its title.

    Raises SpreadsheetRefused, BoxUnavailableError.
    """
    kept = {"type": book.type, "encoding": book.encoding, "separator": book.separator}
    with tempfile.TemporaryFile() as out:
        notes = sorted(texts.items())
        run_on_table("cqp.spreadsheets.annotating.annotate", content, out, book=kept, sheet=sheet, notes=notes)
        out.seek(0)
        return out.read()
