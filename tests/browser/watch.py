"""A call to the browser that never ends: Playwright limits most of its waits, not all, and Chromium may stop answering.

After LIMIT seconds in one test its place is written, and the browsers of this process are killed: the call fails, the test
too. It is run once more, with another browser (`conftest.py`); the summary counts it as a rerun.
"""

import gc
import os
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import greenlet

# Several times what the longest takes on a quiet machine.
LIMIT, SLOW_LIMIT, CLOSING = 420, 900, 60
# Where the place is written: the terminal, once `keep_terminal` knows it.
_terminal = 2


def keep_terminal() -> None:
    """Remember the terminal, before what tests write is caught."""
    global _terminal
    _terminal = os.dup(2)


@contextmanager
def watched(name: str, limit: float) -> Iterator[None]:
    """Kill the browsers of this process when what is inside is not over after `limit` seconds."""
    timer = threading.Timer(limit, _end, [name, limit])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(name: str, limit: float) -> None:
    text = f"\n{name} is not over after {limit:.0f} s: its browser is killed. It was here:\n{_places()}"
    os.write(_terminal, text.encode())
    for pid in list_browsers(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _places() -> str:
    """Return where each greenlet waits: the test is in one, Playwright in another."""
    frames = [one.gr_frame for one in gc.get_objects() if isinstance(one, greenlet.greenlet) and one.gr_frame]
    return "\n".join("".join(traceback.format_stack(frame)[-12:]) for frame in frames)


def list_browsers(ancestor: int) -> list[int]:
    """Return the processes of Chromium that descend from a process."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            parents[int(folder.name)], names[int(folder.name)] = int(rest.split()[1]), name
    return [pid for pid, name in names.items() if name.startswith("chrom") and ancestor in _ancestors(pid, parents)]


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid
