"""What is kept of a person and what is erased, field by field. Each app declares its own in `personal_fields.py`.

A test finds a field that nobody declared. The erasure empties what is declared, so that both say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Case, QuerySet, Value, When

# What stands for a text that was there.
MARK = "[effacé]"


@dataclass(frozen=True)
class Fields:
    """Of the rows about a person: `emptied` are the fields that are erased and what they get, MARK for a text that was there.

    `kept` are the others. `gone`: the rows are deleted. `why` the whole table is kept, where it tells of no candidate.
    """

    kept: frozenset[str] = frozenset()
    emptied: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    why: str = ""

    @property
    def named(self) -> frozenset[str]:
        return self.kept | frozenset(self.emptied)


FIELDS: dict[str, Fields] = {}


def declare(model: str, kept: str = "", **emptied: Any) -> None:
    """Rows of `model` stay: the fields `kept` (names, with spaces) as they are, the others emptied."""
    _declare(model, Fields(kept=frozenset(kept.split()), emptied=emptied))


def declare_gone(*names: str) -> None:
    """Rows of these models that are a person's are deleted."""
    for model in names:
        _declare(model, Fields(gone=True))


def declare_whole(why: str, *names: str) -> None:
    """Nothing of these models is erased, for the reason that `why` gives."""
    for model in names:
        _declare(model, Fields(why=why))


def _declare(model: str, fields: Fields) -> None:
    assert FIELDS.setdefault(model, fields) == fields, f"{model} is declared twice"


def undeclared() -> list[str]:
    """Return the fields of which nothing is said, and those that are said and do not exist: `cqp.Mail.body`."""
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        label, said = model._meta.label, FIELDS.get(model._meta.label)
        if said and (said.gone or said.why):
            continue
        concrete = model._meta.local_concrete_fields
        # What a row belongs to stays, unless it is declared as emptied.
        own = {f.name for f in concrete if not f.primary_key and not f.is_relation}
        named = said.named if said else frozenset()
        wrong += [f"{label}.{name}" for name in (own - named) | (named - {f.name for f in concrete})]
    return sorted(wrong)


def empty(rows: QuerySet, **more: Any) -> int:
    """Empty what is declared as erased in these rows, give them what `more` says, and return their number."""
    emptied = FIELDS[rows.model._meta.label].emptied
    return rows.order_by().update(**{name: _value(name, value) for name, value in emptied.items()}, **more)


def _value(name: str, value: Any) -> Any:
    if value == MARK:
        return Case(When(**{name: ""}, then=Value("")), default=Value(MARK))
    return value


def table_name(label: str) -> str:
    """Return the name of a model in French: `candidates.Answer` → `réponses`. What is no model's label is given back."""
    if label == "sessions.Session":
        return "connexions"  # here a session is one of certification
    try:
        return str(apps.get_model(label)._meta.verbose_name_plural)
    except (LookupError, ValueError):
        return label
