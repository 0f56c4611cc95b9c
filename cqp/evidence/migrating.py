"""Binding around a migration, which rewrites rows while the marks are away.

What held before holds after: rows that a migration changed are bound anew, those that did not hold before it are left as they
are, for `verify` to find. A table whose rows were never bound, or by other fields, is bound whole, once its chain holds.
"""

from dataclasses import replace
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from cqp.evidence import chain, triggers
from cqp.evidence.binding import bind_rows
from cqp.evidence.hooks import Evident, before_binding, chain_heads, evident
from cqp.evidence.row_verification import list_row_faults
from cqp.evidence.verification import verify
from cqp.models import JournalStream, RowChain


class NotBoundError(Exception):
    """A database cannot be bound: what it has to prove does not hold already. Lists what, in French."""


# Tables, each with the rows that did not hold before the migration: {table: {row}}.
FAULTS: dict[str, dict[str, set[str]]] = {}


def note_before_migrate(using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    """Note which rows do not hold, once for a migration that has something to do."""
    if using in FAULTS or not plan:
        return
    tables = set(connections[using].introspection.table_names())
    if "cqp_rowentry" not in tables:
        return
    heads = {head.name: head for head in RowChain.objects.all()}
    FAULTS[using] = {
        bound.table: set(list_row_faults(before))
        for bound in evident
        if (before := _as_bound(bound, heads.get(bound.table), using))
    }


def bind_after_migrate(app_config: Any, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    if app_config is not [c for c in apps.get_app_configs() if c.models_module][-1]:
        return
    tables = set(connections[using].introspection.table_names())
    if not tables.issuperset({"cqp_rowentry", *(bound.table for bound in evident)}):
        return
    before = FAULTS.pop(using, None)
    with transaction.atomic(using=using):
        is_first = not RowChain.objects.exists()
        if is_first:
            # The locks refuse to touch a signed sheet, even to sign the end of its chain.
            triggers.drop_all(connections[using])
            _sign_heads()
            for prepare in before_binding:
                prepare()
            triggers.install_all(connections[using])
        for bound in evident:
            faults = (before or {}).get(bound.table, set())
            if not _is_bound(bound):
                _bind_whole(bound, faults)
            elif before is not None:
                _bind_changed(bound, faults)
        if is_first and JournalStream.objects.exists():
            _refuse_faults()


def _sign_heads() -> None:
    """Sign the ends of the chains of a database of before they were signed."""
    for list_heads in chain_heads:
        for head in list_heads():
            chain.sign(head)
            type(head)._base_manager.filter(pk=head.pk).update(signature=head.signature)


def _refuse_faults() -> None:
    """Raise for what did not hold in a database that is bound for the first time: it would look right for ever."""
    if faults := [fault for report in verify() for fault in report.faults]:
        raise NotBoundError("Nothing was bound, because this does not hold:\n" + "\n".join(faults))


def _is_bound(bound: Evident) -> bool:
    """Return whether the rows of this table are bound by the fields that are declared now."""
    return RowChain.objects.filter(name=bound.table, fields=list(bound.fields)).exists()


def _as_bound(bound: Evident, head: RowChain | None, using: str) -> Evident | None:
    """Return a model with the fields by which its rows are bound now; None where they are not, or cannot be read any more."""
    if head is None:
        return None
    earlier, connection = replace(bound, fields=tuple(head.fields)), connections[using]
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, bound.table)}
    try:
        return earlier if columns.issuperset(str(field.column) for field in earlier.concrete_fields) else None
    except FieldDoesNotExist:
        return None


def _bind_whole(bound: Evident, before: set[str]) -> None:
    """Bind a table by the fields that are declared now, but for the rows that did not hold before."""
    head = RowChain.objects.filter(name=bound.table).first()
    if head and not chain.is_signed(head):
        return  # `verify` says so. Its fields, perhaps, were changed so that all would be bound here.
    if head:
        head.fields = list(bound.fields)
        chain.sign(head)
        head.save(update_fields=["fields", "signature"])
    pks = bound.model_class._base_manager.order_by().values_list("pk", flat=True)
    bind_rows(bound, {str(pk) for pk in pks} - before)


def _bind_changed(bound: Evident, before: set[str]) -> None:
    changed = set(list_row_faults(bound)) - before - {""}
    if changed and "" not in before:
        bind_rows(bound, changed)
