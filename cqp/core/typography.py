"""French spaces: what must not be torn apart at the end of a line, in every page, document and mail. Pure."""

import re

NBSP = "\u00a0"
# Source: Imprimerie nationale, « Lexique des règles typographiques »: before : ; ? ! » %, after «, between a number and its
# unit, « M. » and a name, a day and its month.
UNITS = (
    "h|min|s|an|ans|mois|jour|jours|heure|heures|minute|minutes|point|points|octets|ko|Mo|Go|km|m|cm|mm|€|janvier|février|"
    "mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
_SPACE = re.compile(
    rf" (?:(?<=\S )(?=[:;?!»%€](?:[^\w/]|$))|(?<=« )(?=\S)|(?<=\d )(?=(?:{UNITS})\b)|(?<=\bn° )|(?<=\bM\. ))"
)
_AS_WRITTEN = re.compile(r"<(textarea|script|style|pre|code|svg)\b", re.IGNORECASE)


def join_french(text: str) -> str:
    """Return a text with its French spaces unbreakable; nothing else changes, neither its length."""
    return _SPACE.sub(NBSP, text)


def join_french_html(html: str) -> str:
    """Return a page with the spaces of its texts unbreakable: not those of attributes, of code, of what one types."""
    parts, at = [], 0
    while opened := _AS_WRITTEN.search(html, at):
        closed = html.find(f"</{opened[1]}", opened.end())
        end = closed if closed >= 0 else len(html)
        parts += [_join_texts(html[at : opened.start()]), html[opened.start() : end]]
        at = end
    return "".join([*parts, _join_texts(html[at:])])


def _join_texts(html: str) -> str:
    def space(match: re.Match[str]) -> str:
        """A space after the last `<` without its `>` stands in a tag."""
        at = match.start()
        return " " if html.rfind("<", 0, at) > html.rfind(">", 0, at) else NBSP

    return _SPACE.sub(space, html)
