"""A person's own spreadsheet given back with what is wrong in it: opened and written anew in a box."""

import csv
import io
from collections.abc import Mapping
from typing import BinaryIO

from odfdo import Document
from openpyxl import load_workbook
from openpyxl.styles import Font

from cqp.spreadsheets.formats import CSV, ODS, WIDEST, put


def annotate(
    inputs: list[BinaryIO], output: BinaryIO, *, book: dict[str, str], sheet: str, notes: list[tuple[int, str]]
) -> None:
    """Write the same file with a last column, in which the rows named (from 1) have their text; the first is its title.

    book: the `type`, `encoding` and `separator` that were read.
    """
    how = {CSV: _annotate_csv, ODS: _annotate_ods}.get(book["type"], _annotate_xlsx)
    output.write(how(inputs[0].read(), book, sheet, dict(notes)))


def _annotate_xlsx(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    file = load_workbook(io.BytesIO(content))
    place = file[sheet]
    column = place.max_column + 1
    for row, text in texts.items():
        cell = place.cell(row, column)
        put(cell, text)
        cell.font = Font(color="B00020", bold=row == min(texts))
    place.column_dimensions[place.cell(1, column).column_letter].width = WIDEST
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_ods(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    file = Document(io.BytesIO(content))
    place = next(table for table in file.body.tables if table.name == sheet)
    column = place.width
    for row, text in texts.items():
        place.set_value((column, row - 1), text)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _annotate_csv(content: bytes, book: dict[str, str], sheet: str, texts: Mapping[int, str]) -> bytes:
    text = content.decode(book["encoding"], errors="replace")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=book["separator"]))
    width = max(len(row) for row in rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=book["separator"], lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([*row, *[""] * (width - len(row)), texts.get(number, "")])
    return out.getvalue().encode(book["encoding"], errors="replace")
