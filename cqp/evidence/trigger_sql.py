"""A trigger in the words of each database, and what the database must say of it once it is installed."""

import hashlib
from dataclasses import dataclass
from typing import Any

# Bits of pg_trigger.tgtype.
_TIMING = {"BEFORE": 2, "AFTER": 0}
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


@dataclass(frozen=True)
class Trigger:
    """Before or after `event` on a row of `table` (on the whole, for TRUNCATE): where `when` holds, raise or execute.

    `when` is SQL over OLD and NEW. One of `message` (what is raised, in French) and `statement` (SQL) is given. The name
    carries a digest of the rule, so that a rule that changed is seen as missing.
    """

    prefix: str
    table: str
    timing: str
    event: str
    when: str
    message: str = ""
    statement: str = ""

    @property
    def name(self) -> str:
        digest = hashlib.sha256(f"{self.when}{self.message}{self.statement}".encode()).hexdigest()[:8]
        return f"{self.prefix}{self.event.lower()}_{self.table}"[:54] + f"_{digest}"

    def create(self, vendor: str) -> list[str]:
        """Return the SQL that installs it: on PostgreSQL, a function first."""
        if vendor == "sqlite":
            return [self.sqlite]
        level = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        return [
            f'CREATE OR REPLACE FUNCTION "{self.name}"() RETURNS trigger LANGUAGE plpgsql AS $body${self.body}$body$',
            f'CREATE TRIGGER "{self.name}" {self.timing} {self.event} ON "{self.table}" FOR EACH {level} '
            f'EXECUTE FUNCTION "{self.name}"()',
        ]

    @property
    def sqlite(self) -> str:
        message = self.message.replace("'", "''")
        action = f"SELECT RAISE(ABORT, '{message}')" if self.message else self.statement
        return (
            f'CREATE TRIGGER "{self.name}" {self.timing} {self.event} ON "{self.table}" FOR EACH ROW '
            f"WHEN {self.when} BEGIN {action}; END"
        )

    @property
    def body(self) -> str:
        """The text of the function on PostgreSQL."""
        message = self.message.replace("'", "''").replace("%", "%%")
        raised = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'"
        returned = {"TRUNCATE": "NULL", "DELETE": "OLD"}.get(self.event, "NEW")
        return (
            f" BEGIN IF {self.when} THEN {raised if self.message else self.statement}; END IF; RETURN {returned}; END "
        )

    def expected(self, vendor: str) -> tuple[str, ...]:
        """Return what `read_installed` gives of it when it is as declared."""
        if vendor == "sqlite":
            return (self.table, self.sqlite)
        row = 0 if self.event == "TRUNCATE" else 1
        return (self.table, self.body, str(row | _TIMING[self.timing] | _EVENTS[self.event]), "O", "")


_INSTALLED = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT t.tgname, c.relname, p.prosrc, t.tgtype::text, t.tgenabled::text, COALESCE(t.tgqual::text, '') "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    ),
}


def read_installed(connection: Any) -> dict[str, tuple[str, ...]]:
    """Return every trigger of the site's tables by its name, whoever made it: its table, then what it does."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED[connection.vendor])
        return {name: tuple(str(part) for part in parts) for name, *parts in cursor.fetchall()}
