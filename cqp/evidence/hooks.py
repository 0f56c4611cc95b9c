"""What the apps add to the evidence: what the database refuses, checks, chains whose heads a checkpoint notes."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from cqp.core.registry import Registry
from cqp.models import Checkpoint


@dataclass(frozen=True)
class Evident:
    """The fields of `model` that prove something, by their names; a foreign key is bound by the key that it holds."""

    model: str
    fields: tuple[str, ...]

    @property
    def model_class(self) -> type[models.Model]:
        return apps.get_model(self.model)

    @property
    def table(self) -> str:
        return self.model_class._meta.db_table

    @property
    def concrete_fields(self) -> list[Any]:
        """The fields themselves. Raises FieldDoesNotExist for a name that the model lacks."""
        return [self.model_class._meta.get_field(name) for name in self.fields]


@dataclass(frozen=True)
class Freeze:
    """Refuse `events` on `model`'s rows where `condition` holds, saying `message`.

    `condition` is SQL over the row, written `{row}.column`; on an update it must hold for OLD or NEW (`old_only`: for
    OLD). `unless` is SQL over OLD and NEW under which an update passes all the same. `columns` restricts an update's
    check to these columns.

    `emptied` is what the erasure of a person leaves: column → SQL of a value. While `erasing` (SQL over OLD and NEW) holds,
    an update that brings these columns there and changes nothing else that is watched passes.
    """

    model: str
    events: tuple[str, ...]
    message: str
    condition: str = "TRUE"
    unless: str = ""
    old_only: bool = False
    columns: tuple[str, ...] = ()
    emptied: Mapping[str, str] = field(default_factory=dict)
    erasing: str = ""

    @property
    def model_class(self) -> type[models.Model]:
        return apps.get_model(self.model)

    @property
    def watched(self) -> list[str]:
        return list(self.columns) or [str(f.column) for f in self.model_class._meta.local_concrete_fields]

    def changed(self, is_distinct: str) -> str:
        """Return SQL that is true when an update changes one of the watched columns."""
        return " OR ".join(f'(OLD."{n}" {is_distinct} NEW."{n}")' for n in self.watched)

    def erased(self, is_distinct: str) -> str:
        """Return SQL that is true when an update only empties, while a person is being erased."""
        assert self.emptied.keys() <= set(self.watched), self.model
        others = [f'NOT (OLD."{n}" {is_distinct} NEW."{n}")' for n in self.watched if n not in self.emptied]
        emptied = [f'NOT (NEW."{n}" {is_distinct} {value})' for n, value in self.emptied.items()]
        return " AND ".join([*others, *emptied, f"({self.erasing})"])


@dataclass
class Report:
    """What a check looked at, and what does not hold, in French."""

    name: str
    examined: int = 0
    faults: list[str] = field(default_factory=list)


class NotedHeads:
    """What the checkpoints noted of the chains, to be met again: {(chain, number of an entry): its hash}."""

    def __init__(self) -> None:
        self.left: dict[tuple[str, int], str] = {}
        for heads in Checkpoint.objects.values_list("heads", flat=True).iterator():
            self.left |= {(name, seq): head for name, (seq, head) in heads.items()}

    def meet(self, name: str, seq: int, entry_hash: str) -> str:
        """Return what is wrong with an entry that a checkpoint noted; "" when it is the same, or was not noted."""
        noted = self.left.pop((name, seq), entry_hash)
        return "" if noted == entry_hash else f"{name}, entrée {seq} : ce n'est plus celle du point de contrôle"

    def missing(self, belongs: Callable[[str], bool]) -> list[str]:
        gone = sorted(entry for entry in self.left if belongs(entry[0]))
        return [f"{name}, entrée {seq} : un point de contrôle l'avait notée, elle n'est plus là" for name, seq in gone]


freezes: Registry[Freeze] = Registry("cqp.evidence.hooks.freezes")
# Each is called once, with what the checkpoints noted.
checks: Registry[Callable[[NotedHeads], Report]] = Registry("cqp.evidence.hooks.checks")
# Each yields (chain, ranks of its entries) that a lawful erasure emptied.
emptied_entries: Registry[Callable[[], Iterable[tuple[str, Iterable[int]]]]] = Registry(
    "cqp.evidence.hooks.emptied_entries"
)
# Each tells whether something happened, after the first moment and until the second, that is to be noted without waiting.
checkpoint_reasons: Registry[Callable[[dt.datetime, dt.datetime], bool]] = Registry(
    "cqp.evidence.hooks.checkpoint_reasons"
)
# Each is called once, before a database is bound for the first time.
before_binding: Registry[Callable[[], None]] = Registry("cqp.evidence.hooks.before_binding")
# Each yields the rows that know where a chain ends.
chain_heads: Registry[Callable[[], Iterable[Any]]] = Registry("cqp.evidence.hooks.chain_heads")


def declare_freezes(*declared: Freeze) -> None:
    for freeze in declared:
        freezes.register(freeze, key=f"{freeze.model} {' '.join(freeze.events)}: {freeze.message}")


# Each model is in one of the two: by its label, the fields that are bound, or why none is.
evident: Registry[Evident] = Registry("cqp.evidence.hooks.evident")
plain: Registry[str] = Registry("cqp.evidence.hooks.plain")


def declare_evident(model: str, fields: str) -> None:
    """Bind the rows of `model` by these fields: their names, separated by spaces."""
    evident.register(Evident(model, tuple(fields.split())), key=model)


def declare_plain(why: str, *labels: str) -> None:
    """Rows of these models prove nothing, or something else proves them: `why` says which."""
    for label in labels:
        plain.register(why, key=label)
