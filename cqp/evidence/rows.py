"""The digest of a row by which it is bound to the chain of its table, and the check that every model is declared.

A row is bound when a transaction that wrote it ends (`binding`); `verify` compares rows and chains both ways
(`row_verification`). The digest is keyed: without the site's key nobody makes one, or guesses a row from it.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import batched
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist

from cqp.evidence import keys
from cqp.evidence.hooks import Evident, evident, plain

BATCH = 500  # SQLite takes some thousands of parameters at most


def _as_json(value: Any) -> Any:
    """Return what stands for a value, the same on every database."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date | dt.time | Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"{type(value).__name__} cannot be bound.")


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_json).encode


def mac_of(table: str, row: str, values: Sequence[Any], key: str) -> str:
    """Return the digest of a row under the key of that name: the name, then HMAC-SHA-256, in hexadecimal."""
    return key + keys.sign(_encode([table, row, values]).encode(), key)


def read_rows(bound: Evident, pks: Collection[str] | None = None) -> Iterator[tuple[str, list[Any]]]:
    """Return each row, or those of these keys, as (key, values of the evident fields). A query for each 500 keys."""
    names = [field.attname for field in bound.concrete_fields]
    rows = bound.model_class._base_manager.order_by()
    chunks: Iterable[Any] = [None] if pks is None else batched(pks, BATCH, strict=False)
    for chunk in chunks:
        part = rows if chunk is None else rows.filter(pk__in=chunk)
        for pk, *values in part.values_list("pk", *names).iterator(chunk_size=2_000):
            yield str(pk), values


def check_models(**kwargs: Any) -> list[CheckMessage]:
    """Each model is declared evident, by fields that it has, or plain, with a reason; not both."""
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    declared = [*evident.keys(), *plain.keys()]
    errors = [f"{label}: does it prove something? Nothing is declared." for label in labels - set(declared)]
    errors += [f"{label}: it is declared, and there is no such model." for label in set(declared) - labels]
    errors += [f"{label}: it is declared evident and plain." for label in set(evident.keys()) & set(plain.keys())]
    for bound in evident:
        try:
            _ = bound.concrete_fields if bound.model in labels else []
        except FieldDoesNotExist as missing:
            errors.append(f"{bound.model}: {missing}")
    return [Error(message, id="cqp.E014") for message in sorted(errors)]
