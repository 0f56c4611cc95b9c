"""The triggers that note which evident rows a transaction writes, whatever the path: services, the admin, a fixture, SQL.

A mark carries what tells the transaction of the site from others: PostgreSQL's number of it, or on SQLite a token that
only this connection's function gives. A change of other fields leaves no mark.
"""

from collections.abc import Iterator
from typing import Any

from cqp.evidence.hooks import Evident, evident
from cqp.evidence.trigger_sql import Trigger

PREFIX = "bound_"
# What a trigger writes for its transaction.
_TRANSACTION = {"sqlite": "cqp_transaction()", "postgresql": "pg_current_xact_id()::text"}


def _triggers(bound: Evident, vendor: str) -> Iterator[Trigger]:
    key = bound.model_class._meta.pk.column
    columns = [key, *(str(field.column) for field in bound.concrete_fields)]
    is_distinct = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f'(OLD."{name}" {is_distinct} NEW."{name}")' for name in columns)
    for event, row, when in (("INSERT", "NEW", "TRUE"), ("UPDATE", "NEW", changed), ("DELETE", "OLD", "TRUE")):
        mark = (
            f'INSERT INTO cqp_rowmark ("table", "row", "transaction") '
            f"VALUES ('{bound.table}', CAST({row}.\"{key}\" AS text), {_TRANSACTION[vendor]})"
        )
        yield Trigger(PREFIX, bound.table, "AFTER", event, f"({when})", statement=mark)


def list_mark_triggers(vendor: str) -> list[Trigger]:
    """Return the triggers of every evident model, for `vendor` ("sqlite" or "postgresql")."""
    return [trigger for bound in evident for trigger in _triggers(bound, vendor)]


def take_marks(connection: Any) -> dict[str, set[str]]:
    """Delete the marks of this connection's transaction and return the keys of the rows, by table. One query."""
    own = "%s" if connection.vendor == "sqlite" else "pg_current_xact_id()::text"
    parameters = [connection.binding_token] if connection.vendor == "sqlite" else []
    marked: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM cqp_rowmark WHERE "transaction" = {own} RETURNING "table", "row"',
            parameters,
        )
        for table, row in cursor.fetchall():
            marked.setdefault(table, set()).add(row)
    return marked
