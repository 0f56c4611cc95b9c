"""Scenes that are made once by the site's own services, then put back as rows.

    @replayed
    def make_scene(referentiel, *, candidates=1): …

The first call of a process makes the scene in the test's transaction, and keeps each row that it wrote, and each file.
Later calls with the same arguments, in other tests, write them as they were and return an equal scene: no service runs
again. What is made depends on its arguments and on the template's rows alone. A function among them is known by its name.

A recording serves for FRESH seconds: what a scene says of now stays true to the minute. `@replayed(fresh=LASTING)` is for
what is over when the scene is there: nothing in it runs by the clock. PostgreSQL only, inside the transaction of a test;
elsewhere, and where the rows are there already, the scene is made anew.
"""

import functools
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from psycopg import sql

FRESH, LASTING = 40, 900


@dataclass
class Recording:
    """What a scene wrote: the rows of each table as COPY has them, with their keys; the files; and the scene itself."""

    rows: dict[str, bytes]
    keys: dict[str, list[Any]]
    files: dict[str, bytes]
    scene: bytes
    made_at: float = field(default_factory=time.monotonic)


_recordings: dict[Any, Recording] = {}


def replayed[**P, T](make: Callable[P, T] | None = None, *, fresh: float = FRESH) -> Any:
    """Decorate a function that makes a scene. fresh: seconds for which a recording serves."""
    if make is None:
        return functools.partial(replayed, fresh=fresh)
    scene_maker = make

    @functools.wraps(scene_maker)
    def made(*args: P.args, **options: P.kwargs) -> T:
        result: T = _make(scene_maker, args, options, fresh)
        return result

    return made


def _make(make: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], fresh: float) -> Any:
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        return make(*args, **options)
    named = tuple((name, _name(options[name])) for name in sorted(options))
    key = (make.__module__, make.__qualname__, tuple(map(_name, args)), named, timezone.localdate())
    recording = _recordings.get(key)
    if recording is None or time.monotonic() - recording.made_at > fresh:
        files = _list_files()
        with transaction.atomic():
            first = _savepoint_number()
            scene = make(*args, **options)
            _recordings[key] = _record(first, scene, files)
        return scene
    if _is_there(recording):
        return make(*args, **options)
    with transaction.atomic():
        _write(recording)
    return pickle.loads(recording.scene)


def _name(value: Any) -> Any:
    if callable(value):
        return value.__qualname__
    return (type(value).__name__, value.pk) if isinstance(value, models.Model) else repr(value)


def _folder() -> Path:
    """Return the folder of this test, which holds its files and its seals."""
    return Path(settings.SEALS_DIR).parent


def _list_files() -> dict[str, int]:
    """Return when each file of the test was last written, by its path below the folder."""
    files = [file for file in _folder().rglob("*") if file.is_file()]
    return {str(file.relative_to(_folder())): file.stat().st_mtime_ns for file in files}


def _keys() -> dict[str, str]:
    """Return the column of the key of each table."""
    every = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: str(model._meta.pk.column) for model in every if model._meta.managed}


def _savepoint_number() -> int:
    """Return the number that PostgreSQL gives to what this savepoint writes; what it wrote before has lower ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cqp_rowmark (\"table\", \"row\", \"transaction\") VALUES ('replay', '', '') "
            "RETURNING xmin::text::bigint"
        )
        number = int(cursor.fetchone()[0])
        cursor.execute("DELETE FROM cqp_rowmark WHERE \"table\" = 'replay'")
    return number


def _record(first: int, scene: Any, before: dict[str, int]) -> Recording:
    written = [name for name, at in _list_files().items() if before.get(name) != at]
    files = {name: (_folder() / name).read_bytes() for name in written}
    recording = Recording({}, {}, files, pickle.dumps(scene))
    with connection.cursor() as cursor:
        for table, key in _keys().items():
            names = {"table": sql.Identifier(table), "key": sql.Identifier(key), "first": sql.Literal(first)}
            cursor.execute(sql.SQL("SELECT {key} FROM {table} WHERE xmin::text::bigint >= {first}").format(**names))
            keys = [row[0] for row in cursor.fetchall()]
            if not keys:
                continue
            statement = sql.SQL("COPY (SELECT * FROM {table} WHERE xmin::text::bigint >= {first}) TO STDOUT")
            with cursor.copy(statement.format(**names)) as copy:
                recording.rows[table] = b"".join(bytes(part) for part in copy)
            recording.keys[table] = keys
    return recording


def _is_there(recording: Recording) -> bool:
    from cqp.models import User

    keys = recording.keys.get(User._meta.db_table, [])
    return User.objects.filter(pk__in=keys).exists()


def _write(recording: Recording) -> None:
    for name, content in recording.files.items():
        file = _folder() / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    columns = _keys()
    with connection.cursor() as cursor:
        # No trigger runs and no reference is looked up: what they wrote is among the rows.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, rows in recording.rows.items():
            names = {"table": sql.Identifier(table), "key": sql.Identifier(columns[table])}
            cursor.execute(
                sql.SQL("DELETE FROM {table} WHERE {key} = ANY(%s)").format(**names), [recording.keys[table]]
            )
            with cursor.copy(sql.SQL("COPY {table} FROM STDIN").format(**names)) as copy:
                copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute('UPDATE cqp_rowmark SET "transaction" = pg_current_xact_id()::text')
