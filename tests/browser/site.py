"""A whole site for one test: a database cloned from a template, real gunicorn, a real task worker, a folder for mails."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.browser import launch
from tests.databases import ROOT

Process = BaseProcess | subprocess.Popen[bytes]
# Fonts are cut once for all sites: it takes two seconds each.
FONTS = ROOT / "var" / "test" / "fonts"
# Seconds: a task that is under way goes to its end.
PATIENCE = 300
WORKER = ("db_worker", "--interval", "0.2", "-v0", "--no-startup-delay", "--no-reload")


def environment(var: Path, url: str, mode: str = "test") -> dict[str, str]:
    return {**os.environ, "MODE": mode, "VAR_DIR": str(var), "DATABASE_URL": url}


@dataclass
class Site:
    """A running site. `url` has no final slash."""

    url: str
    var: Path
    environment: dict[str, str]

    def manage(self, *command: str) -> None:
        launch.run_command(self.environment, *command)

    def call(self, act: Callable[..., Any], **options: Any) -> Any:
        """Return what `act(**options)` returns in a process of this site."""
        return launch.call(self.environment, act, **options)

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


def start(url: str, var: Path, mode: str = "test") -> tuple[Site, list[Process]]:
    """Start gunicorn and the worker on database `url`, and wait until the site answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(f"http://127.0.0.1:{port}", var, environment(var, url, mode))
    options = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket"]
    options += ["--graceful-timeout", "2"]  # a client of a test may hold its line open
    processes = (_forked if mode == "test" else _started)(site.environment, options)
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{site.url}/compte/login/", timeout=5)
        except OSError as error:  # refused, or slow to answer
            if time.monotonic() > deadline:
                for process in processes:
                    process.kill()
                raise AssertionError("the site did not start") from error
            time.sleep(0.05)
        else:
            return site, processes


def _forked(env: dict[str, str], options: list[str]) -> list[Process]:
    var = Path(env["VAR_DIR"])
    var.mkdir(exist_ok=True)
    if not (var / "fonts").exists():
        FONTS.mkdir(parents=True, exist_ok=True)
        (var / "fonts").symlink_to(FONTS)
    return [launch.start_server(env, *options), launch.start_command(env, *WORKER)]


def _started(env: dict[str, str], options: list[str]) -> list[Process]:
    """Another mode has other applications and middleware: its processes read the code themselves."""
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:cqp.gunicorn", "cqp.wsgi"]
    commands = [gunicorn + options, [sys.executable, "manage.py", *WORKER]]
    return [subprocess.Popen(command, cwd=ROOT, env=env) for command in commands]


def stop(processes: Iterable[Process]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        if isinstance(process, BaseProcess):
            process.join(PATIENCE)
            assert process.exitcode is not None, "a process of the site does not end"
        else:
            process.wait(PATIENCE)
