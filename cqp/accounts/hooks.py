"""Roles, and whom somebody without one may write to: the apps say both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from cqp.core.registry import Registry
from cqp.models import User


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


roles: Registry[Role] = Registry("cqp.accounts.hooks.roles")
# Whom somebody without a role may write to: rows that have the fields of Contact.
contacts: Registry[Callable[[], QuerySet[Any]]] = Registry("cqp.accounts.hooks.contacts")
