"""Roles are relations: the apps say which ones there are, and this says which of them a person holds.

The packages declare them (`cqp.accounts.hooks`). A role is held in a branch, so one union of small queries tells at once the
roles of a person and whom they may write to. Nothing is kept in the session: a role given or taken shows at once.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Value

from cqp.accounts import hooks
from cqp.accounts.hooks import Role


@dataclass(frozen=True)
class Contact:
    """How to reach a branch. Every field but the name may be empty."""

    name: str
    address: str
    email: str
    telephone: str


@dataclass(frozen=True)
class Standing:
    """The roles that a person holds, in the order of their registration, and the branches in which they hold them."""

    roles: list[Role]
    contacts: list[Contact]


# As `all_contacts` last read them in this process: the page of an error asks the database nothing.
LAST_CONTACTS: list[Contact] = []


def all_contacts() -> list[Contact]:
    rows = (row for source in hooks.contacts for row in source().values_list("name", "address", "email", "telephone"))
    LAST_CONTACTS[:] = [Contact(*row) for row in rows]
    return list(LAST_CONTACTS)


def standing(user: Any) -> Standing:
    """Return what `user` is, in one query; nothing for a visitor who is not logged in."""
    if not user.is_authenticated or not hooks.roles:
        return Standing([], [])
    first, *others = [
        role.branches(user).order_by().values_list(Value(role.key), "name", "address", "email", "telephone")
        for role in hooks.roles
    ]
    rows = list(first.union(*others))
    held = {key for key, *_ in rows}
    contacts = sorted({Contact(*contact) for _, *contact in rows}, key=lambda contact: contact.name)
    return Standing([role for role in hooks.roles if role.key in held], contacts)
