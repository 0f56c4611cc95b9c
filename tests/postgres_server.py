"""A PostgreSQL server that runs: how it is found, and the databases made on it. Read by `postgres.py`."""

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import psycopg
from psycopg import sql


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
