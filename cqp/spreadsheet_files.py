"""Spreadsheets that are made: exports, and a person's own file given back with what is wrong in it."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cqp.spreadsheets import CSV, ODS, Workbook, clean

# What a spreadsheet takes for a formula when a text begins with it.
ACTING = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60


type Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def write_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *more: Table) -> bytes:
    """Return a workbook of one sheet, or of several (`more`), each header in bold and always seen.

    Texts stay texts, whatever they begin with.
    """
    from openpyxl import Workbook as Book

    book = Book()
    for rank, table in enumerate(((title, header, rows), *more)):
        _write_sheet(book.active if rank == 0 else book.create_sheet(), *table)
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
            _put(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            widths[column - 1] = max(widths[column - 1], min(WIDEST, len(str(value))))
    for column, width in enumerate(widths, 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width + 2
    sheet.freeze_panes = "A2"


def _put(cell: Any, value: Any) -> None:
    """Write a value in its own type; a moment loses its zone, which a spreadsheet cannot say."""
    if isinstance(value, dt.datetime):
        value = value.replace(tzinfo=None)
    if isinstance(value, str):
        value = str(clean(value))[:32_000]
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(ACTING)
    elif isinstance(value, dt.date):
        cell.number_format = "DD/MM/YYYY HH:MM" if isinstance(value, dt.datetime) else "DD/MM/YYYY"


def annotate(content: bytes, book: Workbook, sheet: str, texts: Mapping[int, str]) -> bytes:
    """Return the same file with a last column, in which the rows named (from 1) have their text; the first is its title."""
    how = {CSV: _annotate_csv, ODS: _annotate_ods}.get(book.type, _annotate_xlsx)
    return how(content, book, sheet, texts)


def _annotate_xlsx(content: bytes, book: Workbook, sheet: str, texts: Mapping[int, str]) -> bytes:
    from openpyxl import load_workbook
    from openpyxl.styles import Font

    file = load_workbook(io.BytesIO(content))
    place = file[sheet]
    column = place.max_column + 1
    for row, text in texts.items():
        cell = place.cell(row, column)
        _put(cell, text)
        cell.font = Font(color="B00020", bold=row == min(texts))
    place.column_dimensions[place.cell(1, column).column_letter].width = WIDEST
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_ods(content: bytes, book: Workbook, sheet: str, texts: Mapping[int, str]) -> bytes:
    from odfdo import Document

    file = Document(io.BytesIO(content))
    place = next(table for table in file.body.tables if table.name == sheet)
    column = place.width
    for row, text in texts.items():
        place.set_value((column, row - 1), text)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_csv(content: bytes, book: Workbook, sheet: str, texts: Mapping[int, str]) -> bytes:
    text = content.decode(book.encoding, errors="replace")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=book.separator))
    width = max(len(row) for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=book.separator, lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([*row, *[""] * (width - len(row)), texts.get(number, "")])
    return out.getvalue().encode(book.encoding, errors="replace")
