from typing import Any

from django.db.backends.sqlite3 import base

from cqp.evidence.engines import BindingMixin


class Fetched:
    """A cursor whose rows are at hand: SQLite commits nothing while some are still to be read."""

    def __init__(self, cursor: Any) -> None:
        self.cursor, self.rows = cursor, iter(cursor.fetchall())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)

    def fetchone(self) -> Any:
        return next(self.rows, None)

    def fetchall(self) -> list[Any]:
        return list(self.rows)


class DatabaseWrapper(BindingMixin, base.DatabaseWrapper):
    """SQLite, with rows that are bound."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.create_function("cqp_transaction", 0, lambda: self.binding_token)
        return connection

    def _fetch_returned(self, cursor: Any) -> None:
        if cursor.cursor.description:
            cursor.cursor = Fetched(cursor.cursor)
