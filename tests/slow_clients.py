"""A site behind gunicorn as in production, and clients that are in no hurry."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cqp.worker import ImpatientSocket, Worker

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# How long a test waits for what it expects.
WAIT = 60


class QuickSocket(ImpatientSocket):
    GRACE, RATE = 2.0, 50_000.0


class QuickWorker(Worker):
    """Production's, in a hurry."""

    PATIENCE, LINGER, CONNECTIONS = 2.0, 1.0, 40
    socket_class = QuickSocket


def application(environ, start_response):
    """Answer with the length of the body; `/large` with 40 MB."""
    body = environ["wsgi.input"].read()
    content = [bytes(10**6)] * 40 if environ["PATH_INFO"] == "/large" else [str(len(body)).encode()]
    start_response("200 OK", [("Content-Length", str(sum(map(len, content))))])
    return content


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(worker: str = "tests.slow_clients.QuickWorker", *, threads: int = 4, behind_proxy: bool = False):
    """Serve the application in one process; yield the port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:cqp.gunicorn", "tests.slow_clients:application"]
    options = ["--bind", f"{HOST}:{port}", "--workers", "1", "--threads", str(threads), "--worker-class", worker]
    quiet = ["--log-level", "warning", "--no-control-socket"]
    environment = {
        "MODE": "test",
        "DJANGO_SETTINGS_MODULE": "cqp.settings",
        "BEHIND_PROXY": str(behind_proxy).lower(),
    }
    process = subprocess.Popen([*command, *options, *quiet], cwd=ROOT, env=os.environ | environment)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(WAIT)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


@contextlib.contextmanager
def connected(port: int, count: int, first: bytes, source: str = HOST) -> Iterator[list[socket.socket]]:
    """Open connections, from an address of this machine, that each send the beginning of a request and then nothing."""
    clients = []
    try:
        for _ in range(count):
            client = socket.create_connection((HOST, port), timeout=WAIT, source_address=(source, 0))
            clients.append(client)
            with contextlib.suppress(OSError):
                client.sendall(first)
        yield clients
    finally:
        for client in clients:
            client.close()


def get(port: int, path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    """Ask as an ordinary client does. Raises TimeoutError after WAIT."""
    connection = http.client.HTTPConnection(HOST, port, timeout=WAIT)
    try:
        connection.request("POST" if body is not None else "GET", path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_closed(client: socket.socket) -> bool:
    """Tell whether the other side closed, or closes while a test may wait."""
    client.settimeout(WAIT)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


@contextlib.contextmanager
def behind_nginx(upstream: int) -> Iterator[int]:
    """Run nginx with the configuration that docs/nginx.conf gives to operators, in front of a port; yield its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        given = (ROOT / "docs" / "nginx.conf").read_text()
        for before, after in {
            "listen 443 ssl;": f"listen {HOST}:{port};",
            "127.0.0.1:8000": f"{HOST}:{upstream}",
            "client_header_timeout 15s": "client_header_timeout 2s",
            "client_body_timeout 15s": "client_body_timeout 2s",
        }.items():
            assert before in given, f"docs/nginx.conf has no longer: {before}"
            given = given.replace(before, after)
        lines = [line for line in given.splitlines() if "ssl_certificate" not in line]
        main = f"daemon off; user root; pid {folder}/pid; error_log stderr crit; events {{ worker_connections 2048; }}"
        whole = "\n".join([main, "http {", "access_log off;", *lines, "}"])
        file = Path(folder, "nginx.conf")
        file.write_text(whole)
        process = subprocess.Popen(
            ["nginx", "-p", folder, "-c", str(file)], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        )
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(WAIT)
