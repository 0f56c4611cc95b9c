"""What a cell of a spreadsheet means: addresses, numbers, choices as people write them. Dates are in `dates`.

Each function raises CellError, which says what to write.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from cqp.core.text import normalise, parse_number
from cqp.spreadsheets.encodings import has_lost_letters
from cqp.spreadsheets.formats import Cell

YES = {"oui", "o", "x", "v", "vrai", "1", "yes", "y", "true", "ok", "coche", "cochee"}
NO = {"non", "n", "f", "faux", "0", "no", "false", "aucun", "aucune", "neant", "sans", ""}
# Signs that say so; the last two of the first are what the ticks of Wingdings are to a program.
TICKS = set("✓✔☑✅🗸🗹☒⊠●■üþ")
BLANKS = {*"-–—/.☐□○◯", ""}
LOST_LETTERS = "des lettres semblent perdues, relisez"


class CellError(Exception):
    """A cell that means nothing here. The message says in French what to write."""


@dataclass(frozen=True)
class Proposed[T]:
    """What a cell seems to mean, for a person to agree to: `message` says in French how it was read."""

    value: T
    message: str


def value_of[T](read: T | Proposed[T]) -> T:
    return read.value if isinstance(read, Proposed) else read


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


def name_cell(longest: int) -> Callable[[Cell], str | Proposed[str]]:
    """Return what reads a text of so many letters at most. One whose accents seem lost is proposed."""

    def read(cell: Cell) -> str | Proposed[str]:
        value = as_text(cell)
        if len(value) > longest:
            raise CellError(f"{len(value)} caractères : {longest} au plus")
        return Proposed(value, LOST_LETTERS) if has_lost_letters(value) else value

    return read


def email_cell(cell: Cell) -> str | Proposed[str]:
    """Return an address, also one that stands beside a name: `Camille Petit <c@exemple.fr>`. A repair is proposed."""
    written = as_text(cell).lower()
    match = re.search(r"<([^<>]{3,254})>", written)
    is_beside_a_name = match and "@" not in written.replace(match[0], "").replace(match[1], "")
    value = match[1] if match and is_beside_a_name else written
    value = "".join(value.split()).removeprefix("mailto:").strip("<>;,")
    try:
        validate_email(value)
    except ValidationError:
        raise CellError("ce n'est pas une adresse électronique : écrivez-la comme prenom.nom@exemple.fr") from None
    return value if value == written else Proposed(value, f"adresse lue « {value} »")


def integer_cell(low: int, high: int, unit: str = "") -> Callable[[Cell], int]:
    """Return what reads a whole number between two, its unit written or not. `non` is 0, where 0 may be."""

    def read(cell: Cell) -> int:
        if low == 0 and cell != "" and yes_or_no(cell) is False:
            return 0
        if yes_or_no(cell) and as_text(cell) != "1":
            raise CellError(f"écrivez combien : un nombre entier de {low} à {high}")
        value = as_text(cell).casefold()
        for ending in (unit, "min.", "min", "mn", "'", "’"):
            value = value.removesuffix(ending).strip()
        number = parse_number(value)
        if number is None or not low <= number <= high:
            raise CellError(f"écrivez un nombre entier de {low} à {high}")
        return number

    return read


def yes_or_no(cell: Cell) -> bool | None:
    """Return what a cell says where it is a yes or a no, in any usual form; None for anything else."""
    text = as_text(cell).replace("\ufe0f", "")
    if text in TICKS or text in BLANKS:
        return text in TICKS
    value = normalise(text)
    if value in YES:
        return True
    # A sign that we do not know is no answer, though nothing is left of it to compare.
    return False if value and value in NO else None


def yes_cell(cell: Cell) -> bool:
    answer = yes_or_no(cell)
    if answer is None:
        raise CellError("écrivez oui ou non")
    return answer


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


def list_cell(cell: Cell) -> list[str]:
    """Return the items of a list in a cell: `1, 2 et 3`."""
    if isinstance(cell, float) and not float(cell).is_integer():
        return as_text(cell).split(",")  # 1,2 taken for a number
    return [part for part in re.split(r"[\s,;/+&]+|\bet\b", as_text(cell)) if part]
