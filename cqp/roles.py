"""Roles are relations: the apps say which ones there are, and this says which of them a person holds.

Each app registers its roles when it starts. A role is held in a branch, so one union of small queries tells at once the
roles of a person and whom they may write to. Nothing is kept in the session: a role given or taken shows at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.urls import NoReverseMatch, reverse

from cqp.models import User


@dataclass(frozen=True)
class Contact:
    """How to reach a branch. Every field but the name may be empty."""

    name: str
    address: str
    email: str
    telephone: str


@dataclass(frozen=True)
class Role:
    """`branches(user)` are the branches in which the person holds the role; `waiting(user)` says what waits for them.

    `branches` yields rows that have the fields of Contact. `waiting` is one sentence, from a fixed number of queries.
    `keeps_work`: what the person does waits on their device, encrypted, when it cannot be sent.
    """

    key: str
    label: str
    url_name: str
    description: str
    branches: Callable[[User], QuerySet[Any]]
    waiting: Callable[[User], str]
    keeps_work: bool = False

    @property
    def namespace(self) -> str:
        """The audience whose pages are those of the role: `branch`, `candidate`, `evaluator`, `jury`."""
        return self.url_name.partition(":")[0]

    @property
    def url(self) -> str:
        """The address of the role's first page, or "" when no app has it."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Standing:
    """The roles that a person holds, in the order of their registration, and the branches in which they hold them."""

    roles: list[Role]
    contacts: list[Contact]


ROLES: dict[str, Role] = {}
CONTACT_SOURCES: list[Callable[[], QuerySet[Any]]] = []
# As `all_contacts` last read them in this process: the page of an error asks the database nothing.
LAST_CONTACTS: list[Contact] = []


def register(*roles: Role) -> None:
    for role in roles:
        assert role.key not in ROLES, f"two roles {role.key}"
        ROLES[role.key] = role


def register_contacts(source: Callable[[], QuerySet[Any]]) -> None:
    """Say whom somebody without a role may write to: rows that have the fields of Contact."""
    CONTACT_SOURCES.append(source)


def all_contacts() -> list[Contact]:
    rows = (row for source in CONTACT_SOURCES for row in source().values_list("name", "address", "email", "telephone"))
    LAST_CONTACTS[:] = [Contact(*row) for row in rows]
    return list(LAST_CONTACTS)


def standing(user: Any) -> Standing:
    """Return what `user` is, in one query; nothing for a visitor who is not logged in."""
    if not user.is_authenticated or not ROLES:
        return Standing([], [])
    first, *others = [
        role.branches(user).order_by().values_list(Value(key), "name", "address", "email", "telephone")
        for key, role in ROLES.items()
    ]
    rows = list(first.union(*others))
    held = {key for key, *_ in rows}
    contacts = sorted({Contact(*contact) for _, *contact in rows}, key=lambda contact: contact.name)
    return Standing([role for key, role in ROLES.items() if key in held], contacts)
