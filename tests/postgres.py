"""Runs a command with DATABASE_URL on a PostgreSQL server.

    python tests/postgres.py -- COMMAND...    runs it on a database of its own, dropped at the end
    python tests/postgres.py --check          says which server would serve, or why none can

A running server is used: the one of DATABASE_URL when it is PostgreSQL's, else the one on localhost:5432 that lets us
make databases. Otherwise a throw-away server is started from the programs of the system. The database that DATABASE_URL
names is never touched: the command gets a new one beside it.
"""

import argparse
import contextlib
import glob
import locale
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg
from psycopg import sql

MISSING = (
    "No PostgreSQL: no server on localhost:5432 lets us create databases, and no initdb, pg_ctl and postgres are on "
    "PATH or under /usr/lib/postgresql. Run `make system`, which installs postgresql, or set DATABASE_URL."
)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Unusable(Exception):
    """No server can be had. The message is for the person who ran the tests."""


class Server:
    """A server that answers: how to reach it, and what it is."""

    def __init__(self, host: str, port: int, user: str = "", password: str = "", options: str = "", named: str = ""):
        self.host, self.port, self.user, self.password, self.options = host, port, user, password, options
        with self.connect("postgres", fallback=named) as connection:
            row = connection.execute(
                "SELECT rolsuper OR rolcreatedb, current_user, current_setting('server_version')"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row is not None
            self.maintenance = connection.info.dbname
        may_create, self.user, self.version = row
        if not may_create:
            raise Unusable(f"the role {self.user} may not create databases")

    def connect(self, database: str, fallback: str = "") -> psycopg.Connection[Any]:
        # Of the options in the address only TLS is libpq's own; the others are Django's.
        parameters: dict[str, Any] = {name: value for name, value in parse_qsl(self.options) if name.startswith("ssl")}
        parameters |= {"host": self.host, "port": self.port, "connect_timeout": 3, "autocommit": True}
        if self.user:
            parameters["user"] = self.user
        if self.password:
            parameters["password"] = self.password
        try:
            return psycopg.connect(dbname=database, **parameters)
        except psycopg.OperationalError:
            if not fallback:
                raise
            return psycopg.connect(dbname=fallback, **parameters)

    def url(self, database: str) -> str:
        person = quote(self.user, safe="") + (":" + quote(self.password, safe="") if self.password else "")
        # A folder, for a Unix socket, is written encoded; an IPv6 address in brackets.
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        return f"postgres://{person}@{host}:{self.port}/{database}" + ("?" + self.options if self.options else "")

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Give a new database, and at the end drop it and the ones made after its name (Django's and the workers')."""
        name = f"cqp_{os.getpid()}_{secrets.token_hex(3)}"
        with self.connect(self.maintenance) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            with self.connect(self.maintenance) as connection:
                rows = connection.execute("SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0", [name])
                for (made,) in rows.fetchall():
                    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made))
                    connection.execute(drop)


def running_server() -> Server | None:
    """Return the server of DATABASE_URL, else one on localhost:5432 that a usual role can use, else None."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        parts = urlsplit(url)
        options = urlencode(parse_qsl(parts.query))
        host, user, password = (unquote(part or "") for part in (parts.hostname, parts.username, parts.password))
        named = unquote(parts.path.strip("/"))
        try:
            return Server(host or "localhost", parts.port or 5432, user, password, options, named)
        except (psycopg.OperationalError, Unusable) as error:
            raise Unusable(f"DATABASE_URL names a PostgreSQL server that cannot be used: {error}") from error
    try:
        socket.create_connection(("localhost", 5432), timeout=3).close()
    except OSError:
        return None
    # First as libpq would by itself (PGUSER, PGPASSWORD, ~/.pgpass), then as most local servers are set up.
    for user, password in (("", os.environ.get("PGPASSWORD", "")), ("postgres", ""), ("postgres", "postgres")):
        with contextlib.suppress(psycopg.OperationalError, Unusable):
            return Server("localhost", 5432, user, password)
    return None


def programs() -> Path | None:
    """Return the folder of initdb, pg_ctl and postgres: the one on PATH, else Debian's newest."""
    folders = []
    if found := shutil.which("initdb"):
        folders += [Path(found).resolve().parent, Path(found).parent]
    debian = (Path(folder) for folder in glob.glob("/usr/lib/postgresql/*/bin"))
    folders += sorted(debian, key=lambda folder: [int(n) for n in re.findall(r"\d+", folder.parent.name)], reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


@contextlib.contextmanager
def throw_away_server(folder: Path) -> Iterator[Server]:
    """Start a server in a temporary folder. It listens on 127.0.0.1 with a random password; its data dies with it."""
    # PostgreSQL refuses to run as root: it gets another user, and a place that this user may enter.
    account = None
    if os.geteuid() == 0:
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        account = names.get("postgres") or names.get("nobody")
        if account is None:
            raise Unusable("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")
    home = Path(tempfile.mkdtemp(prefix="cqp-pg-"))
    password = secrets.token_urlsafe(16)

    def run(program: str, *arguments: str) -> None:
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        # The server outlives pg_ctl and would hold a pipe open: what they print goes to a file.
        with deferred(*ENDING), (home / "output").open("w+") as output:
            done = subprocess.run(
                [folder / program, *arguments],
                cwd=home,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **identity,
            )
            output.seek(0)
            said = output.read()
        if done.returncode:
            log = home / "log"
            raise Unusable(f"{program} failed.\n{said}{log.read_text() if log.exists() else ''}".rstrip())

    data = home / "data"
    try:
        (home / "password").write_text(password)
        if account:
            for path in (home, home / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        run(
            "initdb",
            f"--pgdata={data}",
            "--username=cqp",
            f"--pwfile={home / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            f"--locale={utf8_locale()}",
            "--no-sync",
        )
        for attempt in range(3):
            port = free_port()
            settings = {
                "listen_addresses": "127.0.0.1",
                "port": port,
                "unix_socket_directories": home,
                "max_connections": 200,
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "wal_level": "minimal",
                "max_wal_senders": 0,
            }
            (data / "postgresql.auto.conf").write_text("".join(f"{k} = '{v}'\n" for k, v in settings.items()))
            try:
                run("pg_ctl", "--wait", "--timeout=60", f"--pgdata={data}", f"--log={home / 'log'}", "start")
                break
            except Unusable as error:
                # Someone may have taken the port since.
                if attempt == 2 or "could not bind" not in str(error):
                    raise
        yield Server("127.0.0.1", port, "cqp", password)
    finally:
        with deferred(*ENDING):
            if (data / "postmaster.pid").exists():
                run("pg_ctl", "--wait", "--timeout=60", f"--pgdata={data}", "--mode=immediate", "stop")
            shutil.rmtree(home, ignore_errors=True)


def utf8_locale() -> str:
    """Return C.UTF-8 where the system has it, else C, which knows the case of ASCII letters only."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def deferred(*signals: signal.Signals) -> Iterator[None]:
    """Let a short step finish: the signals that come meanwhile are delivered after it."""
    received: list[int] = []
    before = {number: signal.signal(number, lambda got, frame: received.append(got)) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Give a running server, else a throw-away one."""
    if found := running_server():
        print(f"PostgreSQL {found.version}, running at {found.host}:{found.port}, as {found.user}", flush=True)
        yield found
        return
    folder = programs()
    if folder is None:
        raise Unusable(MISSING)
    with throw_away_server(folder) as started:
        print(f"PostgreSQL {started.version}, started from {folder} for this run", flush=True)
        yield started


def run_command(command: list[str], url: str) -> int:
    """Run the command with DATABASE_URL, pass it the signals, and return its exit code as a shell would."""
    try:
        child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    # Ctrl-C reaches the command from the terminal: here, only wait for it to end.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: child.send_signal(number))
    code = child.wait()
    return 128 - code if code < 0 else code


def end(number: int, frame: object) -> None:
    # An exception, so that the server started so far is stopped.
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs a command with DATABASE_URL on a PostgreSQL server.")
    parser.add_argument("--check", action="store_true", help="only say whether a server can be had")
    parser.add_argument("command", nargs="*", help="the command and its arguments, after --")
    arguments = parser.parse_args()
    if bool(arguments.command) == arguments.check:
        parser.error("give a command after --, or --check")
    for number in ENDING:
        signal.signal(number, end)
    try:
        if arguments.check:
            found = running_server()
            if found is None and programs() is None:
                raise Unusable(MISSING)
            print(f"running at {found.host}:{found.port}" if found else f"to be started from {programs()}")
            return 0
        with server() as chosen, chosen.database() as name:
            return run_command(arguments.command, chosen.url(name))
    except Unusable as error:
        print(f"tests/postgres.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
