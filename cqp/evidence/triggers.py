"""What the database itself refuses, whatever the path: Django's admin, a fixture, SQL.

Packages declare `Freeze` objects (`cqp.evidence.hooks`). They, and the marks of the evident rows, are dropped before a
migration and installed after it, because SQLite loses the triggers of a table that is rebuilt. Updates that change nothing
pass, so that loading a fixture twice does. Both databases raise IntegrityError.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from cqp.evidence import marks
from cqp.evidence.hooks import Freeze, evident, freezes
from cqp.evidence.trigger_sql import Trigger, read_installed

PREFIX = "frozen_"


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


def _triggers(freeze: Freeze, vendor: str) -> Iterator[Trigger]:
    table = freeze.model_class._meta.db_table
    is_distinct = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
    for event in freeze.events:
        yield Trigger(PREFIX, table, "BEFORE", event, _when(freeze, event, is_distinct), freeze.message)
    if vendor == "postgresql" and "DELETE" in freeze.events:
        row = f'SELECT 1 FROM "{table}" r WHERE {freeze.condition.replace("{row}", "r")}'
        yield Trigger(PREFIX, table, "BEFORE", "TRUNCATE", f"EXISTS ({row})", freeze.message)


def list_declared(vendor: str) -> list[Trigger]:
    """Return every declared trigger for `vendor` ("sqlite" or "postgresql"): what is refused, and what is marked."""
    frozen = [trigger for freeze in freezes for trigger in _triggers(freeze, vendor)]
    return [*frozen, *marks.list_mark_triggers(vendor)]


def drop_all(connection: Any) -> None:
    """Drop every trigger of ours."""
    own = {name: parts[0] for name, parts in read_installed(connection).items()}
    with connection.cursor() as cursor:
        for name, table in own.items():
            if not name.startswith((PREFIX, marks.PREFIX)):
                continue
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER "{name}"')
            else:
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
                cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')


def install_all(connection: Any) -> None:
    """Install what is declared on the tables that exist, and drop what is no longer declared."""
    drop_all(connection)
    tables = set(connection.introspection.table_names())
    needed = [item.model_class._meta.db_table for item in (*freezes, *evident)]
    if not tables.issuperset(needed):
        return
    with connection.cursor() as cursor:
        for trigger in list_declared(connection.vendor):
            for statement in trigger.create(connection.vendor):
                cursor.execute(statement)


def drop_before_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    drop_all(connections[using])


def install_after_migrate(app_config: Any, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    # post_migrate runs once per app: the last one, when all tables are there, is enough.
    if app_config is [c for c in apps.get_app_configs() if c.models_module][-1]:
        install_all(connections[using])


def list_differences(connection: Any) -> Iterator[str]:
    """Say in French how the triggers of the database differ from those declared: missing, changed, disabled, extra."""
    declared = {trigger.name: trigger.expected(connection.vendor) for trigger in list_declared(connection.vendor)}
    installed = read_installed(connection)
    for name in sorted(declared.keys() - installed.keys()):
        yield f"table {declared[name][0]} : le verrou {name} manque"
    for name in sorted(installed.keys() - declared.keys()):
        yield f"table {installed[name][0]} : le déclencheur {name} n'est pas du site"
    for name in sorted(declared.keys() & installed.keys()):
        if declared[name] != installed[name]:
            yield f"table {installed[name][0]} : le verrou {name} n'est plus celui du site, ou il est désactivé"


def check_installed(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """System check: the triggers in the database are those declared. A warning: `migrate`, which installs them, asks it."""
    messages: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if "cqp_user" not in connection.introspection.table_names():
            continue
        differences = list(list_differences(connection))
        if not differences or _has_migrations_to_come(connection):
            continue
        others = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
        messages.append(
            checks.Warning(
                f"Database {alias!r}: {differences[0]}{others}.",
                hint="Run manage.py verify, which lists them; manage.py migrate installs them.",
                id="cqp.W001",
            )
        )
    return messages


def _has_migrations_to_come(connection: Any) -> bool:
    """Return whether `migrate` has something to do, and will install what the code declares now."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
