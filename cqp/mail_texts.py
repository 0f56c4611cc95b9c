"""Mails that a branch may word itself: which ones, their zones, the names that its words may hold, what they look like."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import get_template

# What a branch may write between braces, and the variable of the mail that it stands for.
NAMES = {
    "nom": "name",
    "session": "session",
    "certification": "title",
    "branche": "branch",
    "contact": "contact",
    "limite": "deadline",
    "jour": "when",
}
BRACES = re.compile(r"\{\s*([^{}]*?)\s*\}")


@dataclass(frozen=True)
class Editable:
    """A mail by the name of its template: when it leaves, and an example of its context."""

    template: str
    label: str
    sample: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        return [name for name, variable in NAMES.items() if variable in self.sample]


@dataclass(frozen=True)
class Zone:
    key: str
    label: str


EDITABLE: dict[str, Editable] = {}
# What the branches wrote: a function of (branch's id, template) that returns {zone: words}. An app registers it.
SOURCES: list[Callable[[int, str], dict[str, str]]] = []


def declare_editable(*mails: Editable) -> None:
    for mail in mails:
        EDITABLE[mail.template] = mail


def texts_of(branch_id: int | None, template: str) -> dict[str, str]:
    """Return what a branch wrote of a mail."""
    if branch_id is None or template not in EDITABLE:
        return {}
    return {zone: words for source in SOURCES for zone, words in source(branch_id, template).items()}


def zones_of(template: str) -> list[Zone]:
    """Return the zones of a mail, in their order."""
    from cqp.templatetags.mail_texts import ZoneNode

    nodes = get_template(f"emails/{template}.txt").template.nodelist.get_nodes_by_type(ZoneNode)
    return [Zone(one.key, one.label) for one in nodes]


def filled(words: str, context: Any) -> str:
    """Return the words with what stands for each name. A name that this mail does not have stays as it is written."""

    def value(found: re.Match[str]) -> str:
        variable = NAMES.get(found[1])
        return str(context.get(variable, found[0])) if variable else found[0]

    return BRACES.sub(value, words)


def unknown_names(words: str, template: str) -> list[str]:
    """Return what stands between braces and means nothing in this mail."""
    return [name for name in BRACES.findall(words) if name not in EDITABLE[template].names]
