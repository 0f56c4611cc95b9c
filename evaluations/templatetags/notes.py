"""Notes as evaluators read them: « p. 12 » in them opens that page of the dossier."""

import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# « p. 12 », « p.12-14 »; after a plural, any list: « pages 3, 4 et 12 ». The same as in static/js/preparation/pages.js.
PAGES = re.compile(
    r"\b(?:p\.|page)[ \xa0]?[0-9]{1,3}(?:[-–][0-9]{1,3})?\b"
    r"|\b(?:pp\.|pages)[ \xa0]?[0-9]{1,3}(?:[ \xa0]?(?:,|-|–|à|et)[ \xa0]?[0-9]{1,3})*\b",
    re.IGNORECASE,
)
FIRST_OR_NEXT = re.compile(r"^\D+\d+|\d+")


def _shown(headings: list[Any]) -> set[int]:
    return {number for heading in headings for number in heading.numbers}


@register.filter
def page_links(note: str, headings: list[Any]) -> SafeString:
    """Return a note as HTML, with its line breaks, and a link on each page that the dossier's `headings` show."""
    shown = _shown(headings)

    def link(match: re.Match[str]) -> str:
        number = int(re.sub(r"\D", "", match[0]))
        return f'<a href="#page-{number}">{match[0]}</a>' if number in shown else match[0]

    # What is matched, and wrapped, holds no character of HTML; everything around it was escaped before.
    linked = PAGES.sub(lambda match: FIRST_OR_NEXT.sub(link, match[0]), escape(note))
    return mark_safe(linked.replace("\n", "<br>"))


@register.filter
def cited_pages(note: str, headings: list[Any]) -> list[int]:
    """Return the pages of the dossier that a note cites, in order, each once."""
    cited = {int(number) for match in PAGES.findall(note) for number in re.findall(r"\d+", match)}
    return sorted(cited & _shown(headings))
