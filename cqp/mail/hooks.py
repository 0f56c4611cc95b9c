"""Mails that a branch may word itself, and where its words are: the apps say both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cqp.core.registry import Registry

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


@dataclass(frozen=True)
class Editable:
    """A mail by the name of its template: when it leaves, and an example of its context."""

    template: str
    label: str
    sample: Mapping[str, Any]

    @property
    def names(self) -> list[str]:
        return [name for name, variable in NAMES.items() if variable in self.sample]


editable: Registry[Editable] = Registry("cqp.mail.hooks.editable")
# What the branches wrote: a function of (branch's id, template) that returns {zone: words}.
texts: Registry[Callable[[int, str], dict[str, str]]] = Registry("cqp.mail.hooks.texts")


def declare_editable(*mails: Editable) -> None:
    for mail in mails:
        editable.register(mail, key=mail.template)
