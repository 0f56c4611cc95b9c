"""How many boxes there are at once on this machine, in all of its processes: locks on files, which a death gives back.

Each lane has its own: bombs sent to the public page take none from the people of a branch, nor from the worker.
"""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

POLL = 0.05


@dataclass(frozen=True)
class Lane:
    """at_once: boxes of one machine. wait: seconds until a free one is given up."""

    at_once: int
    wait: float


LANES = {
    # Anybody: long enough for those ahead to reach their limits, short enough for a thread of the site.
    "public": Lane(at_once=2, wait=20),
    # Who is logged in and waits for a page.
    "people": Lane(at_once=3, wait=20),
    # The workers run one task each; more of them than this wait for each other.
    "worker": Lane(at_once=4, wait=120),
}


class NoSlotError(Exception):
    """All boxes of the lane are taken."""


@contextmanager
def slot(name: str) -> Iterator[None]:
    """Hold one of the boxes of a lane. Raises NoSlotError after having waited for one."""
    lane = LANES[name]
    folder = settings.VAR_DIR / "boxes"
    folder.mkdir(exist_ok=True)
    deadline = time.monotonic() + lane.wait
    # The folder may be shared by several machines; the boxes are not.
    files = [folder / f"{socket.gethostname()}-{name}-{number}" for number in range(lane.at_once)]
    while True:
        for file in files:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            try:
                yield
            finally:
                os.close(descriptor)
            return
        if time.monotonic() > deadline:
            raise NoSlotError(name)
        time.sleep(POLL)
