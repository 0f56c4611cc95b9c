"""A spreadsheet opened in a box: its type and the rows of its sheets."""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from cqp.core.refusals import RefusedError
from cqp.core.text import clean_line
from cqp.spreadsheets.formats import (
    CSV,
    DAMAGED,
    ENCODINGS,
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
        sheets = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MAX_ROWS + 50:
                raise RefusedError(TOO_MANY)
            sheets.append((clean_line(name), _trimmed(sheet.to_python(skip_empty_area=False))))
    except (CalamineError, OSError, ValueError, TypeError) as error:
        raise RefusedError(DAMAGED) from error
    return {"type": kind, "sheets": _filled(sheets), "encoding": "", "separator": ""}


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
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = _decoded(content, "utf-16"), "utf-16"
    elif b"\x00" in content or content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise RefusedError(UNKNOWN)
    else:
        encoding = next(name for name in ENCODINGS if _decodes(content, name))
        text = _decoded(content, encoding)
    try:
        separator = _separator(text)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise RefusedError(DAMAGED) from error
    if len(rows) > MAX_ROWS + 50:
        raise RefusedError(TOO_MANY)
    sheets = _filled([("", _trimmed(rows))])
    return {"type": CSV, "sheets": sheets, "encoding": encoding, "separator": separator}


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return encoding == ENCODINGS[-1]
    return True


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


def _trimmed(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    return [[clean(cell) for cell in row[:MAX_COLUMNS]] for row in rows]


def _filled(sheets: Sequence[tuple[str, list[list[Cell]]]]) -> list[tuple[str, list[list[Any]]]]:
    """Keep the sheets that hold something, without the empty rows at their end. Raises RefusedError."""
    filled_sheets = []
    for name, rows in sheets:
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        if len(rows) > MAX_ROWS:
            raise RefusedError(TOO_MANY)
        if rows:
            filled_sheets.append((name, [[pack(cell) for cell in row] for row in rows]))
    if not filled_sheets:
        raise RefusedError(NOTHING)
    return filled_sheets
