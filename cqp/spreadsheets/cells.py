"""What a cell of a spreadsheet means: dates, addresses, numbers as people write them.

Each function raises CellError, which says what to write.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from cqp.core.text import normalise, parse_number
from cqp.spreadsheets.formats import Cell

MONTHS = (
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
)
MONTH_NUMBERS = {month: str(number) for number, month in enumerate(MONTHS, 1)}
# Day 0 of the serial numbers by which a spreadsheet keeps dates, from March 1900 on.
DAY_ZERO = dt.date(1899, 12, 30)
SERIALS = range(3_000, 80_000)
YES = {"oui", "o", "x", "vrai", "1", "yes", "true", "ok"}
NO = {"non", "n", "faux", "0", "no", "false", ""}
DATE_EXAMPLE = "écrivez la date comme 03/11/1988"


class CellError(Exception):
    """A cell that means nothing here. The message says in French what to write."""


def as_text(cell: Cell) -> str:
    """Return a cell as one would read it."""
    match cell:
        case bool():
            return "oui" if cell else "non"
        case dt.datetime() if cell.time() == dt.time():
            return f"{cell:%d/%m/%Y}"
        case dt.datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case dt.date():
            return f"{cell:%d/%m/%Y}"
        case dt.time():
            return f"{cell:%H:%M}"
        case float():
            return f"{cell:g}".replace(".", ",")
    return " ".join(str(cell).split())


def name_cell(longest: int) -> Callable[[Cell], str]:
    """Return what reads a text of so many letters at most."""

    def read(cell: Cell) -> str:
        value = as_text(cell)
        if len(value) > longest:
            raise CellError(f"{len(value)} caractères : {longest} au plus")
        return value

    return read


def email_cell(cell: Cell) -> str:
    value = "".join(as_text(cell).split()).removeprefix("mailto:").strip("<>;,").lower()
    try:
        validate_email(value)
    except ValidationError:
        raise CellError("ce n'est pas une adresse électronique : écrivez-la comme prenom.nom@exemple.fr") from None
    return value


def integer_cell(low: int, high: int, unit: str = "") -> Callable[[Cell], int]:
    """Return what reads a whole number between two, its unit written or not."""

    def read(cell: Cell) -> int:
        value = as_text(cell).casefold().removesuffix(unit).removesuffix("min").strip()
        number = parse_number(value)
        if number is None or not low <= number <= high:
            raise CellError(f"écrivez un nombre entier de {low} à {high}")
        return number

    return read


def yes_cell(cell: Cell) -> bool:
    value = normalise(as_text(cell))
    if value in YES:
        return True
    if value in NO:
        return False
    raise CellError("écrivez oui ou non")


def choice_cell(choices: Mapping[str, str], examples: str) -> Callable[[Cell], str]:
    """Return what reads one of the values of `choices`, known by any of their names, whatever the accents and the case."""
    known = {normalise(spelling): value for spelling, value in choices.items()}

    def read(cell: Cell) -> str:
        value = normalise(as_text(cell))
        if value not in known:
            raise CellError(f"ce n'est pas connu : écrivez {examples}")
        return known[value]

    return read


def insee_cell(cell: Cell) -> str:
    """Return a code of five, its first zero given back."""
    value = as_text(cell).upper().replace(" ", "")
    if re.fullmatch(r"\d{4}", value):
        value = f"0{value}"
    if not re.fullmatch(r"\d{5}|2[AB]\d{3}", value):
        raise CellError("un code INSEE a cinq caractères, comme 69123 ou 2A004 (ce n'est pas le code postal)")
    return value


def date_cell(cell: Cell) -> dt.date:
    year, month, day = parts_of_a_date(cell, until=timezone.localdate().year + 5)
    if not month or not day:
        raise CellError("écrivez la date entière, comme 03/11/2026")
    return dt.date(year, month, day)


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


def birth_cell(cell: Cell) -> tuple[int, int | None, int | None]:
    """Return (year, month, day) of a birth; the day, or the month too, may be unknown: 00/11/1988, 11/1988, 1988."""
    this_year = timezone.localdate().year
    year, month, day = parts_of_a_date(cell, until=this_year - 15)
    if not this_year - 100 <= year <= this_year - 15:
        raise CellError(f"naissance en {year} : l'âge serait hors de 15 à 100 ans, vérifiez l'année")
    return year, month, day


def parts_of_a_date(cell: Cell, *, until: int) -> tuple[int, int | None, int | None]:
    """Return year, month and day as far as they are written. A year of two figures is the last one up to `until`."""
    if isinstance(cell, dt.datetime | dt.date):
        return cell.year, cell.month, cell.day
    if isinstance(cell, dt.time):
        # What a workbook of Excel's has of a date before 1900.
        raise CellError(f"la case n'a pas d'année après 1900 : {DATE_EXAMPLE}")
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if 1800 <= cell <= 2200:
            return int(cell), None, None
        if int(cell) in SERIALS:
            moment = DAY_ZERO + dt.timedelta(days=int(cell))
            return moment.year, moment.month, moment.day
        raise CellError(DATE_EXAMPLE)
    value = re.sub(r"( 00){2,3}$", "", normalise(str(cell))).replace("1er", "1")
    numbers = [MONTH_NUMBERS.get(part, part) for part in value.split()]
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
    return _checked(_year(year_text, until), int(month_text or 0), int(day_text or 0))


def _year(digits: str, until: int) -> int:
    if len(digits) == 2:
        century = until - until % 100
        return century + int(digits) - (100 if century + int(digits) > until else 0)
    if len(digits) != 4:
        raise CellError(DATE_EXAMPLE)
    return int(digits)


def _checked(year: int, month: int, day: int) -> tuple[int, int | None, int | None]:
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError:
        raise CellError(f"cette date n'existe pas : {DATE_EXAMPLE}") from None
    if day and not month:
        raise CellError("le mois manque : écrivez-le, ou laissez aussi le jour à 00")
    return year, month or None, day or None


def list_cell(cell: Cell) -> list[str]:
    """Return the items of a list in a cell: `1, 2 et 3`."""
    if isinstance(cell, float) and not float(cell).is_integer():
        return as_text(cell).split(",")  # 1,2 taken for a number
    return [part for part in re.split(r"[\s,;/+&]+|\bet\b", as_text(cell)) if part]
