"""Tasks that left something undone are enqueued again, and those that fail again and again are left to an operator.

`DBTaskResult.args_kwargs` is read here and nowhere else: its form is not documented (`tests/cqp/core/test_task_retries.py`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

MAX_FAILURES = 3


@dataclass(frozen=True)
class TaskRun:
    """One run of a task that did not succeed: `args` it was enqueued with, `finished_at` None while it is not over."""

    args: list[Any]
    has_failed: bool
    finished_at: dt.datetime | None


def list_unsuccessful_runs(task: Any) -> list[TaskRun]:
    """Return the runs of a task that wait, are under way or failed."""
    rows = DBTaskResult.objects.filter(task_path=task.module_path).exclude(status=TaskResultStatus.SUCCESSFUL)
    return [
        TaskRun(args_kwargs["args"], status == TaskResultStatus.FAILED, finished_at)
        for args_kwargs, status, finished_at in rows.values_list("args_kwargs", "status", "finished_at")
    ]


def to_requeue(task: Any, waiting: Iterable[int], *, forget: dt.timedelta | None = None) -> list[int]:
    """Return those of `waiting` for which no run of `task` is left, nor has failed MAX_FAILURES times.

    task: its first argument is what waits, by its key. forget: failures that old no longer count, where what fails may
    be mended from outside.
    """
    under_way, failures = _count(task, forget)
    return [pk for pk in waiting if pk not in under_way and failures[pk] < MAX_FAILURES]


def list_given_up(task: Any, waiting: Iterable[int]) -> list[int]:
    """Return those of `waiting` on which `task` failed MAX_FAILURES times, and is not enqueued any more: to be shown."""
    under_way, failures = _count(task, None)
    return [pk for pk in waiting if pk not in under_way and failures[pk] >= MAX_FAILURES]


def _count(task: Any, forget: dt.timedelta | None) -> tuple[set[int], Counter[int]]:
    """Return what a run of `task` is left for, and how often it failed for each."""
    under_way, failures = set[int](), Counter[int]()
    since = timezone.now() - forget if forget else None
    for run in list_unsuccessful_runs(task):
        if not run.has_failed:
            under_way.update(run.args[:1])
        elif since is None or run.finished_at is None or run.finished_at > since:
            failures.update(run.args[:1])
    return under_way, failures
