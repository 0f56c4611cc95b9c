"""The SQL of a save, recorded from two real ones and run again by hand: what a save cannot do without.

What differs between the two recordings is what each save makes new; the rest is sent as it was.
"""

import pickle
import re
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2})+")


@dataclass(frozen=True)
class Statement:
    sql: str
    first: Any
    second: Any


def record(save: Callable[[], object]) -> list[tuple[str, Any]]:
    """Run a save and return its statements with their parameters. The transaction is left out: the view opens its own."""
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not many
        if not sql.startswith("BEGIN"):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        save()
    return statements


def keep(folder: Path, first: list[tuple[str, Any]], second: list[tuple[str, Any]]) -> None:
    """Write two recordings of saves that followed each other on one sheet; a third, elsewhere, came between them."""
    savepoint = re.compile(r"\bs\d+_x\d+\b")
    assert [savepoint.sub("", sql) for sql, _ in first] == [savepoint.sub("", sql) for sql, _ in second]
    pairs = [Statement(sql, before, after) for (_, before), (sql, after) in zip(first, second, strict=True)]
    (folder / "save.pickle").write_bytes(pickle.dumps((time.time_ns(), pairs)))


def load(folder: Path) -> tuple[int, list[Statement]]:
    return pickle.loads((folder / "save.pickle").read_bytes())


def run(cursor: CursorWrapper, recorded: tuple[int, list[Statement]]) -> None:
    """Run the statements of one more save. Ranks go up by the microseconds since the recording: no two are the same."""
    since, statements = recorded
    step, made = (time.time_ns() - since) // 1000, 0
    for statement in statements:
        cursor.execute(statement.sql, _new(statement.first, statement.second, step, made))
        rows = cursor.fetchall() if cursor.description else []
        if statement.sql.startswith("INSERT") and rows:
            made = rows[0][0]


def _new(first: Any, second: Any, step: int, made: int) -> Any:
    """Return a parameter of the next save. made: the key of the row made last."""
    if isinstance(second, list | tuple):
        return type(second)(_new(before, after, step, made) for before, after in zip(first, second, strict=True))
    match second:
        case _ if first == second:
            return second
        case int():  # A rank in the sheet went up by one; the operation's own key by two.
            return second + step if second - first == 1 else made
        case uuid.UUID():
            return uuid.uuid4()
        case str() if HEXADECIMAL.fullmatch(second):
            return secrets.token_hex(len(second) // 2)
        case _:
            return second
