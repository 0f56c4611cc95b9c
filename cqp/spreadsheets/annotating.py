"""A person's own spreadsheet given back with what is wrong in it: opened and written anew in a box."""

import csv
import io
from collections.abc import Collection, Mapping
from typing import BinaryIO

from odfdo import Document
from openpyxl import load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from cqp.core.refusals import RefusedError
from cqp.core.text import clean_line
from cqp.spreadsheets.error_cells import find_error_cells
from cqp.spreadsheets.formats import (
    CSV,
    LAST_COLUMN,
    LAST_ROW,
    MAX_COLUMNS,
    NO_ROOM,
    ODS,
    WIDEST,
    XLSX,
    put,
)


def annotate(
    inputs: list[BinaryIO], output: BinaryIO, *, book: dict[str, str], sheet: str, notes: list[tuple[int, str]]
) -> None:
    """Write the same file with a last column, in which the rows named (from 1) have their text; the first is its title.

    book: the `type`, `encoding` and `separator` that were read.
    """
    how = {CSV: _annotate_csv, ODS: _annotate_ods}.get(book["type"], _annotate_xlsx)
    output.write(how(inputs[0].read(), book, sheet, dict(notes)))


def _free_column(content: bytes, kind: str, sheet: str, taken: Collection[int] = ()) -> tuple[int, str]:
    """Return the rank from 0 of the first empty column after what was read of a sheet, and the sheet's name as it is.

    Paint is not counted: it may reach the last column there is. taken: columns that are empty and cannot be written to.
    Raises RefusedError.
    """
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    name = next(name for name in book.sheet_names if clean_line(name) == sheet)
    place = book.get_sheet_by_name(name)
    before = place.start[1] if place.start else 0
    filled = {rank for row in place.iter_rows() for rank, cell in enumerate(row, before) if cell != ""}
    errors = find_error_cells(content, kind, {name: LAST_ROW})
    filled |= {column for _, column in errors.get(name, {})}
    read = [rank for rank in filled if rank < MAX_COLUMNS]
    for rank in range(max(read, default=-1) + 1, LAST_COLUMN):
        if rank not in filled and rank not in taken:
            return rank, name
    raise RefusedError(NO_ROOM)


def _annotate_xlsx(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    file = load_workbook(io.BytesIO(content))
    merged = {
        rank
        for place in file.worksheets
        for area in place.merged_cells.ranges
        if clean_line(place.title) == sheet and any(area.min_row <= row <= area.max_row for row in texts)
        for rank in range(area.min_col - 1, area.max_col)
    }
    rank, name = _free_column(content, XLSX, sheet, merged)
    place, column = file[name], rank + 1
    for row, text in texts.items():
        cell = place.cell(row, column)
        put(cell, text)
        cell.font = Font(color="B00020", bold=row == min(texts))
    letter = get_column_letter(column)
    # A width that is said of several columns at once stays as it is.
    if not any(width.min < column <= width.max for width in place.column_dimensions.values() if width.min):
        place.column_dimensions[letter].width = WIDEST
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_ods(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    file = Document(io.BytesIO(content))
    column, name = _free_column(content, ODS, sheet)
    place = next(table for table in file.body.tables if table.name == name)
    for row, text in texts.items():
        place.set_value((column, row - 1), text)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_csv(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    text = content.decode(book["encoding"], errors="replace")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=book["separator"]))
    width = max(rank + 1 for row in rows for rank, cell in enumerate(row) if cell.strip())
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=book["separator"], lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([*row[:width], *[""] * (width - len(row)), texts.get(number, "")])
    return out.getvalue().encode(book["encoding"], errors="replace")
