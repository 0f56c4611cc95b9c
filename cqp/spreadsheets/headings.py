"""Which row of a sheet is its header, and which column is what, as far as titles tell."""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from cqp.core.text import normalise
from cqp.spreadsheets import cells
from cqp.spreadsheets.formats import Cell
from cqp.spreadsheets.reading import Sheet, letters

# Rows above the header: a title, a date, who made the file.
ABOVE = 20
ALIKE = 0.86
SMALL_WORDS = frozenset({"de", "d", "du", "des", "le", "la", "les", "l"})
_BRACKETS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")


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
    # Whether a text can be of no other column: one without a title that we know is then known by its values.
    marked_by: Callable[[str], object] | None = None

    @cached_property
    def names(self) -> set[str]:
        return {normalise(name) for name in (self.label, *self.synonyms)} - {""}

    @cached_property
    def word_sets(self) -> set[frozenset[str]]:
        return {words(name) for name in (self.label, *self.synonyms)} - {frozenset()}


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


def find_table(sheet: Sheet, columns: Sequence[Column], header: int = 0) -> Table:
    """Return the table of a sheet. `header` is the header's row when a person said which, else the one that names the most.

    Empty rows are left out. A title that is merged over two rows stands for the column below it; one that is merged over
    several columns goes before those below it: `Naissance` over `Date` and `Lieu`.
    """
    header = header or _find_header(sheet, columns)
    width = max(len(row) for row in sheet.rows)
    body = [(number, row) for number, row in enumerate(sheet.rows, 1) if number > header and any(c != "" for c in row)]
    known = set().union(*(column.word_sets for column in columns))
    headings = []
    for rank in range(width):
        title = _title(sheet, header, rank, known)
        sample = next((cells.as_text(row[rank]) for _, row in body if rank < len(row) and row[rank] != ""), "")
        if title or sample:
            headings.append(Heading(rank, title, sample))
    return Table(header, headings, body)


def _find_header(sheet: Sheet, columns: Sequence[Column]) -> int:
    known = set().union(*(column.word_sets for column in columns))
    texts = [[cells.as_text(cell) for cell in row] for row in sheet.rows[: ABOVE + 1]]
    scores = [sum(bool(_readings(text) & known) for text in row if text) for row in texts[:ABOVE]]
    best = max(scores)
    if not best:
        return next(number for number, row in enumerate(sheet.rows, 1) if any(cell != "" for cell in row))
    header = scores.index(best) + 1
    below = [(rank, text) for rank, text in enumerate(texts[header]) if text] if header < len(texts) else []
    # A second line of titles, under those that are merged over several columns.
    if below and all(words(f"{_group(sheet, header + 1, rank)} {text}") in known for rank, text in below):
        return header + 1
    return header


def _group(sheet: Sheet, header: int, rank: int) -> str:
    """Return the title above, or to the left of above where it is merged over several columns."""
    above = sheet.rows[header - 2][: rank + 1] if header > 1 else ()
    return next((cells.as_text(cell) for cell in reversed(above) if cell != ""), "")


def _title(sheet: Sheet, header: int, rank: int, known: Set[frozenset[str]]) -> str:
    row = sheet.rows[header - 1]
    if rank < len(row) and row[rank] != "":
        title = cells.as_text(row[rank])
        whole = f"{_group(sheet, header, rank)} {title}"
        return whole if not _readings(title) & known and words(whole) in known else title
    above = sheet.rows[header - 2] if header > 1 else ()
    filled = [cell for cell in above if cell != ""]
    # A line of titles, not the title of the page.
    return cells.as_text(above[rank]) if len(filled) > 2 and rank < len(above) else ""


def words(text: str) -> frozenset[str]:
    """Return the words of a title that tell: `Date de naissance` and `Naissance : date` have the same."""
    return frozenset(normalise(text).split()) - SMALL_WORDS


def _readings(title: str) -> set[frozenset[str]]:
    """Return the words of a title, and those without what is in brackets: `Date naiss. (jj/mm/aaaa)`."""
    return {words(title), words(_BRACKETS.sub(" ", title))} - {frozenset()}


def propose(table: Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return which column of the file is which, as far as it tells: {key: rank}.

    By the exact title first, then by its words, then without what is in brackets, then by a near title, then by the values.
    """
    mapping: dict[str, int] = {}
    for fits in (_is_named, _has_the_words, _has_the_words_outside_brackets):
        for column in columns:
            for heading in table.headings:
                if column.key not in mapping and heading.rank not in mapping.values() and fits(column, heading):
                    mapping[column.key] = heading.rank
    for column in columns:
        free = [heading for heading in table.headings if heading.rank not in mapping.values()]
        near = [(_likeness(column, heading), -heading.rank) for heading in free if len(heading.title) > 3]
        if column.key not in mapping and near and max(near)[0] >= ALIKE:
            mapping[column.key] = -max(near)[1]
    for column in columns:
        free = [heading for heading in table.headings if heading.rank not in mapping.values()]
        telling = [
            heading.rank for heading in free if column.marked_by and _values_tell(table, heading, column.marked_by)
        ]
        if column.key not in mapping and len(telling) == 1:
            mapping[column.key] = telling[0]
    return mapping


def _is_named(column: Column, heading: Heading) -> bool:
    return normalise(heading.title) in column.names


def _has_the_words(column: Column, heading: Heading) -> bool:
    return words(heading.title) in column.word_sets


def _has_the_words_outside_brackets(column: Column, heading: Heading) -> bool:
    return bool(_readings(heading.title) & column.word_sets)


def _likeness(column: Column, heading: Heading) -> float:
    """Return how alike a title and the nearest name of a column are; not at all where their figures differ."""
    title = normalise(heading.title)
    figures = re.findall(r"\d+", title)
    names = [name for name in column.names if re.findall(r"\d+", name) == figures]
    return max((SequenceMatcher(None, title, name).ratio() for name in names), default=0)


def _values_tell(table: Table, heading: Heading, marked_by: Callable[[str], object]) -> bool:
    """Tell whether nearly all values below a title are what this column alone holds."""
    filled = [cells.as_text(row[heading.rank]) for _, row in table.rows if heading.rank < len(row)]
    filled = [text for text in filled if text]
    return bool(filled) and sum(bool(marked_by(text)) for text in filled) >= 0.9 * len(filled)
