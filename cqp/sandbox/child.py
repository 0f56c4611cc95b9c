"""The other side of a box: a warm process that has read the code of one module, and forks for each run.

Started by `cqp.sandbox.warm` with an empty environment, a socket and nothing else; behind walls where bubblewrap works. Each
run gets namespaces of its own, so that it sees neither the warm process nor another run, and its end is that of all that it
started. Only the standard library is read here before the module.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any, BinaryIO, NoReturn

IDLE = 600  # seconds after which a warm process that nobody asks ends
NOBODY = 65534
PR_SET_DUMPABLE = 4
MESSAGE = 64 * 1024
FILES = 250
# Of every run: its file, its answer and what libraries open; no more.
OPEN_FILES = 512
NICE = 5
# What is otherwise read at the first use, when the files may be readable to nobody no more.
LATE = (
    "cqp.core.refusals",
    "encodings.cp437",
    "encodings.utf_16",
    "encodings.cp1252",
    "encodings.idna",
    "tokenize",
    "linecache",
)


def serve(control: socket.socket, module: str) -> None:
    """Read the module's code, say so, then fork a run for each message until the other side is gone."""
    try:
        importlib.import_module(module)
    except BaseException:
        control.send(traceback.format_exc()[-4000:].encode())
        return
    for name in LATE:
        importlib.import_module(name)
    # Where memory is short on the machine, this goes first.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    _drop_root()
    gc.collect()
    gc.freeze()
    # A run has the same user: it must not read or steer this process.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(b"ready")
    control.settimeout(IDLE)
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, FILES)
        except TimeoutError:
            return
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _apart(module, json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _drop_root() -> None:
    """Without walls, root would be root: the run is nobody."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _apart(module: str, order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Fork once more, in namespaces of its own where they are allowed: what watches the run is the first process there."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWPID | os.CLONE_NEWIPC)
    if os.fork() == 0:
        _watch(module, order, descriptors)
    os._exit(0)


def _watch(module: str, order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Start the run, kill it when its time is over, and write how it ended. descriptors: request, answer, status, files."""
    request, answer, status, *files = descriptors
    began = time.monotonic()
    job = os.fork()
    if job == 0:
        os.close(status)
        os.setsid()
        _run(module, order, request, answer, files)
    for descriptor in (request, answer, *files):
        os.close(descriptor)
    ended = select.poll()
    ended.register(os.pidfd_open(job), select.POLLIN)
    is_late = not ended.poll(max(0.0, order["wall"] - (time.monotonic() - began)) * 1000)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(job, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(job, signal.SIGKILL)
    _, code, usage = os.wait4(job, 0)
    report = {
        "late": is_late,
        "signal": os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
    }
    os.write(status, json.dumps(report).encode())
    # The first process of its namespace takes all others with it.
    os._exit(0)


def _run(module: str, order: dict[str, Any], request: int, answer: int, files: list[int]) -> NoReturn:
    """Do the work under the limits, and write what it gives: `value`, `refused` (a sentence), `cause` or `failed`."""
    try:
        _limit(order)
        with open(request, "rb") as reading:
            arguments = json.load(reading)
        outputs = [open(descriptor, "w+b") for descriptor in files[: order["outputs"]]]  # noqa: SIM115
        inputs: list[BinaryIO] = [open(descriptor, "rb") for descriptor in files[order["outputs"] :]]  # noqa: SIM115
        function = getattr(sys.modules[module], order["function"])
        value = function(inputs, outputs[0] if outputs else None, **arguments)
        for output in outputs:
            output.flush()
        content = json.dumps({"value": value}).encode()
        if len(content) > order["written"]:
            content = json.dumps({"cause": "written"}).encode()
    except BaseException as error:
        content = json.dumps(_reason(error)).encode()
    with open(answer, "wb") as writing:
        writing.write(content)
    os._exit(0)


def _reason(error: BaseException) -> dict[str, Any]:
    from cqp.core.refusals import RefusedError

    if isinstance(error, RefusedError):
        return {"refused": error.message}
    if isinstance(error, MemoryError):
        return {"cause": "memory"}
    if isinstance(error, OSError) and error.errno in (27, 28):  # EFBIG, ENOSPC
        return {"cause": "written"}
    # Rust's panics are no Exception.
    if not isinstance(error, Exception):
        return {"cause": "crash"}
    try:
        return {"failed": "".join(traceback.format_exception(error))[-4000:]}
    except OSError:  # as nobody, what a traceback is made with may not be readable
        return {"failed": repr(error)[:4000]}


def _limit(order: dict[str, Any]) -> None:
    os.nice(NICE)
    with open("/proc/self/statm") as statm:
        already = int(statm.read().split()[0]) * resource.getpagesize()
    for name, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, order["written"]),
        (resource.RLIMIT_AS, already + order["memory"]),
        *(() if order["may_fork"] else ((resource.RLIMIT_NPROC, 0),)),
    ):
        resource.setrlimit(name, (most, most))
    # Ignored, the signal leaves an error that says what happened.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 1))


def main() -> None:
    control, module, *paths = sys.argv[1:]
    # The folder of this file is on the path when it is run as a program: its modules are not to be found by bare names.
    sys.path[:] = [*paths, *(path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__)))]
    serve(socket.socket(fileno=int(control)), module)


if __name__ == "__main__":
    main()
