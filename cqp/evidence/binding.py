"""Binding: when a transaction that wrote evident rows ends, what they now are is added to the chains of their tables.

The chains are locked one after the other by name, after all else, and for the time of a commit: two transactions that end
together queue, and none waits for another that waits for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from cqp.evidence import chain, keys, marks
from cqp.evidence.hooks import Evident, evident
from cqp.evidence.rows import mac_of, read_rows
from cqp.models import RowChain, RowEntry

# Databases, by alias, that are known to have the table of the marks.
_READY: set[tuple[str, str]] = set()


def is_evident(table: str) -> bool:
    """Return whether rows of this table are bound."""
    return any(bound.table == table for bound in evident)


def _is_ready(connection: Any) -> bool:
    """Return whether the table of the marks is there: not before the first migration. Asked until it is."""
    database = (connection.alias, str(connection.settings_dict["NAME"]))
    if database not in _READY:
        with connection.cursor() as cursor:
            tables = {table.name for table in connection.introspection.get_table_list(cursor)}
        if not {"cqp_rowmark", "cqp_rowentry"} <= tables:
            return False
        _READY.add(database)
    return True


def bind_written_rows(connection: Any) -> None:
    """Bind the rows that the transaction of this connection wrote. One query when it wrote none; three more by table."""
    if not _is_ready(connection):
        return
    by_table = {bound.table: bound for bound in evident}
    for table, rows in sorted(marks.take_marks(connection).items()):
        if bound := by_table.get(table):
            bind_rows(bound, rows)


def bind_rows(bound: Evident, rows: Iterable[str]) -> None:
    """Add what these rows are now, or that they are gone, to the chain of their table. Within a transaction."""
    wanted = sorted(rows)
    key = keys.get_current_key()
    macs = {row: mac_of(bound.table, row, values, key) for row, values in read_rows(bound, wanted)}
    head = _lock_chain(bound)
    last = _last_macs(head, wanted)
    changed = {row: macs.get(row, "") for row in wanted if macs.get(row, "") != last.get(row, "")}
    _append(head, changed)


def _lock_chain(bound: Evident) -> RowChain:
    head = RowChain(name=bound.table, fields=list(bound.fields))
    chain.sign(head)
    RowChain.objects.get_or_create(name=head.name, defaults={"fields": head.fields, "signature": head.signature})
    return RowChain.objects.select_for_update().get(name=bound.table)


def _last_macs(head: RowChain, rows: list[str]) -> dict[str, str]:
    """Return the last entry's digest of each of these rows."""
    if not head.seq:
        return {}
    entries = RowEntry.objects.filter(chain=head, row__in=rows).order_by("seq")
    return dict(entries.values_list("row", "mac"))


def _append(head: RowChain, macs: Mapping[str, str]) -> None:
    if not macs:
        return
    now, entries = timezone.now(), []
    for row, mac in macs.items():
        head.seq += 1
        entry = RowEntry(chain=head, seq=head.seq, row=row, mac=mac, prev=head.head, at=now)
        head.head = entry.hash = hash_of(entry)
        entries.append(entry)
    RowEntry.objects.bulk_create(entries, batch_size=1_000)
    chain.sign(head)
    head.save(update_fields=chain.HEAD_FIELDS)


def hash_of(entry: RowEntry) -> str:
    """Return the hash that links an entry to the one before it."""
    ids = {"table": entry.chain_id, "seq": entry.seq, "row": entry.row, "at": entry.at.isoformat()}
    return chain.link(entry.prev, ids, entry.mac)
