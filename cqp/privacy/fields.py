"""What is kept of a person and what is erased, field by field. Each package declares its own.

A test finds a field that nobody declared. The erasure empties what is declared, so that both say the same.
"""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db.models import Case, QuerySet, Value, When

from cqp.privacy import hooks
from cqp.privacy.hooks import Fields

# What stands for a text that was there.
MARK = "[effacé]"


def declare(model: str, retained: str = "", **emptied: Any) -> None:
    """Rows of `model` stay: the fields `retained` (names, with spaces) as they are, the others emptied."""
    _declare(model, Fields(retained=frozenset(retained.split()), emptied=emptied))


def declare_deleted(*names: str) -> None:
    """Rows of these models that are a person's are deleted."""
    for model in names:
        _declare(model, Fields(is_deleted=True))


def declare_retained(why: str, *names: str) -> None:
    """Nothing of these models is erased, for the reason that `why` gives."""
    for model in names:
        _declare(model, Fields(why=why))


def _declare(model: str, fields: Fields) -> None:
    hooks.fields.register(fields, key=model)


def undeclared() -> list[str]:
    """Return the fields of which nothing is said, and those that are said and do not exist: `cqp.Mail.body`."""
    undeclared_fields = []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        declared = hooks.fields.for_key(label) if label in hooks.fields else None
        if declared and (declared.is_deleted or declared.why):
            continue
        concrete = model._meta.local_concrete_fields
        # What a row belongs to stays, unless it is declared as emptied.
        own = {f.name for f in concrete if not f.primary_key and not f.is_relation}
        named = declared.named if declared else frozenset()
        undeclared_fields += [f"{label}.{name}" for name in (own - named) | (named - {f.name for f in concrete})]
    return sorted(undeclared_fields)


def check_fields(**kwargs: Any) -> list[CheckMessage]:
    """A field of which nothing is declared, or a declaration of none, is an error of `manage.py check`."""
    return [
        Error(f"{name}: is it kept of a person, or erased? Nothing is declared.", id="cqp.E013")
        for name in undeclared()
    ]


def empty(rows: QuerySet, **more: Any) -> int:
    """Empty what is declared as erased in these rows, give them what `more` says, and return their number."""
    emptied = hooks.fields.for_key(rows.model._meta.label).emptied
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
