"""Spreadsheets as people have them: XLSX, ODS and CSV, known by what they contain, never by their name.

Formulas are not evaluated: the values that were kept beside them are read.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CSV = "text/csv"
EXTENSIONS = {CSV: "csv", ODS: "ods", XLSX: "xlsx"}

MAX_BYTES = 10 * 10**6
MAX_UNPACKED = 150 * 10**6
MAX_ROWS = 5_000
MAX_COLUMNS = 200
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCODINGS = ("utf-8-sig", "cp1252")
SEPARATORS = (";", ",", "\t", "|")

# A cell: a text without spaces around it ("" when empty), a number, a truth, a date, a time.
type Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta

TOO_HEAVY = "Ce fichier pèse plus de 10 Mo. Enregistrez seulement la feuille des personnes dans un nouveau classeur."
EMPTY = "Ce fichier est vide. Vérifiez qu'il est bien enregistré, puis envoyez-le de nouveau."
LOCKED = (
    "Ce classeur est protégé par un mot de passe, ou dans l'ancien format .xls. Ouvrez-le, retirez le mot de passe, "
    "enregistrez-le au format .xlsx, puis envoyez-le."
)
DAMAGED = (
    "Ce fichier est abîmé : il ne peut pas être lu. Ouvrez-le, enregistrez-le au format .xlsx, "
    "puis envoyez-le de nouveau."
)
UNKNOWN = "Ce fichier n'est pas un tableau. Envoyez un fichier .xlsx (Excel), .ods (LibreOffice) ou .csv."
TOO_MANY = "Ce tableau a plus de 5 000 lignes. Coupez-le en plusieurs fichiers, et envoyez-les l'un après l'autre."
NOTHING = "Aucune feuille de ce fichier n'a de ligne remplie."


class BadSpreadsheet(Exception):
    """A file that cannot be read as a table. The message says why in French, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Sheet:
    """A sheet with something in it: its name, and all its rows from the first. `rows[n]` is the row n + 1 of the file."""

    name: str
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Workbook:
    type: str
    sheets: Sequence[Sheet]
    # Of a CSV.
    encoding: str = ""
    separator: str = ""


def read(content: bytes) -> Workbook:
    """Return what a file holds. Raises BadSpreadsheet."""
    if not content.strip():
        raise BadSpreadsheet(EMPTY)
    if len(content) > MAX_BYTES:
        raise BadSpreadsheet(TOO_HEAVY)
    if content.startswith(OLE):
        raise BadSpreadsheet(LOCKED)
    if content.startswith(b"PK"):
        return _workbook(content)
    return _csv(content)


def _workbook(content: bytes) -> Workbook:
    kind = _kind(io.BytesIO(content))
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MAX_ROWS + 50:
                raise BadSpreadsheet(TOO_MANY)
            sheets.append(Sheet(name, _trimmed(sheet.to_python(skip_empty_area=False))))
    except (CalamineError, OSError, ValueError, TypeError) as error:
        raise BadSpreadsheet(DAMAGED) from error
    return Workbook(kind, _filled(sheets))


def _kind(content: BinaryIO) -> str:
    """Return XLSX or ODS. Raises BadSpreadsheet for another archive, one that is locked, or one that swells."""
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise BadSpreadsheet(TOO_MANY)
            if any(entry.flag_bits & 1 for entry in entries):
                raise BadSpreadsheet(LOCKED)
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" in names:
                return XLSX
            if "mimetype" in names and archive.read("mimetype").strip() == ODS.encode():
                if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise BadSpreadsheet(LOCKED)
                return ODS
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, NotImplementedError, ValueError) as error:
        raise BadSpreadsheet(DAMAGED) from error
    raise BadSpreadsheet(UNKNOWN)


def _csv(content: bytes) -> Workbook:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text, encoding = _decoded(content, "utf-16"), "utf-16"
    elif b"\x00" in content or content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise BadSpreadsheet(UNKNOWN)
    else:
        encoding = next(name for name in ENCODINGS if _decodes(content, name))
        text = _decoded(content, encoding)
    separator = _separator(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise BadSpreadsheet(DAMAGED) from error
    if len(rows) > MAX_ROWS + 50:
        raise BadSpreadsheet(TOO_MANY)
    return Workbook(CSV, _filled([Sheet("", _trimmed(rows))]), encoding, separator)


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


def _filled(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Keep the sheets that hold something, without the empty rows at their end. Raises BadSpreadsheet."""
    kept = []
    for sheet in sheets:
        rows = list(sheet.rows)
        while rows and not any(cell != "" for cell in rows[-1]):
            rows.pop()
        if len(rows) > MAX_ROWS:
            raise BadSpreadsheet(TOO_MANY)
        if rows:
            kept.append(Sheet(sheet.name, rows))
    if not kept:
        raise BadSpreadsheet(NOTHING)
    return kept


def clean(cell: Cell) -> Cell:
    """Return a cell without what is not seen: spaces around, control characters, the `.0` of a whole number."""
    if isinstance(cell, str):
        return re.sub(r"[^\S\n]+", " ", re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]", "", cell)).strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return int(cell)
    return cell


def letters(column: int) -> str:
    """Return the name of a column, from 0: `A`, `Z`, `AA`."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name
