"""Dates and times of a spreadsheet, as people write them.

Each function raises CellError, which says what to write.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from django.utils import timezone

from cqp.core.text import normalise
from cqp.spreadsheets.cells import CellError, Proposed, as_text
from cqp.spreadsheets.formats import Cell

MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
# As they are cut short, and in English, as programs write them.
SHORT_MONTHS = (
    *(("janv", "jan", "january"), ("fevr", "fev", "feb", "february"), ("mar", "march"), ("avr", "apr", "april")),
    *(("may",), ("jun", "june"), ("juil", "jul", "july"), ("aou", "aug", "august"), ("sept", "sep", "september")),
    *(("oct", "october"), ("nov", "november"), ("dec", "december")),
)
MONTH_NUMBERS = {
    name: str(number)
    for number, (month, names) in enumerate(zip(MONTHS, SHORT_MONTHS, strict=True), 1)
    for name in (month, *names)
}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
WEEKDAYS = {name: rank for rank, day in enumerate(DAYS) for name in (day, day[:3])}
_LEADING = re.compile("^(?:nee? )?(?:le )?")
# What programs write between a day and its hour.
_T = re.compile(r"(?<=\d)t(?=\d)")
# Day 0 of the serial numbers by which a spreadsheet keeps dates, from March 1900 on.
DAY_ZERO = dt.date(1899, 12, 30)
SERIALS = range(3_000, 80_000)
DATE_EXAMPLE = "écrivez la date comme 03/11/1988"


@dataclass(frozen=True)
class DateParts:
    """A date as far as it is written. `doubt` says in French how it was read, where it could be read otherwise."""

    year: int
    month: int | None
    day: int | None
    doubt: str = ""

    @property
    def as_text(self) -> str:
        return "/".join([*(f"{part:02d}" for part in (self.day, self.month) if part), str(self.year)])

    def proposed[T](self, value: T) -> T | Proposed[T]:
        """Return `value`, which these parts make: for a person to agree to, if there is a doubt."""
        return Proposed(value, f"{self.doubt} : lue {self.as_text}") if self.doubt else value


def date_cell(cell: Cell) -> dt.date | Proposed[dt.date]:
    parts = parts_of_a_date(cell, until=timezone.localdate().year + 5)
    if not parts.month or not parts.day:
        raise CellError("écrivez la date entière, comme 03/11/2026")
    return parts.proposed(dt.date(parts.year, parts.month, parts.day))


def time_cell(cell: Cell) -> dt.time:
    """Return a time of day: 9:30, 9h, 9 h 30, or the part of a day by which a spreadsheet keeps it."""
    if isinstance(cell, dt.datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, dt.time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, dt.timedelta):
        cell = cell / dt.timedelta(days=1)
    if isinstance(cell, float) and 0 < cell < 1:
        return dt.time(*divmod(round(cell * 24 * 60) % (24 * 60), 60))
    match = re.fullmatch(r"(\d{1,2})\s*+(?:h|heures?)?+\s*+(\d{2})?(?: 00)?", normalise(as_text(cell)))
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise CellError("écrivez l'heure comme 9:30")
    return dt.time(int(match[1]), int(match[2] or 0))


type Birth = tuple[int, int | None, int | None]


def birth_cell(cell: Cell) -> Birth | Proposed[Birth]:
    """Return (year, month, day) of a birth; the day, or the month too, may be unknown: 00/11/1988, 11/1988, 1988."""
    this_year = timezone.localdate().year
    parts = parts_of_a_date(cell, until=this_year - 15)
    if not this_year - 100 <= parts.year <= this_year - 15:
        raise CellError(f"naissance en {parts.year} : l'âge serait hors de 15 à 100 ans, vérifiez l'année")
    return parts.proposed((parts.year, parts.month, parts.day))


def parts_of_a_date(cell: Cell, *, until: int) -> DateParts:
    """Return year, month and day as far as they are written. A year of two figures is the last one up to `until`."""
    if isinstance(cell, dt.datetime | dt.date):
        return DateParts(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.time):
        # What a workbook of Excel's has of a date before 1900.
        raise CellError(f"la case n'a pas d'année après 1900 : {DATE_EXAMPLE}")
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _counted(cell)
    value = _LEADING.sub("", _T.sub(" ", normalise(str(cell)))).replace("1er", "1")
    if len(value) == 5 and value.isdecimal():
        return _counted(int(value))
    tokens = value.split()
    weekday = WEEKDAYS.get(tokens[0]) if len(tokens) >= 4 else None
    numbers = [MONTH_NUMBERS.get(token, token) for token in tokens[weekday is not None :]]
    if len(numbers) > 3 and set("".join(numbers[3:])) <= set("0z"):
        numbers = numbers[:3]  # midnight
    if (
        not 1 <= len(numbers) <= 3
        or not all(part.isdecimal() and len(part) <= 4 for part in numbers)
        or (value.isdecimal() and len(value) != 4)
    ):
        raise CellError(DATE_EXAMPLE)
    if len(numbers[0]) == 4:
        numbers.reverse()
    *rest, year_text = numbers
    day_text, month_text = (["", *rest] if len(rest) == 1 else rest) or ["", ""]
    parts = _checked(_year(year_text, until), int(month_text or 0), int(day_text or 0))
    return replace(parts, doubt=_doubt(parts, year_text, weekday))


def _counted(number: float) -> DateParts:
    """Return the date of a number: a year, or the days by which a spreadsheet counts."""
    if 1800 <= number <= 2200:
        if number != int(number):
            raise CellError(DATE_EXAMPLE)
        return DateParts(int(number), None, None)
    if int(number) in SERIALS:
        moment = DAY_ZERO + dt.timedelta(days=int(number))
        return DateParts(moment.year, moment.month, moment.day, "un numéro de jour de tableur")
    raise CellError(DATE_EXAMPLE)


def _doubt(parts: DateParts, year_text: str, weekday: int | None) -> str:
    if weekday is not None and parts.month and parts.day:
        written = dt.date(parts.year, parts.month, parts.day)
        if written.weekday() != weekday:
            return f"ce jour est un {DAYS[written.weekday()]}"
    return "une année à deux chiffres" if len(year_text) == 2 else ""


def _year(digits: str, until: int) -> int:
    if len(digits) == 2:
        century = until - until % 100
        return century + int(digits) - (100 if century + int(digits) > until else 0)
    if len(digits) != 4:
        raise CellError(DATE_EXAMPLE)
    return int(digits)


def _checked(year: int, month: int, day: int) -> DateParts:
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError:
        raise CellError(f"cette date n'existe pas : {DATE_EXAMPLE}") from None
    if day and not month:
        raise CellError("le mois manque : écrivez-le, ou laissez aussi le jour à 00")
    return DateParts(year, month or None, day or None)
