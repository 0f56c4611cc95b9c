"""Warm processes, one for each module of jobs in each process of the site: they fork a run in some milliseconds.

A cold start reads libraries for half a second and more. A warm process has no file, no secret, no database; it ends with the
process that started it, or after ten minutes without a run.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from cqp.sandbox import walls
from cqp.sandbox.hooks import Limits

# Seconds that a start may take on a machine that is busy, and that a warm process may be late to say that a run is over.
START, GRACE = 120, 10
CHILD = Path(__file__).with_name("child.py")


class NotStartedError(Exception):
    """The warm process does not start, or is gone: the file has no part in it."""


class WarmProcess:
    """One warm process. scratch: bytes of a folder of its own, for a single run."""

    def __init__(self, module: str, scratch: int = 0) -> None:
        self.owner = os.getpid()
        self.folder = tempfile.TemporaryDirectory(prefix="cqp-box-") if scratch else None
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        confined = walls.around(scratch)
        home = "/tmp" if confined or not self.folder else self.folder.name
        if self.folder and not confined and os.geteuid() == 0:
            os.chown(home, int(walls.NOBODY), int(walls.NOBODY))
        paths = [str(settings.BASE_DIR), *walls.libraries()]
        command = [*confined, walls.python(), "-I", "-S", "-B", str(CHILD), str(theirs.fileno()), module, *paths]
        try:
            self.process = subprocess.Popen(
                command,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": home, "TMPDIR": home},
                cwd="/" if confined or not self.folder else home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            self.control.close()
            raise NotStartedError(str(error)) from error
        finally:
            theirs.close()
        self._await_start()

    def _await_start(self) -> None:
        self.control.settimeout(START)
        try:
            said = self.control.recv(8192)
        except OSError as error:
            said = str(error).encode()
        if said != b"ready":
            self.close()
            raise NotStartedError(said.decode(errors="replace") or "The warm process ended at once.")

    @property
    def is_alive(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    @property
    def is_closed(self) -> bool:
        return self.control.fileno() < 0

    def send(self, order: dict[str, Any], descriptors: Sequence[int]) -> None:
        """Ask for a run. Raises OSError when the process is gone."""
        socket.send_fds(self.control, [json.dumps(order).encode()], list(descriptors))

    def close(self) -> None:
        """End it, and all that it started. Again: nothing."""
        if self.is_closed:
            return
        self.control.close()
        if self.owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.folder:
            self.folder.cleanup()


PROCESSES: dict[str, WarmProcess] = {}
LOCK = threading.Lock()


@atexit.register
def close_all() -> None:
    """End the warm processes of this process; those of the one that it was forked from stay."""
    while PROCESSES:
        PROCESSES.popitem()[1].close()


def _warm(module: str) -> WarmProcess:
    with LOCK:
        process = PROCESSES.get(module)
        if process is None or not process.is_alive:
            if process is not None:
                process.close()
            process = PROCESSES[module] = WarmProcess(module)
        return process


def run(path: str, limits: Limits, request: int, answer: int, files: Sequence[int], outputs: int) -> dict[str, Any]:
    """Have a function run and return how it ended: `late`, `signal`, `cpu`, `peak`. Raises NotStartedError.

    request, answer, files: descriptors, of which the first `outputs` are written.
    """
    module, _, function = path.rpartition(".")
    order = {
        "function": function,
        "outputs": outputs,
        "wall": limits.wall,
        "cpu": limits.cpu,
        "memory": limits.memory,
        "written": limits.written,
        "may_fork": limits.may_fork,
    }
    reading, writing = os.pipe()
    process = None
    try:
        try:
            process = _ask(module, limits.scratch, order, [request, answer, writing, *files])
        finally:
            os.close(writing)
        return _report(process, reading, time.monotonic() + limits.wall + GRACE)
    finally:
        os.close(reading)
        if limits.scratch and process:
            process.close()


def _ask(
    module: str, scratch: int, order: dict[str, Any], descriptors: Sequence[int], *, last: bool = False
) -> WarmProcess:
    """Ask a process for a run; another one if it died meanwhile: what it did not take, it did not begin."""
    process = WarmProcess(module, scratch) if scratch else _warm(module)
    try:
        process.send(order, descriptors)
    except OSError as error:
        # One that lives may be at work for others: it is left alone.
        is_gone = process.is_closed or isinstance(error, ConnectionError)
        if is_gone or scratch:
            process.close()
        if last or not is_gone:
            raise NotStartedError(str(error)) from error
        return _ask(module, scratch, order, descriptors, last=True)
    return process


def _report(process: WarmProcess, reading: int, deadline: float) -> dict[str, Any]:
    ready = select.poll()
    ready.register(reading, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        if ready.poll(left * 1000):
            if said := os.read(reading, 4096):
                report: dict[str, Any] = json.loads(said)
                return report
            raise NotStartedError("The warm process is gone.")
    # What watches the run is itself stopped: nothing of it is to stay.
    process.close()
    return {"late": True, "signal": 0, "cpu": 0.0, "peak": 0}
