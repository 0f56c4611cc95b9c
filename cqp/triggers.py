"""What the database itself refuses, whatever the path: Django's admin, a fixture, SQL.

Apps declare `Freeze` objects beside their models (`frozen.py`) with `declare`. They are dropped before a migration and
installed after it, because SQLite loses the triggers of a table that is rebuilt. Updates that change nothing pass, so that
loading a fixture twice does. Both databases raise IntegrityError.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections, models

PREFIX = "frozen_"


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
        return list(self.columns) or [f.column for f in self.model_class._meta.local_concrete_fields]

    def changed(self, is_distinct: str) -> str:
        """Return SQL that is true when an update changes one of the watched columns."""
        return " OR ".join(f'(OLD."{n}" {is_distinct} NEW."{n}")' for n in self.watched)

    def erased(self, is_distinct: str) -> str:
        """Return SQL that is true when an update only empties, while a person is being erased."""
        assert self.emptied.keys() <= set(self.watched), self.model
        others = [f'NOT (OLD."{n}" {is_distinct} NEW."{n}")' for n in self.watched if n not in self.emptied]
        emptied = [f'NOT (NEW."{n}" {is_distinct} {value})' for n, value in self.emptied.items()]
        return " AND ".join([*others, *emptied, f"({self.erasing})"])


FREEZES: list[Freeze] = []


def declare(*freezes: Freeze) -> None:
    """Add to what the database must refuse. Called once by each app when it is ready."""
    FREEZES.extend(f for f in freezes if f not in FREEZES)


def _when(freeze: Freeze, event: str, is_distinct: str) -> str:
    old, new = freeze.condition.replace("{row}", "OLD"), freeze.condition.replace("{row}", "NEW")
    if event == "INSERT":
        return f"({new})"
    if event == "DELETE":
        return f"({old})"
    holds = f"({old})" if freeze.old_only else f"(({old}) OR ({new}))"
    condition = f"{holds} AND ({freeze.changed(is_distinct)})"
    if freeze.unless:
        condition += f" AND NOT ({freeze.unless})"
    if freeze.emptied:
        condition += f" AND NOT ({freeze.erased(is_distinct)})"
    return condition


def _statements(freeze: Freeze, vendor: str) -> dict[str, list[str]]:
    """Return, by trigger name, the SQL that creates it."""
    table = freeze.model_class._meta.db_table
    message = freeze.message.replace("'", "''")
    created: dict[str, list[str]] = {}
    for event in freeze.events:
        when = _when(freeze, event, "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM")
        # The name carries a digest of the rule: a rule that changed is seen as missing.
        digest = hashlib.sha256(f"{when}{message}".encode()).hexdigest()[:8]
        name = f"{PREFIX}{event.lower()}_{table}"[:54] + f"_{digest}"
        if vendor == "sqlite":
            created[name] = [
                f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW WHEN {when} '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ]
            continue
        returned = "OLD" if event == "DELETE" else "NEW"
        created[name] = [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN '
            f"IF {when} THEN RAISE EXCEPTION '{message.replace('%', '%%')}' USING ERRCODE = 'restrict_violation'; "
            f"END IF; RETURN {returned}; END $body$",
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
        ]
    if vendor == "postgresql" and "DELETE" in freeze.events:
        name = f"{PREFIX}{table}_truncate"[:63]
        row = f'SELECT 1 FROM "{table}" r WHERE {freeze.condition.replace("{row}", "r")}'
        created[name] = [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN '
            f"IF EXISTS ({row}) THEN RAISE EXCEPTION '{message.replace('%', '%%')}' "
            "USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL; END $body$",
            f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION "{name}"()',
        ]
    return created


def declared(vendor: str) -> dict[str, list[str]]:
    """Return every declared trigger by name, with its SQL, for `vendor` ("sqlite" or "postgresql")."""
    return {name: sql for freeze in FREEZES for name, sql in _statements(freeze, vendor).items()}


def installed(connection: Any) -> dict[str, str]:
    """Return the triggers of ours that the database has: name → table."""
    query = (
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name: table for name, table in cursor.fetchall() if name.startswith(PREFIX)}


def drop_all(connection: Any) -> None:
    """Drop every trigger of ours."""
    with connection.cursor() as cursor:
        for name, table in installed(connection).items():
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER "{name}"')
            else:
                cursor.execute(f'DROP TRIGGER "{name}" ON {table}')
                cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')


def install_all(connection: Any) -> None:
    """Install what is declared on the tables that exist, and drop what is no longer declared."""
    drop_all(connection)
    tables = set(connection.introspection.table_names())
    needed: Sequence[str] = [f.model_class._meta.db_table for f in FREEZES]
    if not tables.issuperset(needed):
        return
    with connection.cursor() as cursor:
        for statements in declared(connection.vendor).values():
            for statement in statements:
                cursor.execute(statement)


def drop_before_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    drop_all(connections[using])


def install_after_migrate(app_config: Any, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    # post_migrate runs once per app: the last one, when all tables are there, is enough.
    if app_config is [c for c in apps.get_app_configs() if c.models_module][-1]:
        install_all(connections[using])


def check_installed(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """System check: the triggers in the database are those declared."""
    messages: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if "cqp_user" not in connection.introspection.table_names():
            continue
        want, have = set(declared(connection.vendor)), set(installed(connection))
        if want != have:
            messages.append(
                checks.Error(
                    f"The triggers of database {alias!r} are not those declared: missing {sorted(want - have)}, "
                    f"unexpected {sorted(have - want)}.",
                    hint="Run manage.py migrate.",
                    id="cqp.E001",
                )
            )
    return messages
