"""Scenes that are made once by the site's own services, then put back as rows.

    @replayed
    def make_scene(referentiel, *, candidates=1): …

The first call of a process makes the scene in the test's transaction, and keeps each row that it wrote, and each file.
Later calls with the same arguments, in other tests, write them as they were and return an equal scene: no service runs
again. What is made depends on its arguments and on the template's rows alone. A function among them is known by its name.

A recording serves for FRESH seconds: what a scene says of now stays true to the minute. `@replayed(fresh=LASTING)` is for
what is over when the scene is there: nothing in it runs by the clock. Outside the transaction of a test, and where the rows
are there already, the scene is made anew. Numbers are given once in a database: with a fresh copy, recordings are forgotten.
"""

import functools
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from tests.replay_rows import ENGINES, Rows

FRESH, LASTING = 40, 900


@dataclass
class Recording:
    """What a scene wrote: rows and files; and the scene itself."""

    rows: Rows
    files: dict[str, bytes]
    scene: bytes
    made_at: float = field(default_factory=time.monotonic)


_recordings: dict[Any, Recording] = {}


def forget_recordings() -> None:
    """In a fresh copy of the template, the numbers of recorded rows are given again, to others."""
    _recordings.clear()


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
    if not connection.in_atomic_block or not _are_known([*args, *options.values()]):
        return make(*args, **options)
    named = tuple((name, _name(options[name])) for name in sorted(options))
    key = (make.__module__, make.__qualname__, tuple(map(_name, args)), named, timezone.localdate())
    recording = _recordings.get(key)
    if recording is None or time.monotonic() - recording.made_at > fresh:
        files = _list_files()
        with transaction.atomic():
            rows = ENGINES[connection.vendor]()
            scene = make(*args, **options)
            rows.record()
            _recordings[key] = Recording(rows, _files_since(files), pickle.dumps(scene))
        return scene
    if not recording.rows.fit():
        return make(*args, **options)
    with transaction.atomic():
        for name, content in recording.files.items():
            file = _folder() / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        recording.rows.write()
    return pickle.loads(recording.scene)


def _are_known(values: list[Any]) -> bool:
    """Return whether what is passed says by its number what it is: on SQLite, only what the template holds."""
    rows = [value for value in values if isinstance(value, models.Model)]
    return connection.vendor != "sqlite" or all(row._meta.app_label == "referentiel" for row in rows)


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


def _files_since(before: dict[str, int]) -> dict[str, bytes]:
    """Return what was written since, by its path."""
    written = [name for name, at in _list_files().items() if before.get(name) != at]
    return {name: (_folder() / name).read_bytes() for name in written}
