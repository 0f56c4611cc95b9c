"""Tasks that left something undone are asked for again, and those that fail again and again are left to an operator."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

MAX_FAILURES = 3


def to_ask_again(task: Any, waiting: Iterable[int], *, forget: dt.timedelta | None = None) -> list[int]:
    """Return those of `waiting` for which no run of `task` is left, nor has failed MAX_FAILURES times.

    task: its first argument is what waits, by its key. forget: failures that old no longer count, where what fails may
    be mended from outside.
    """
    runs = DBTaskResult.objects.filter(task_path=task.module_path).exclude(status=TaskResultStatus.SUCCESSFUL)
    under_way, failures = set(), Counter[int]()
    since = timezone.now() - forget if forget else None
    for status, ended, told in runs.values_list("status", "finished_at", "args_kwargs"):
        if status == TaskResultStatus.FAILED:
            if since is None or ended is None or ended > since:
                failures.update(told["args"])
        else:
            under_way.update(told["args"])
    return [pk for pk in waiting if pk not in under_way and failures[pk] < MAX_FAILURES]
