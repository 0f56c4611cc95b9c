"""Texts as they arrive, and as they are compared."""

import re
import unicodedata

# What ends a line elsewhere than in a form: pasted from a word processor, sent by a program. CR LF, a form's own, stays.
_LINE_ENDS = re.compile("\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# What no database, header, spreadsheet or XML document takes, and nobody sees.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")
# The largest number of a database's ordinary column.
MOST = 2**31 - 1

# Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def clean_text(text: str) -> str:
    """Return a received text as it can be kept: every line end a line end, nothing unseen, no half of a character.

    What one reads is never changed. `cqp.web.received` cleans what comes by HTTP, `cqp.spreadsheets.reading` cells.
    """
    return _HALVES.sub("\ufffd", _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))


def clean_line(text: str) -> str:
    """Return a received text on one line, as a field of one line means it."""
    return " ".join(clean_text(text).splitlines())


def parse_number(text: str | None, most: int = MOST) -> int | None:
    """Return the whole number that received figures write, `most` at most; None for anything else.

    `str.isdigit` takes `²`, and `int` neither that nor five thousand figures.
    """
    if not text or len(text) > 15 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= most else None


def normalise(text: str) -> str:
    """Return `text` as it is compared: no case, accent, apostrophe, hyphen or double space. `d'Ornano` → `d ornano`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    letters = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(letters.split())


def file_size(size: int) -> str:
    """Bytes in French words: `1,4 Mo`."""
    for unit, factor in (("Go", 10**9), ("Mo", 10**6), ("ko", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".", ",").replace(",0 ", " ")
    return f"{size} octets"
