"""Handlers of streams: the apps give them, and here is what they are made of."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cqp.core.registry import Registry
from cqp.core.text import MOST
from cqp.models import Operation, User


class MalformedError(Exception):
    """The batch cannot be read: 422. The message says in French what is wrong."""


@dataclass(frozen=True)
class Incoming:
    """One operation as received, its envelope checked."""

    key: uuid.UUID
    kind: str
    payload: Mapping[str, Any]
    base_seq: int
    at: dt.datetime


@dataclass(frozen=True)
class Applied:
    """Done: `seq` is its rank in the stream; `replaced` what a stale change put aside, to be offered back."""

    seq: int
    replaced: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Refused:
    """Kept but not done; `reason` says why, in French."""

    reason: str


class StreamHandler:
    """Base of the handlers. One instance serves one batch, inside its transaction.

    `alone`: the kinds before which everything is written, since they read it from the database.
    """

    kind: str
    alone: frozenset[str] = frozenset()

    def __init__(self, user: User, pk: int, device: str, kinds: frozenset[str]) -> None:
        """Load and lock the stream's object, for a batch of these kinds.

        Raises Http404 unless `user` is or was entitled to it.
        """
        self.user, self.pk, self.device = user, pk, device

    def validate(self, incoming: Sequence[Incoming]) -> None:
        """Raise MalformedError when a payload makes no sense. Sees the whole batch, so that it can query once."""
        raise NotImplementedError

    def apply(self, incoming: Incoming) -> Applied | Refused:
        """Decide in memory what the operation does."""
        raise NotImplementedError

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        """Write what `apply` decided since the last time. The operations are saved already."""
        raise NotImplementedError

    def seq(self) -> int:
        """Return the stream's rank after the batch."""
        raise NotImplementedError


def parse_text(value: object, limit: int, name: str) -> str:
    """Return `value` if it is a text of at most `limit` characters. Raises MalformedError, naming the field, otherwise."""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise MalformedError(f"« {name} » doit être un texte d'au plus {limit} caractères.")
    return value


def parse_int(value: object, name: str) -> int:
    """Return `value` if it is a whole number that a database keeps. Raises MalformedError, naming the field, otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise MalformedError(f"« {name} » doit être un nombre entier.")
    return value


handlers: Registry[type[StreamHandler]] = Registry("cqp.operations.hooks.handlers")
