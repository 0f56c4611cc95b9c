"""Tasks that left something undone are asked for again, and those that fail again and again are left to an operator."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

MAX_FAILURES = 3


def to_ask_again(task: Any, waiting: Iterable[int]) -> list[int]:
    """Return those of `waiting` for which no run of `task` is left, nor has failed MAX_FAILURES times.

    task: its first argument is what waits, by its key.
    """
    runs = DBTaskResult.objects.filter(task_path=task.module_path).exclude(status=TaskResultStatus.SUCCESSFUL)
    under_way, failures = set(), Counter[int]()
    for status, told in runs.values_list("status", "args_kwargs"):
        if status == TaskResultStatus.FAILED:
            failures.update(told["args"])
        else:
            under_way.update(told["args"])
    return [pk for pk in waiting if pk not in under_way and failures[pk] < MAX_FAILURES]
