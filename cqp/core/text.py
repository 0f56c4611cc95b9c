"""Texts as they are compared."""

import unicodedata

# Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


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
