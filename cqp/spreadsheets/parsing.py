"""A spreadsheet opened in a box: its type and the rows of its sheets."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from cqp.core.file_kinds import is_web_page
from cqp.core.refusals import RefusedError
from cqp.core.text import clean_line
from cqp.spreadsheets.encodings import encoding_of
from cqp.spreadsheets.error_cells import Place, find_error_cells, is_error
from cqp.spreadsheets.formats import (
    CSV,
    DAMAGED,
    LOCKED,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED,
    NOTHING,
    ODS,
    SEPARATORS,
    TOO_MANY,
    UNKNOWN,
    WEB_PAGE,
    XLSX,
    Cell,
    clean,
    pack,
)

# A cell is as long as it likes: the column says how long a text may be.
csv.field_size_limit(MAX_BYTES)


def parse(inputs: list[BinaryIO], output: None) -> dict[str, Any]:
    """Return the `type`, the `sheets` that hold something (a name, rows of packed cells), `encoding` and `separator`."""
    content = inputs[0].read()
    return _workbook(content) if content.startswith(b"PK") else _csv(content)


def _workbook(content: bytes) -> dict[str, Any]:
    kind = _kind(io.BytesIO(content))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, _rows(_lines(book.get_sheet_by_name(name)))) for name in book.sheet_names]
        errors = find_error_cells(content, kind, {name: len(rows) for name, rows in sheets})
        for name, rows in sheets:
            _put_errors(rows, errors.get(name, {}))
    except (CalamineError, OSError, ValueError, TypeError) as error:
        raise RefusedError(DAMAGED) from error
    return {"type": kind, "sheets": _filled(sheets), "encoding": "", "separator": ""}


def _lines(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Yield the rows of a sheet from its first cell on: calamine leaves out the empty columns before the first filled one."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    return (before + row for row in sheet.iter_rows())


def _put_errors(rows: list[list[Cell]], errors: dict[Place, str]) -> None:
    """Write the errors that cells show where they stand: calamine leaves such a cell empty."""
    for (row, column), text in errors.items():
        rows[row].extend("" for _ in range(column + 1 - len(rows[row])))
        rows[row][column] = text


def _kind(content: BinaryIO) -> str:
    """Return XLSX or ODS. Raises RefusedError for another archive, one that is locked, or one that swells."""
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise RefusedError(TOO_MANY)
            if any(entry.flag_bits & 1 for entry in entries):
                raise RefusedError(LOCKED)
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" in names:
                return XLSX
            if "mimetype" in names and archive.read("mimetype").strip() == ODS.encode():
                if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise RefusedError(LOCKED)
                return ODS
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, NotImplementedError, ValueError) as error:
        raise RefusedError(DAMAGED) from error
    raise RefusedError(UNKNOWN)


def _csv(content: bytes) -> dict[str, Any]:
    if content[:100].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<") and is_web_page(content):
        raise RefusedError(WEB_PAGE)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = _decoded(content, "utf-16"), "utf-16"
    elif b"\x00" in content or content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise RefusedError(UNKNOWN)
    else:
        encoding = encoding_of(content)
        text = _decoded(content, encoding)
    try:
        separator = _separator(text)
        rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise RefusedError(DAMAGED) from error
    sheets = _filled([("", rows)])
    return {"type": CSV, "sheets": sheets, "encoding": encoding, "separator": separator}


def _decoded(content: bytes, encoding: str) -> str:
    return content.decode(encoding, errors="replace")


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines into the most cells, and into as many on each line."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]

    def weight(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(counts), key=lambda count: (counts.count(count) if count > 1 else 0, count), default=1)
        return (counts.count(usual) * (usual > 1), usual)

    return max(SEPARATORS, key=weight)


def _rows(lines: Iterable[Sequence[Any]]) -> list[list[Cell]]:
    """Return the rows up to the last one that a person filled, an empty one as []. Raises RefusedError.

    Rows that are painted, or that hold nothing but formulas that failed, do not count where they go on below the others.
    """
    rows: list[list[Cell]] = []
    height = filled = 0
    for line in lines:
        row = [clean(cell) for cell in line[:MAX_COLUMNS]]
        rows.append(row if any(cell != "" for cell in row) else [])
        if any(cell != "" and not (isinstance(cell, str) and is_error(cell)) for cell in row):
            height, filled = len(rows), filled + 1
            if filled > MAX_ROWS:
                raise RefusedError(TOO_MANY)
    return rows[:height]


def _filled(sheets: Sequence[tuple[str, list[list[Cell]]]]) -> list[tuple[str, list[list[Any]]]]:
    """Keep the sheets that hold something. Raises RefusedError."""
    filled_sheets = []
    for name, rows in sheets:
        if sum(bool(row) for row in rows) > MAX_ROWS:
            raise RefusedError(TOO_MANY)
        if rows:
            filled_sheets.append((clean_line(name), [[pack(cell) for cell in row] for row in rows]))
    if not filled_sheets:
        raise RefusedError(NOTHING)
    return filled_sheets
