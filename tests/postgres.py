"""Runs a command with DATABASE_URL on a PostgreSQL server.

    python tests/postgres.py -- COMMAND...    runs it on a database of its own, dropped at the end
    python tests/postgres.py --check          says which server would serve, or why none can

A running server is used: the one of DATABASE_URL when it is PostgreSQL's, else the one on localhost:5432 that lets us
make databases. Otherwise a throw-away server is started from the programs of the system. The database that DATABASE_URL
names is never touched: the command gets a new one beside it.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

if not __package__:
    # As a script, it has its own folder on the path, and not the root.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.postgres_server import Server, Unusable, running_server
from tests.postgres_throw_away import ENDING, programs, throw_away_server

MISSING = (
    "No PostgreSQL: no server on localhost:5432 lets us create databases, and no initdb, pg_ctl and postgres are on "
    "PATH or under /usr/lib/postgresql. Run `make system`, which installs postgresql, or set DATABASE_URL."
)


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
