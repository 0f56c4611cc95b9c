"""A received file is worked on in a box: another process, without secrets or network, with limits on all that it uses.

What exceeds them is refused with its cause: it would exceed them again. What has another reason (no free box, a box that does
not start, a fault of ours) is an error: the worker tries again, a page says to try again.
"""

import json
import logging
import os
import signal
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO, Any

from django.db import connections

from cqp.core.refusals import RefusedError
from cqp.sandbox import slots, warm
from cqp.sandbox.hooks import Job, jobs

CAUSES = {
    "time": "Ce fichier demande trop de calculs pour être lu ici.",
    "memory": "Ce fichier prend beaucoup trop de place une fois déplié.",
    "written": "Ce fichier contient beaucoup trop de données une fois déplié.",
    "crash": "Ce fichier est construit de telle façon que sa lecture s'arrête brutalement.",
}
BUSY = "Le site lit déjà plusieurs fichiers : réessayez dans un instant. Rien n'a été enregistré."
CHUNK = 2**20

log = logging.getLogger(__name__)


class BoxRefused(RefusedError):
    """What is in the file: the job says so, or its limits do (`cause`). Final. The message says in French what to do."""

    def __init__(self, message: str, cause: str = "") -> None:
        self.cause = cause
        super().__init__(message)


class BoxUnavailableError(Exception):
    """No box is free, or none starts: to be tried again. `message` says so in French."""

    message = BUSY


class JobFailedError(Exception):
    """The job ended by an error that it does not know: its traceback."""


def run(path: str, inputs: Sequence[Any] = (), output: IO[bytes] | None = None, **arguments: Any) -> Any:
    """Run a declared job (`cqp.sandbox.hooks`) on files, and return what it returns.

    inputs: bytes, or binary files, which are read from their beginning and left as they are. output: a real file, empty.
    Raises BoxRefused, BoxUnavailableError, JobFailedError.
    """
    job = jobs.for_key(path)
    _let_go()
    with ExitStack() as opened:
        files = [opened.enter_context(_reopened(source)) for source in inputs]
        try:
            opened.enter_context(slots.slot(job.lane))
            return _run(job, files, output, arguments)
        except (slots.NoSlotError, warm.NotStartedError) as error:
            log.warning("No box for %s: %s", path, error)
            raise BoxUnavailableError(str(error)) from error


def _let_go() -> None:
    """Give the database connections back while a box works: others need them."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _reopened(source: Any) -> IO[bytes]:
    """Return a file of its own with the content of `source`: what the box reads moves nothing here."""
    if not isinstance(source, bytes):
        try:
            source.flush()
            return open(f"/proc/self/fd/{source.fileno()}", "rb")
        except (OSError, AttributeError, ValueError):
            pass  # in memory, or elsewhere than on this machine
    copy = tempfile.TemporaryFile()  # noqa: SIM115
    if isinstance(source, bytes):
        copy.write(source)
    else:
        source.seek(0)
        while piece := source.read(CHUNK):
            copy.write(piece)
        source.seek(0)
    copy.seek(0)
    return copy


def _run(job: Job, files: Sequence[IO[bytes]], output: IO[bytes] | None, arguments: dict[str, Any]) -> Any:
    outputs = [output] if output is not None else []
    with tempfile.TemporaryFile() as request, tempfile.TemporaryFile() as answer:
        request.write(json.dumps(arguments).encode())
        request.flush()
        os.lseek(request.fileno(), 0, os.SEEK_SET)
        descriptors = [file.fileno() for file in (*outputs, *files)]
        report = {}
        for last in (False, True):
            try:
                report = warm.run(
                    job.path, job.limits, request.fileno(), answer.fileno(), descriptors, outputs=len(outputs)
                )
                break
            except warm.NotStartedError:
                # A warm process may end between two runs.
                if last:
                    raise
                os.lseek(request.fileno(), 0, os.SEEK_SET)
        return _value(job, report, _read(answer, job.limits.written))


def _read(answer: IO[bytes], most: int) -> dict[str, Any]:
    answer.seek(0)
    content = answer.read(most + 1)
    if len(content) > most:
        return {"cause": "written"}
    try:
        answered: dict[str, Any] = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        return {}
    return answered if isinstance(answered, dict) else {}


def _value(job: Job, report: dict[str, Any], answered: dict[str, Any]) -> Any:
    if report["late"]:
        if report["cpu"] < job.limits.cpu / 4 and not job.limits.may_fork:
            # It waited for the machine, not the other way round.
            raise BoxUnavailableError("The machine is too busy.")
        cause = "time"
    elif report["signal"]:
        cause = _cause(job, report)
    elif "value" in answered:
        return answered["value"]
    elif "refused" in answered:
        raise BoxRefused(str(answered["refused"]))
    elif "failed" in answered:
        raise JobFailedError(str(answered["failed"]))
    else:
        cause = answered["cause"] if answered.get("cause") in CAUSES else "crash"
    log.warning("%s: beyond its limits (%s) %s", job.path, cause, report)
    raise BoxRefused(f"{CAUSES[cause]} {job.remedy}", cause)


def _cause(job: Job, report: dict[str, Any]) -> str:
    match report["signal"]:
        case signal.SIGXCPU:
            return "time"
        case signal.SIGKILL:
            return "time" if report["cpu"] >= job.limits.cpu else "memory"
        case signal.SIGXFSZ:
            return "written"
        case _:
            # Where memory is refused to them, libraries abort.
            return "memory" if report["peak"] > job.limits.memory / 2 else "crash"
