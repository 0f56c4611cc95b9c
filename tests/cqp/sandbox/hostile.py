"""Jobs that do what a file that takes over its reader would do."""

import contextlib
import ctypes
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any


def echo(inputs: Any, output: Any, **arguments: Any) -> Any:
    """Give the arguments back, and what is in the files, which the output gets as well."""
    read = [source.read().decode() for source in inputs]
    if output:
        output.write("".join(read).encode())
    return {"arguments": arguments, "read": read}


def loop(inputs: Any, output: Any) -> None:
    while True:
        pass


def sleep(inputs: Any, output: Any) -> None:
    time.sleep(3600)


def swell(inputs: Any, output: Any) -> int:
    return len(bytearray(2**34))


def write(inputs: Any, output: Any) -> None:
    while True:
        output.write(b"0" * 2**20)


def answer(inputs: Any, output: Any) -> str:
    return "0" * 2**24


def kill(inputs: Any, output: Any, number: int) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


def read_nothing(inputs: Any, output: Any) -> None:
    ctypes.string_at(0)


def abort(inputs: Any, output: Any) -> None:
    os.abort()


def fail(inputs: Any, output: Any) -> None:
    raise KeyError("not foreseen")


def fork(inputs: Any, output: Any, marker: str) -> int:
    """Leave ten processes behind, in sessions of their own, and answer."""
    started = 0
    for _ in range(10):
        try:
            if os.fork() == 0:
                os.setsid()
                os.execv("/bin/sleep", ["/bin/sleep", marker])
            started += 1
        except OSError:
            break
    return started


def look_around(inputs: Any, output: Any, secret: str, port: int, folder: str) -> dict[str, Any]:
    """Try what a box must not allow, and say what succeeded."""
    reached = []
    for name, attempt in (
        ("the site's files", lambda: Path(secret).read_text()),
        ("a home", lambda: list(Path("/home").iterdir())),
        ("the network", lambda: _connect(port)),
        ("writing", lambda: Path(folder, "made").write_text("made")),
        ("writing in /tmp", lambda: Path("/tmp/made-by-a-box").write_text("made")),
        ("writing in the code", lambda: Path(__file__).with_name("made").write_text("made")),
    ):
        try:
            attempt()
        except OSError:
            continue
        reached.append(name)
    return {
        "reached": reached,
        "environment": dict(os.environ),
        "user": os.geteuid(),
        "files": sorted(os.readlink(f"/proc/self/fd/{number}") for number in _open_files()),
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
    }


def _connect(port: int) -> None:
    with socket.socket() as line:
        line.settimeout(2)
        line.connect(("127.0.0.1", port))


def _open_files() -> list[int]:
    numbers = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        numbers.append(number)
    return numbers


def take_over(inputs: Any, output: Any) -> list[str]:
    """Try to stop or read every process that is not one's own, and say which was read."""
    own = {os.getpid(), int(os.readlink("/proc/self"))}
    reached = []
    for number in {int(name) for name in os.listdir("/proc") if name.isdigit()} - own:
        with contextlib.suppress(OSError):
            os.kill(number, signal.SIGKILL)
        try:
            Path(f"/proc/{number}/mem").open("rb").close()
            reached.append(f"memory of {number}")
        except OSError:
            pass
    return reached
