"""Alterations of evident rows by somebody with the database: a field changed, a row taken away, copied, two rows swapped."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model

from cqp.evidence.hooks import Evident, evident


@dataclass(frozen=True)
class Alteration:
    """What is done behind the site's back, to which row."""

    name: str
    row: str
    act: Callable[[], Any]


def list_alterations(bound: Evident) -> Iterator[Alteration]:
    """Return those of one model: every evident field, then the row itself. None where the story has no row of it."""
    rows = list(bound.model_class._base_manager.order_by("pk"))
    if not rows:
        return
    row, label = rows[0], bound.model
    for field in bound.concrete_fields:
        for changed in rows:
            if getattr(changed, field.attname) not in (None, "", [], {}):
                row = changed
                break
        value = another_value(getattr(row, field.attname), field)
        yield Alteration(f"{label}.{field.name} changed", str(row.pk), _update(row, **{field.attname: value}))
    yield Alteration(f"{label} taken away", str(row.pk), lambda row=row: _rows(row)._raw_delete("default"))
    yield Alteration(f"{label} added", "", lambda row=row: _copy(row))


def _rows(row: Model) -> Any:
    return type(row)._base_manager.filter(pk=row.pk)


def _update(row: Model, **values: Any) -> Callable[[], Any]:
    return lambda: _rows(row).update(**values)


def _copy(row: Model) -> str:
    """Insert the same row once more, under a key of its own and with whatever must be unique. Return the key."""
    values = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        values[field.attname] = another_value(value, field) if field.unique and not field.primary_key else value
    values[row._meta.pk.attname] = None
    for group in row._meta.total_unique_constraints:
        name = group.fields[-1]
        field = row._meta.get_field(name)
        values[field.attname] = another_value(values[field.attname], field)
    copy = type(row)(**values)
    type(row)._base_manager.bulk_create([copy])
    return str(copy.pk)


def another_value(value: Any, field: Any) -> Any:
    """Return a value of the same kind that is not this one."""
    match value:
        case bool():
            return not value
        case int():
            return value + (100_000 if field.is_relation else 20)
        case str():
            limit = field.max_length or 1_000
            return ("x" if value[:1] != "x" else "y") + value[1:limit]
        case dt.datetime() | dt.date():
            return value + dt.timedelta(days=1)
        case dt.time():
            return value.replace(minute=(value.minute + 1) % 60)
        case Decimal():
            return value + 1
        case uuid.UUID():
            return uuid.uuid4()
        case bytes() | memoryview():
            return bytes(value) + b"x"
        case dict() | list():
            return {"changed": 1}
    return _any_value(field)


def _any_value(field: Any) -> Any:
    """Return a value for a field that has none."""
    internal = field.target_field if field.is_relation else field
    return {
        "DateTimeField": dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        "DateField": dt.date(2020, 1, 1),
        "TimeField": dt.time(9),
        "JSONField": {"changed": 1},
        "BooleanField": True,
        "UUIDField": uuid.uuid4(),
        "BinaryField": b"x",
        "CharField": "x",
        "TextField": "x",
    }.get(internal.get_internal_type(), 1)


def list_all() -> list[tuple[Evident, Alteration]]:
    return [(bound, alteration) for bound in evident for alteration in list_alterations(bound)]
