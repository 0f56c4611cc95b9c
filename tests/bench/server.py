"""Servers as in production (`cqp.gunicorn`), on a database of the bench."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Place:
    """Where a bench keeps its things: a folder, and the address of its database."""

    var: Path
    database: str

    def environment(self, mode: str) -> dict[str, str]:
        """MODE `production` believes to be behind a proxy with HTTPS; `demonstration` speaks HTTP to a browser."""
        key = self.var / "key"
        if not key.exists():
            key.write_text(secrets.token_urlsafe(60))
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "MODE": mode,
            "VAR_DIR": str(self.var),
            "DATABASE_URL": self.database,
            "SECRET_KEY": key.read_text(),
            "ALLOWED_HOSTS": HOST,
            "BEHIND_PROXY": str(mode == "production").lower(),
            "EMAIL_URL": f"file:///{self.var}/mails",
        }

    def python(self, *command: str) -> str:
        """Run Python with the site's settings and return what it printed."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment("demonstration"),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout


@dataclass(frozen=True)
class Served:
    """A site that answers: its port, and gunicorn's first process."""

    port: int
    process: int


@contextlib.contextmanager
def serving(place: Place, mode: str) -> Iterator[Served]:
    """Serve the site."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:cqp.gunicorn", "cqp.wsgi"]
    options = ["--bind", f"{HOST}:{port}", "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(gunicorn + options, cwd=ROOT, env=place.environment(mode))
    try:
        wait_for(port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def working(place: Place) -> Iterator[None]:
    """Run a task worker."""
    command = ["manage.py", "db_worker", "--interval", "0.2", "-v0", "--no-startup-delay", "--no-reload"]
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=place.environment("demonstration"))
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until a server that was just started takes connections. Raises TimeoutError after half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")
