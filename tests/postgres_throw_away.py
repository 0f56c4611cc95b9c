"""A PostgreSQL server started from the programs of the system, that dies with its data. Read by `postgres.py`."""

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
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.postgres_server import Server, Unusable

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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


def find_account() -> pwd.struct_passwd | None:
    """Return the user to run the server as: None for one's own, which PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = names.get("postgres") or names.get("nobody")
    if account is None:
        raise Unusable("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")
    return account


class ThrowAway:
    """A server in a temporary folder that the account may enter. It listens on 127.0.0.1 with a random password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = find_account()
        self.home = Path(tempfile.mkdtemp(prefix="cqp-pg-"))
        self.data = self.home / "data"
        self.password = secrets.token_urlsafe(16)

    def run(self, program: str, *arguments: str) -> None:
        account = self.account
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        # The server outlives pg_ctl and would hold a pipe open: what they print goes to a file.
        with deferred(*ENDING), (self.home / "output").open("w+") as output:
            done = subprocess.run(
                [self.folder / program, *arguments],
                cwd=self.home,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **identity,
            )
            output.seek(0)
            printed = output.read()
        if done.returncode:
            log = self.home / "log"
            raise Unusable(f"{program} failed.\n{printed}{log.read_text() if log.exists() else ''}".rstrip())

    def initialise(self) -> None:
        (self.home / "password").write_text(self.password)
        if self.account:
            for path in (self.home, self.home / "password"):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        self.run(
            "initdb",
            f"--pgdata={self.data}",
            "--username=cqp",
            f"--pwfile={self.home / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            f"--locale={utf8_locale()}",
            "--no-sync",
        )

    def start(self) -> int:
        """Start it, and return its port."""
        for attempt in range(3):
            port = free_port()
            self._write_settings(port)
            try:
                self.run(
                    "pg_ctl", "--wait", "--timeout=60", f"--pgdata={self.data}", f"--log={self.home / 'log'}", "start"
                )
                break
            except Unusable as error:
                # Someone may have taken the port since.
                if attempt == 2 or "could not bind" not in str(error):
                    raise
        return port

    def _write_settings(self, port: int) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": self.home,
            "max_connections": 200,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "jit": "off",
            "wal_level": "minimal",
            "max_wal_senders": 0,
        }
        (self.data / "postgresql.auto.conf").write_text("".join(f"{k} = '{v}'\n" for k, v in settings.items()))

    def stop(self) -> None:
        with deferred(*ENDING):
            if (self.data / "postmaster.pid").exists():
                self.run("pg_ctl", "--wait", "--timeout=60", f"--pgdata={self.data}", "--mode=immediate", "stop")
            shutil.rmtree(self.home, ignore_errors=True)


@contextlib.contextmanager
def throw_away_server(folder: Path) -> Iterator[Server]:
    """Start a server from the programs of the folder, and stop it at the end; its data dies with it."""
    made = ThrowAway(folder)
    try:
        made.initialise()
        yield Server("127.0.0.1", made.start(), "cqp", made.password)
    finally:
        made.stop()


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
