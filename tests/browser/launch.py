"""Processes of the site for the browser tests, forked from one that has read all of the code: 30 ms instead of 4 s.

A process gets the settings of its own environment right after the fork, before it opens a database or a file.
"""

import importlib
import json
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

MAIN = "tests.browser.forked"


def context() -> Any:
    """Return the context whose server holds the code. Its own environment is that of the first call."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([MAIN])
    return forks


def take_environment(environment: Mapping[str, str]) -> None:
    """In a new process: make the settings those of this environment."""
    from django.conf import settings
    from django.core.signals import setting_changed
    from django.db import connections

    os.environ.clear()
    os.environ.update(environment)
    module = importlib.reload(importlib.import_module("cqp.settings"))
    connections["default"].settings_dict |= module.DATABASES["default"]
    for name in filter(str.isupper, dir(module)):
        value = getattr(module, name)
        if name != "DATABASES" and value != getattr(settings, name):
            setattr(settings, name, value)
            setting_changed.send(sender=None, setting=name, value=value, enter=True)


def _serve(environment: Mapping[str, str], options: list[str]) -> None:
    from gunicorn.app.wsgiapp import run

    take_environment(environment)
    sys.argv = ["gunicorn", "-c", "python:cqp.gunicorn", *options, "cqp.wsgi"]
    run()


def _manage(environment: Mapping[str, str], command: tuple[str, ...]) -> None:
    from django.core.management import execute_from_command_line

    take_environment(environment)
    execute_from_command_line(["manage.py", *command])


def _call(environment: Mapping[str, str], pipe: Connection, act: Callable[..., Any], options: dict[str, Any]) -> None:
    take_environment(environment)
    try:
        pipe.send((True, json.loads(json.dumps(act(**options)))))
    except BaseException:
        pipe.send((False, traceback.format_exc()))
        raise


def start_server(environment: Mapping[str, str], *options: str) -> BaseProcess:
    """Start gunicorn with these options."""
    process: BaseProcess = context().Process(target=_serve, args=(environment, list(options)))
    process.start()
    return process


def start_command(environment: Mapping[str, str], *command: str) -> BaseProcess:
    """Start `manage.py` with these arguments."""
    process: BaseProcess = context().Process(target=_manage, args=(environment, command))
    process.start()
    return process


def run_command(environment: Mapping[str, str], *command: str) -> None:
    """Run `manage.py` with these arguments to its end. Raises AssertionError when it fails."""
    process = start_command(environment, *command)
    process.join()
    assert process.exitcode == 0, f"manage.py {' '.join(command)} ended with {process.exitcode}"


def call(environment: Mapping[str, str], act: Callable[..., Any], **options: Any) -> Any:
    """Return what `act(**options)` returns in a process of the site, as JSON keeps it.

    Raises AssertionError with its trace when it fails.
    """
    here, there = context().Pipe(duplex=False)
    process = context().Process(target=_call, args=(environment, there, act, options))
    process.start()
    there.close()
    try:
        done, answer = here.recv()
    except EOFError:
        done, answer = False, f"{act.__name__} died"
    process.join()
    assert done, answer
    return answer
