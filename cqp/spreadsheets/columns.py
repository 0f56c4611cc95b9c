"""What an import makes of a sheet: which row is the header, which column is what, what each cell means; every error at once.

Nothing here reads the database or writes: an app says which columns there are, and what a row does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cqp.models import SentSpreadsheet
from cqp.spreadsheets import cells, reading
from cqp.spreadsheets.cells import CellError, Proposed
from cqp.spreadsheets.error_cells import is_error
from cqp.spreadsheets.formats import HEADER_ALONE, Cell
from cqp.spreadsheets.headings import Column, Heading, Table, find_table, propose
from cqp.spreadsheets.reading import Sheet, SpreadsheetRefused, Workbook


@dataclass(frozen=True)
class Problem:
    """What is wrong, or odd, in a row: in the column `key` ("" for the row), the cell as it is written, what to do."""

    key: str
    written: str
    message: str
    label: str = ""

    @property
    def text(self) -> str:
        return f"{self.label} : {self.message}" if self.label else self.message


@dataclass
class Row:
    """A row as it is understood: what its filled cells mean, and what is wrong."""

    number: int
    values: dict[str, Any]
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def missing_columns(mapping: Mapping[str, int], columns: Sequence[Column]) -> list[Column]:
    """Return the columns that no row can do without, and that the file does not have."""
    return [column for column in columns if column.required and column.key not in mapping]


def unused(table: Table, mapping: Mapping[str, int]) -> list[Heading]:
    return [heading for heading in table.headings if heading.rank not in mapping.values()]


def is_blank(cells_of_row: Sequence[Cell], ranks: Iterable[int]) -> bool:
    """Tell whether a row has nothing in these columns: a 0 alone is what a formula makes of an empty cell."""
    return all(cells_of_row[rank] in ("", 0, "0") for rank in ranks if rank < len(cells_of_row))


def understand(table: Table, mapping: Mapping[str, int], columns: Sequence[Column]) -> list[Row]:
    """Return each row with what its cells mean and all that is wrong in them. The key of an empty cell is absent.

    A row with nothing to read is left out. One that says the same as an earlier one counts once: the first has a warning.
    """
    mapped = [(column, mapping[column.key]) for column in columns if column.key in mapping]
    ranks = [rank for _, rank in mapped]
    # Below a column that fills down, the same cells may mean something else.
    may_repeat = any(column.fills_down for column, _ in mapped)
    above: dict[str, Cell] = {}
    first_rows: dict[tuple[Cell, ...], Row] = {}
    copies: dict[int, list[int]] = {}
    rows = []
    for number, cells_of_row in table.rows:
        if is_blank(cells_of_row, ranks):
            continue
        row = _understood(number, cells_of_row, mapped, above)
        read = tuple(cells_of_row[rank] if rank < len(cells_of_row) else "" for rank in ranks)
        first = first_rows.setdefault((*read, number) if may_repeat else read, row)
        if first is row:
            rows.append(row)
        else:
            copies.setdefault(first.number, []).append(number)
    for row in rows:
        if numbers := copies.get(row.number):
            row.warnings.append(Problem("", "", f"{_at_lines(numbers)} la même chose : elle compte une fois"))
    return rows


def _at_lines(numbers: Sequence[int]) -> str:
    """Return `la ligne 5 dit`, `les lignes 5, 6 et 4 autres disent`."""
    if len(numbers) == 1:
        return f"la ligne {numbers[0]} dit"
    shown = ", ".join(str(number) for number in numbers[:5])
    others = f" et {len(numbers) - 5} autre{'s' if len(numbers) > 6 else ''}" if len(numbers) > 5 else ""
    return f"les lignes {shown}{others} disent"


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
        written = cells.as_text(cell)[:80]
        try:
            value = read_cell(column, cell)
        except CellError as error:
            meant.errors.append(Problem(column.key, written, str(error), column.label))
            continue
        if isinstance(value, Proposed):
            meant.warnings.append(Problem(column.key, written, value.message, column.label))
            value = value.value
        meant.values[column.key] = value
    return meant


def read_cell(column: Column, cell: Cell) -> Any:
    """Return what a filled cell means in a column, Proposed where there is a doubt. Raises CellError."""
    if isinstance(cell, str) and is_error(cell):
        raise CellError("la formule de cette case a échoué : écrivez la valeur elle-même")
    return column.read(cell)


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

    @property
    def other_sheets(self) -> list[str]:
        return [sheet.name for sheet in self.book.sheets if sheet.name != self.sheet.name]

    @property
    def blank_rows(self) -> list[int]:
        """The numbers of the rows that hold something, and nothing in the columns that are read."""
        return [number for number, row in self.table.rows if is_blank(row, self.mapping.values())]


def read_sent(sent: SentSpreadsheet, columns: list[Column]) -> Reading:
    """Return how a file that was kept is understood, as a person said or as its titles tell."""
    book = reading.read(bytes(sent.content))
    sheet = next((candidate for candidate in book.sheets if candidate.name == sent.sheet), book.sheets[0])
    header = sent.header if sent.header < len(sheet.rows) else 0
    table = find_table(sheet, columns, header)
    mapping = sent.mapping if sent.mapping is not None else propose(table, columns)
    return Reading(book, sheet, columns, table, mapping, missing_columns(mapping, columns))


def check_rows(content: bytes, columns: Sequence[Column]) -> None:
    """Raises SpreadsheetRefused for a file that cannot be read, or whose sheets hold nothing but titles."""
    book = reading.read(content)
    if not any(find_table(sheet, columns).rows for sheet in book.sheets):
        raise SpreadsheetRefused(HEADER_ALONE)


def row_text(row: Row) -> str:
    """Return all that is wrong in a row, as it is written beside it in the person's file."""
    return " ; ".join(problem.text for problem in row.errors)
