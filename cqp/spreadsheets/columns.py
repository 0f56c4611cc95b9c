"""What an import makes of a sheet: which row is the header, which column is what, what each cell means; every error at once.

Nothing here reads the database or writes: an app says which columns there are, and what a row does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from cqp.core.text import normalise
from cqp.models import SentSpreadsheet
from cqp.spreadsheets import cells, reading
from cqp.spreadsheets.cells import CellError
from cqp.spreadsheets.formats import Cell
from cqp.spreadsheets.reading import Sheet, Workbook, letters

# Rows above the header: a title, a date, who made the file.
ABOVE = 20
ALIKE = 0.86


@dataclass(frozen=True)
class Column:
    """A column that is understood: its title in our template, how its cells are read, its other usual titles.

    `fills_down`: an empty cell says what the one above says, as merged cells do, until an earlier column that fills down
    says something else.
    """

    key: str
    label: str
    read: Callable[[Cell], Any]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    help: str = ""
    fills_down: bool = False

    @property
    def names(self) -> set[str]:
        return {normalise(name) for name in (self.label, *self.synonyms)}


@dataclass(frozen=True)
class Heading:
    """A column of the file: its rank from 0, its title as it is written ("" for none), a first value."""

    rank: int
    title: str
    sample: str

    @property
    def name(self) -> str:
        """The letter, and the title: `C, Nom de naissance`."""
        return f"{letters(self.rank)}, {self.title}" if self.title else letters(self.rank)


@dataclass(frozen=True)
class Table:
    """The rows of a sheet below its header. `header` is the header's number in the file, from 1."""

    header: int
    headings: Sequence[Heading]
    rows: Sequence[tuple[int, Sequence[Cell]]]


@dataclass(frozen=True)
class Problem:
    """What is wrong, or odd, in a row: in the column `key` ("" for the row), the cell as it is written, what to do."""

    key: str
    written: str
    message: str
    label: str = ""


@dataclass
class Row:
    """A row as it is understood: what its filled cells mean, and what is wrong."""

    number: int
    values: dict[str, Any]
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def find_table(sheet: Sheet, columns: Sequence[Column], header: int = 0) -> Table:
    """Return the table of a sheet. `header` is the header's row when a person said which, else the one that names the most.

    Empty rows are left out. A title that is merged over two rows stands for the column below it.
    """
    known = set().union(*(column.names for column in columns))
    if not header:
        scores = [sum(normalise(cells.as_text(cell)) in known for cell in row) for row in sheet.rows[:ABOVE]]
        best = max(scores)
        header = (
            scores.index(best) + 1
            if best
            else next(n for n, row in enumerate(sheet.rows, 1) if any(c != "" for c in row))
        )
    width = max(len(row) for row in sheet.rows)
    body = [(number, row) for number, row in enumerate(sheet.rows, 1) if number > header and any(c != "" for c in row)]
    headings = []
    for rank in range(width):
        title = _title(sheet, header, rank)
        sample = next((cells.as_text(row[rank]) for _, row in body if rank < len(row) and row[rank] != ""), "")
        if title or sample:
            headings.append(Heading(rank, title, sample))
    return Table(header, headings, body)


def _title(sheet: Sheet, header: int, rank: int) -> str:
    row = sheet.rows[header - 1]
    if rank < len(row) and row[rank] != "":
        return cells.as_text(row[rank])
    above = sheet.rows[header - 2] if header > 1 else ()
    filled = [cell for cell in above if cell != ""]
    # A line of titles, not the title of the page.
    return cells.as_text(above[rank]) if len(filled) > 2 and rank < len(above) else ""


def propose(table: Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return which column of the file is which, as far as titles tell: {key: rank}. Exact names first, then near ones."""
    mapping: dict[str, int] = {}
    taken: set[int] = set()

    def take(column: Column, rank: int) -> None:
        mapping[column.key] = rank
        taken.add(rank)

    for column in columns:
        for heading in table.headings:
            if heading.rank not in taken and normalise(heading.title) in column.names:
                take(column, heading.rank)
                break
    for column in columns:
        if column.key in mapping:
            continue
        near = [
            (
                max(SequenceMatcher(None, normalise(heading.title), name).ratio() for name in column.names),
                -heading.rank,
            )
            for heading in table.headings
            if heading.rank not in taken and len(heading.title) > 3
        ]
        if near and max(near)[0] >= ALIKE:
            take(column, -max(near)[1])
    return mapping


def missing_columns(mapping: Mapping[str, int], columns: Sequence[Column]) -> list[Column]:
    """Return the columns that no row can do without, and that the file does not have."""
    return [column for column in columns if column.required and column.key not in mapping]


def unused(table: Table, mapping: Mapping[str, int]) -> list[Heading]:
    return [heading for heading in table.headings if heading.rank not in mapping.values()]


def understand(table: Table, mapping: Mapping[str, int], columns: Sequence[Column]) -> list[Row]:
    """Return each row with what its cells mean and all that is wrong in them. The key of an empty cell is absent."""
    mapped = [(column, mapping[column.key]) for column in columns if column.key in mapping]
    above: dict[str, Cell] = {}
    return [_understood(number, cells_of_row, mapped, above) for number, cells_of_row in table.rows]


def _understood(number: int, row: Sequence[Cell], mapped: Sequence[tuple[Column, int]], above: dict[str, Cell]) -> Row:
    meant = Row(number, {})
    moved = False
    for column, rank in mapped:
        cell = row[rank] if rank < len(row) else ""
        if column.fills_down:
            if cell == "" and not moved:
                cell = above.get(column.key, "")
            moved = moved or cell != above.get(column.key, "")
            above[column.key] = cell
        if cell == "":
            if column.required:
                meant.errors.append(Problem(column.key, "", "à remplir", column.label))
            continue
        try:
            meant.values[column.key] = column.read(cell)
        except CellError as error:
            meant.errors.append(Problem(column.key, cells.as_text(cell)[:80], str(error), column.label))
    return meant


@dataclass(frozen=True)
class Reading:
    """How a spreadsheet is understood: its sheet, its table, which of its columns is which, those that it must have."""

    book: Workbook
    sheet: Sheet
    columns: list[Column]
    table: Table
    mapping: Mapping[str, int]
    missing: list[Column]

    def rows(self) -> list[Row]:
        """What its rows mean; none while a column is missing."""
        return [] if self.missing else understand(self.table, self.mapping, self.columns)

    @property
    def unused(self) -> list[Heading]:
        return unused(self.table, self.mapping)


def read_sent(sent: SentSpreadsheet, columns: list[Column]) -> Reading:
    """Return how a file that was kept is understood, as a person said or as its titles tell."""
    book = reading.read(bytes(sent.content))
    sheet = next((candidate for candidate in book.sheets if candidate.name == sent.sheet), book.sheets[0])
    header = sent.header if sent.header < len(sheet.rows) else 0
    table = find_table(sheet, columns, header)
    mapping = sent.mapping if sent.mapping is not None else propose(table, columns)
    return Reading(book, sheet, columns, table, mapping, missing_columns(mapping, columns))


def row_text(row: Row) -> str:
    """Return all that is wrong in a row, as it is written beside it in the person's file."""
    return " ; ".join(
        f"{problem.label} : {problem.message}" if problem.label else problem.message for problem in row.errors
    )
