"""The locks of the database: one that is taken away, weakened, disabled or added is named."""

import pytest
from django.db import connection

from cqp.evidence import triggers
from cqp.evidence.trigger_sql import read_installed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def lock(db) -> str:
    """The lock of the decisions."""
    assert list(triggers.list_differences(connection)) == []
    return next(name for name in read_installed(connection) if name.startswith("frozen_update_evaluations_decision"))


def alter(*statements: str) -> list[str]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return list(triggers.list_differences(connection))


def drop(name: str) -> str:
    return f'DROP TRIGGER "{name}"' + (" ON evaluations_decision" if connection.vendor == "postgresql" else "")


def create(name: str, when: str) -> str:
    if connection.vendor == "sqlite":
        return (
            f'CREATE TRIGGER "{name}" BEFORE UPDATE ON "evaluations_decision" FOR EACH ROW WHEN {when} '
            "BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    return (
        f'CREATE TRIGGER "{name}" BEFORE UPDATE ON evaluations_decision FOR EACH ROW WHEN ({when}) '
        f'EXECUTE FUNCTION "{name}"()'
    )


def test_a_lock_that_is_taken_away(lock):
    assert alter(drop(lock)) == [f"table evaluations_decision : le verrou {lock} manque"]


def test_a_lock_that_never_holds(lock):
    [fault] = alter(drop(lock), create(lock, "1 = 0"))
    assert fault.startswith(f"table evaluations_decision : le verrou {lock} n'est plus celui du site")


def test_every_lock_taken_away(db):
    triggers.drop_all(connection)
    assert len(list(triggers.list_differences(connection))) == len(triggers.list_declared(connection.vendor))
    triggers.install_all(connection)
    assert list(triggers.list_differences(connection)) == []


def test_a_trigger_of_somebody_else(lock):
    if connection.vendor == "sqlite":
        added = 'CREATE TRIGGER "after_hours" AFTER INSERT ON evaluations_decision BEGIN SELECT 1; END'
    else:
        added = f'CREATE TRIGGER "after_hours" AFTER INSERT ON evaluations_decision FOR EACH ROW EXECUTE FUNCTION "{lock}"()'
    assert alter(added) == ["table evaluations_decision : le déclencheur after_hours n'est pas du site"]


def list_weakened(lock: str) -> list[str]:
    """What PostgreSQL alone can do to a lock."""
    table = "ALTER TABLE evaluations_decision"
    function = f'CREATE OR REPLACE FUNCTION "{lock}"() RETURNS trigger LANGUAGE plpgsql AS'
    return [
        f'{table} DISABLE TRIGGER "{lock}"',
        f'{table} ENABLE REPLICA TRIGGER "{lock}"',
        f"{function} $$ BEGIN RETURN NEW; END $$",
    ]


def test_a_lock_that_is_disabled_or_emptied(lock):
    if connection.vendor == "sqlite":
        return  # A trigger of SQLite is on or gone, and its text is all of it.
    for statement in list_weakened(lock):
        [fault] = alter(statement)
        assert lock in fault, statement
        triggers.install_all(connection)
