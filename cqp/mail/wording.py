"""Mails that a branch may word itself: which ones, their zones, the names that its words may hold, what they look like."""

import re
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.loader import get_template

from cqp.mail.hooks import NAMES, editable, texts

BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Zone:
    key: str
    label: str


def texts_of(branch_id: int | None, template: str) -> dict[str, str]:
    """Return what a branch wrote of a mail."""
    if branch_id is None or template not in editable:
        return {}
    return {zone: text for source in texts for zone, text in source(branch_id, template).items()}


class ZoneNode(template.Node):
    """The branch's words when it has some (`texts` of the context), else what stands in the template."""

    def __init__(self, key: str, label: str, nodelist: Any) -> None:
        self.key, self.label, self.nodelist = key, label, nodelist

    def render(self, context: Any) -> str:
        text = (context.get("texts") or {}).get(self.key)
        return filled(text, context) if text else self.nodelist.render(context)


def zones_of(template: str) -> list[Zone]:
    """Return the zones of a mail, in their order."""
    compiled: Any = get_template(f"emails/{template}.txt")
    nodes = compiled.template.nodelist.get_nodes_by_type(ZoneNode)
    return [Zone(node.key, node.label) for node in nodes]


def filled(text: str, context: Any) -> str:
    """Return the words with what stands for each name. A name that this mail does not have stays as it is written."""

    def value(match: re.Match[str]) -> str:
        variable = NAMES.get(match[1].strip())
        return str(context.get(variable, match[0])) if variable else match[0]

    return BRACES.sub(value, text)


def unknown_names(text: str, template: str) -> list[str]:
    """Return what stands between braces and means nothing in this mail."""
    return [name for name in map(str.strip, BRACES.findall(text)) if name not in editable.for_key(template).names]
