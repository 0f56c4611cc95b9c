"""The databases of the tests: a template, migrated and with the référentiel, made once for all processes; each gets copies.

The template of SQLite is a file that later runs use again, until a migration, a fixture or a requirement changes. That of
PostgreSQL lies beside the database of DATABASE_URL and is named after it: `tests/postgres.py` drops both at the end of a run.
`python -m tests.databases` makes the template ahead of the tests.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("*/migrations/*.py", "fixtures/*", "requirements.txt")
FOLDER = ROOT / "var" / "test" / "templates"


def manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def _digest() -> str:
    files = sorted(file for pattern in SOURCES for file in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:12]


def _fill(url: str) -> None:
    environment = {**os.environ, "MODE": "test", "DATABASE_URL": url}
    manage(environment, "migrate", "-v0")
    manage(environment, "loaddata", "-v0", "referentiel")


class SqliteTemplate:
    """Copies are files of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.file = FOLDER / f"{_digest()}.sqlite3"
        with (FOLDER / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.file.exists():
                for old in FOLDER.glob("*.sqlite3*"):
                    old.unlink()
                unfinished = FOLDER / "unfinished.sqlite3"
                _fill(f"sqlite:///{unfinished}")
                unfinished.rename(self.file)

    def clone(self, name: str, of: str = "") -> str:
        """Return the address of a fresh copy; of: the address of another copy that nobody uses any more."""
        copy = self.folder / f"{name}.sqlite3"
        for file in self.folder.glob(f"{copy.name}*"):
            file.unlink()
        shutil.copy(urlsplit(of).path or self.file, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        for file in self.folder.glob(f"{Path(urlsplit(url).path).name}*"):
            file.unlink()


class PostgresTemplate:
    """Copies are databases beside that of `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base = unquote(urlsplit(url).path.strip("/"))
        self.name = f"{self.base}_template_{_digest()}"
        with self._locked() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone():
                return
            unfinished = f"{self.name}_unfinished"
            self._run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished)
            self._run(connection, "CREATE DATABASE {}", unfinished)
            _fill(self._address(unfinished))
            self._run(connection, "ALTER DATABASE {} RENAME TO {}", unfinished, self.name)

    def _address(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[psycopg.Connection]:
        """Give a connection to the server; one process at a time makes or copies the template."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.base])
            yield connection

    def _run(self, connection: psycopg.Connection, statement: str, *names: str) -> None:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def clone(self, name: str, of: str = "") -> str:
        """Return the address of a fresh copy; of: the address of another copy that nobody uses any more."""
        copy = f"{self.base}_{name}"
        with self._locked() as connection:
            self._run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", copy)
            self._run(connection, "CREATE DATABASE {} TEMPLATE {}", copy, unquote(urlsplit(of).path[1:]) or self.name)
        return self._address(copy)

    def drop(self, url: str) -> None:
        with self._locked() as connection:
            self._run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", unquote(urlsplit(url).path.strip("/")))


Template = SqliteTemplate | PostgresTemplate


def get_template(folder: Path) -> Template:
    """Return the template of the database of DATABASE_URL, made if it is not there; copies of SQLite's go to `folder`."""
    url = os.environ.get("DATABASE_URL", "")
    return PostgresTemplate(url) if url.startswith("postgres") else SqliteTemplate(folder)


if __name__ == "__main__":
    get_template(FOLDER)
