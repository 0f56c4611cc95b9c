"""What a scene wrote, taken from the database and put back: PostgreSQL by the number of the savepoint, SQLite by comparing.

No trigger runs and no reference is looked up as rows are put back: what they wrote is among the rows.
"""

import sqlite3
from abc import ABC, abstractmethod
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg import sql


@cache
def list_keys() -> dict[str, str]:
    """Return the column of the key of each table."""
    every = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: str(model._meta.pk.column) for model in every if model._meta.managed}


class Rows(ABC):
    """Made before the scene, within its savepoint."""

    @abstractmethod
    def record(self) -> None:
        """Keep what was written since."""

    @abstractmethod
    def fit(self) -> bool:
        """Return whether they can be put back: none of them is there already."""

    @abstractmethod
    def write(self) -> None: ...


class PostgresRows(Rows):
    """The rows of each table as COPY has them, with their keys."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.keys: dict[str, list[Any]] = {}
        # What this savepoint writes has this number or a higher one; what was written before has lower ones.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cqp_rowmark (\"table\", \"row\", \"transaction\") VALUES ('replay', '', '') "
                "RETURNING xmin::text::bigint"
            )
            self.first = int(cursor.fetchone()[0])
            cursor.execute("DELETE FROM cqp_rowmark WHERE \"table\" = 'replay'")

    def record(self) -> None:
        with connection.cursor() as cursor:
            for table, key in list_keys().items():
                names = {"table": sql.Identifier(table), "key": sql.Identifier(key), "first": sql.Literal(self.first)}
                cursor.execute(sql.SQL("SELECT {key} FROM {table} WHERE xmin::text::bigint >= {first}").format(**names))
                keys = [row[0] for row in cursor.fetchall()]
                if not keys:
                    continue
                statement = sql.SQL("COPY (SELECT * FROM {table} WHERE xmin::text::bigint >= {first}) TO STDOUT")
                with cursor.copy(statement.format(**names)) as copy:
                    self.rows[table] = b"".join(bytes(part) for part in copy)
                self.keys[table] = keys

    def fit(self) -> bool:
        """Numbers are never given twice: they are there when the people are."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM cqp_user WHERE id = ANY(%s)", [self.keys.get("cqp_user", [])])
            return cursor.fetchone() is None

    def write(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, rows in self.rows.items():
                names = {"table": sql.Identifier(table), "key": sql.Identifier(list_keys()[table])}
                cursor.execute(sql.SQL("DELETE FROM {table} WHERE {key} = ANY(%s)").format(**names), [self.keys[table]])
                with cursor.copy(sql.SQL("COPY {table} FROM STDIN").format(**names)) as copy:
                    copy.write(rows)
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute('UPDATE cqp_rowmark SET "transaction" = pg_current_xact_id()::text')


class SqliteRows(Rows):
    """The rows of each table as SQLite has them. A number may be given twice: each new row needs its own to be free."""

    def __init__(self) -> None:
        self.before = self._read_all()
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.new: dict[str, list[Any]] = {}
        self.gone: dict[str, list[Any]] = {}
        self.numbers: list[tuple[str, int]] = []

    @staticmethod
    def _raw() -> sqlite3.Connection:
        connection.ensure_connection()
        raw: sqlite3.Connection = connection.connection
        return raw

    def _read_all(self) -> dict[str, dict[Any, tuple[Any, ...]]]:
        """Return the rows of each table by key. A sign before a column keeps its value from being converted."""
        tables = {}
        for table, key in list_keys().items():
            names = [row[1] for row in self._raw().execute(f'PRAGMA table_info("{table}")')]
            columns, place = ", ".join(f'+"{name}"' for name in names), names.index(key)
            tables[table] = {row[place]: row for row in self._raw().execute(f'SELECT {columns} FROM "{table}"')}
        return tables

    def record(self) -> None:
        after = self._read_all()
        for table, rows in after.items():
            before = self.before[table]
            self.rows[table] = [row for key, row in rows.items() if before.get(key) != row]
            self.new[table] = list(rows.keys() - before.keys())
            self.gone[table] = list(before.keys() - rows.keys())
        self.numbers = list(self._raw().execute("SELECT name, seq FROM sqlite_sequence"))
        self.before = {}

    def fit(self) -> bool:
        for table, keys in self.new.items():
            wanted = set(keys)
            if wanted and any(
                key in wanted for (key,) in self._raw().execute(f'SELECT +"{list_keys()[table]}" FROM "{table}"')
            ):
                return False
        return True

    def write(self) -> None:
        raw = self._raw()
        raw.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
        try:
            for table, rows in self.rows.items():
                raw.executemany(
                    f'DELETE FROM "{table}" WHERE "{list_keys()[table]}" = ?', [(k,) for k in self.gone[table]]
                )
                if rows:
                    places = ", ".join("?" * len(rows[0]))
                    raw.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({places})', rows)
            raw.executemany("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", self.numbers)
            raw.execute('UPDATE cqp_rowmark SET "transaction" = cqp_transaction()')
        finally:
            raw.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, True)


ENGINES: dict[str, type[Rows]] = {"postgresql": PostgresRows, "sqlite": SqliteRows}
