"""Texts as they are compared."""

import unicodedata

# Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def fold(text: str) -> str:
    """Return `text` as it is compared: no case, accent, apostrophe, hyphen or double space. `d'Ornano` → `d ornano`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())
