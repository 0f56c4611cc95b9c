"""Spreadsheets as people have them: XLSX, ODS and CSV, known by what they contain, never by their name.

They are opened in a box. Formulas are not evaluated: the values that were kept beside them are read.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from cqp.core.file_kinds import OLE, ole_kind
from cqp.core.refusals import RefusedError
from cqp.sandbox import box
from cqp.spreadsheets.formats import DAMAGED, EMPTY, LOCKED, MAX_BYTES, OLD, TOO_HEAVY, UNKNOWN, Cell, unpack

log = logging.getLogger(__name__)


class SpreadsheetRefused(RefusedError):
    """A file that cannot be read as a table. The message says why in French, and what to do."""


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
    """Return what a file holds. Raises SpreadsheetRefused, BoxUnavailableError."""
    if not content.strip():
        raise SpreadsheetRefused(EMPTY)
    if len(content) > MAX_BYTES:
        raise SpreadsheetRefused(TOO_HEAVY)
    if content.startswith(OLE):
        raise SpreadsheetRefused({"locked": LOCKED, "excel": OLD}.get(ole_kind(content), UNKNOWN))
    read = run_on_table("cqp.spreadsheets.parsing.parse", content)
    sheets = [Sheet(name, [[unpack(cell) for cell in row] for row in rows]) for name, rows in read["sheets"]]
    return Workbook(read["type"], sheets, read["encoding"], read["separator"])


def run_on_table(path: str, content: bytes, output: IO[bytes] | None = None, **arguments: Any) -> Any:
    """Run a job on a received table. Raises SpreadsheetRefused, BoxUnavailableError."""
    try:
        return box.run(path, [content], output, **arguments)
    except box.BoxRefused as refused:
        raise SpreadsheetRefused(refused.message) from refused
    except box.JobFailedError as error:
        log.error("A spreadsheet could not be read: %s", error)
        raise SpreadsheetRefused(DAMAGED) from error


def letters(column: int) -> str:
    """Return the name of a column, from 0: `A`, `Z`, `AA`."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name
