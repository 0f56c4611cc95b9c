"""The code of a sheet on paper: `F-3K7Q-W2`, short enough to be typed, with a check letter that finds a typing error.

`F` names an evaluator's own sheet by its assignment, `C` the joint one by its interview, so that a form can be printed
before the sheet is opened. A code is no secret: it opens nothing to whom the sheet is not open.
"""

from dataclasses import dataclass
from enum import StrEnum

from cqp.documents.services import CODE_ALPHABET

DIGITS = 5
SIZE = 32**DIGITS
# Odd, hence without common factor with SIZE: neighbours get codes that do not look alike.
SPREAD = 20_753_413


class CodeKind(StrEnum):
    OWN = "F"
    JOINT = "C"


# Where the check starts from: one kind typed for the other is found too.
SEEDS = {CodeKind.OWN: 1, CodeKind.JOINT: 2}


class BadCodeError(Exception):
    """What was typed is not a code, or has a typing error."""


@dataclass(frozen=True)
class SheetCode:
    """`pk` is the assignment's for OWN, the interview's for JOINT."""

    kind: CodeKind
    pk: int

    def __str__(self) -> str:
        """Return `F-3K7Q-W2`. Raises ValueError for a pk of SIZE or more."""
        if not 0 <= self.pk < SIZE:
            raise ValueError(f"No code for {self.pk}.")
        spread = self.pk * SPREAD % SIZE
        digits = [spread // 32**rank % 32 for rank in reversed(range(DIGITS))]
        text = "".join(CODE_ALPHABET[digit] for digit in [*digits, _remainder(self.kind, [*digits, 0])])
        return f"{self.kind}-{text[:4]}-{text[4:]}"


def read_code(typed: str) -> SheetCode:
    """Return what a typed code names; capitals, spaces and dashes do not matter. Raises BadCodeError."""
    text = "".join(c for c in typed.upper() if not c.isspace() and c not in "-–—.")
    if len(text) != DIGITS + 2 or text[0] not in SEEDS or not set(text[1:]) <= set(CODE_ALPHABET):
        raise BadCodeError
    kind, digits = CodeKind(text[0]), [CODE_ALPHABET.index(c) for c in text[1:]]
    if _remainder(kind, digits):
        raise BadCodeError
    spread = sum(digit * 32**rank for rank, digit in enumerate(reversed(digits[:-1])))
    return SheetCode(kind, spread * pow(SPREAD, -1, SIZE) % SIZE)


def _remainder(kind: CodeKind, digits: list[int]) -> int:
    """Return the value of the digits as a polynomial at the generator of the field of 32 elements.

    It is 0 for a good code. One wrong letter, or two exchanged wherever they are, always makes it something else.
    """
    total = SEEDS[kind]
    for digit in digits:
        total <<= 1
        total = (total ^ 0b100101 if total & 32 else total) ^ digit
    return total
