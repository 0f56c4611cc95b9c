"""What may be run in a box: functions that the packages declare, each with its limits."""

from dataclasses import dataclass

from cqp.core.registry import Registry

MB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one run may use.

    cpu: seconds of processor, which bound what is computed. wall: seconds in all, several times that, since the machine may
    be busy: they bound what sleeps. memory: bytes beyond what the warm process
    has. written: bytes of any file that it writes, and of what it answers. scratch: bytes of a folder of its own; 0, nothing
    can be written but the output. may_fork: it starts other programs.
    """

    cpu: int
    wall: float
    memory: int
    written: int
    scratch: int = 0
    may_fork: bool = False


@dataclass(frozen=True)
class Job:
    """A function of a module that imports neither Django nor the database, by its path.

    It is called with the inputs (a list of binary files), the output (a binary file, None) and the arguments by name, and
    returns what JSON can hold. Whatever it knows to say of the content, it raises as a RefusedError.

    lane: whom it waits behind when the boxes are all taken (`cqp.sandbox.slots`). remedy: what a person does when it exceeds
    its limits, in French.
    """

    path: str
    limits: Limits
    lane: str
    remedy: str


jobs: Registry[Job] = Registry("cqp.sandbox.hooks.jobs")


def declare(path: str, limits: Limits, *, lane: str, remedy: str) -> None:
    """Declare a job under its path."""
    jobs.register(Job(path, limits, lane, remedy), key=path)
