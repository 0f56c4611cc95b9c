"""A whole site for one test: a database cloned from a template, real gunicorn, a real task worker, a folder for mails."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent.parent


def database_url(template: str, name: str) -> str:
    """Return the address of database `name` on the server of `template`."""
    return urlunsplit(urlsplit(template)._replace(path=f"/{name}"))


def manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def environment(var: Path, url: str, mode: str = "test") -> dict[str, str]:
    return {**os.environ, "MODE": mode, "VAR_DIR": str(var), "DATABASE_URL": url}


class Template:
    """The migrated database with the référentiel, made once; each test gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = os.environ.get("DATABASE_URL", "")
        self.postgres = self.server.startswith("postgres")
        self.count = 0
        self.url = f"sqlite:///{folder}/template.sqlite3"
        if self.postgres:
            self.url = database_url(self.server, "cqp_template")
            self.sql('DROP DATABASE IF EXISTS "cqp_template"', 'CREATE DATABASE "cqp_template"')
        env = environment(folder / "var", self.url)
        manage(env, "migrate", "-v0")
        manage(env, "loaddata", "-v0", "referentiel")

    def sql(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(database_url(self.server, "postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def clone(self) -> str:
        """Return the address of a fresh copy."""
        self.count += 1
        name = f"cqp_browser_{self.count}"
        if self.postgres:
            self.sql(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "cqp_template"')
            return database_url(self.server, name)
        shutil.copy(self.folder / "template.sqlite3", self.folder / f"{name}.sqlite3")
        return f"sqlite:///{self.folder}/{name}.sqlite3"


@dataclass
class Site:
    """A running site. `url` has no final slash."""

    url: str
    var: Path
    environment: dict[str, str]

    def manage(self, *command: str) -> None:
        manage(self.environment, *command)

    def code_sent_to(self, address: str) -> str:
        """Return the last login code mailed to a person."""
        for file in sorted((self.var / "mails").glob("*.log"), key=lambda f: f.stat().st_mtime_ns, reverse=True):
            for raw in reversed(file.read_bytes().split(b"-" * 79)):
                mail = message_from_bytes(raw.strip(), policy=policy.default)
                if mail["To"] == address:
                    found = re.search(r"^([0-9A-Z]{4}-[0-9A-Z]{4})$", mail.get_content(), re.MULTILINE)
                    if found:
                        return found[1]
        raise AssertionError(f"no code was mailed to {address}")


def start(url: str, var: Path, mode: str = "test") -> tuple[Site, list[subprocess.Popen[bytes]]]:
    """Start gunicorn and the worker on database `url`, and wait until the site answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = environment(var, url, mode)
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:cqp.gunicorn", "cqp.wsgi"]
    options = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket"]
    processes = [
        subprocess.Popen(gunicorn + options, cwd=ROOT, env=env),
        subprocess.Popen(
            [sys.executable, "manage.py", "db_worker", "--interval", "0.2", "-v0", "--no-startup-delay", "--no-reload"],
            cwd=ROOT,
            env=env,
        ),
    ]
    site = Site(f"http://127.0.0.1:{port}", var, env)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{site.url}/compte/login/", timeout=5)
        except OSError as error:  # refused, or slow to answer
            if time.monotonic() > deadline:
                for process in processes:
                    process.kill()
                raise AssertionError("the site did not start") from error
            time.sleep(0.1)
        else:
            return site, processes
