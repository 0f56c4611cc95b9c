"""How the table of tasks stores the arguments of a run: a failure after an upgrade of django-tasks-db names what moved."""

import subprocess

import pytest
from django.conf import settings
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cqp.core.task_retries import MAX_FAILURES, TaskRun, list_unsuccessful_runs, to_requeue
from cqp.files.tasks import take_in


def test_no_other_module_reads_the_stored_arguments():
    command = ["git", "grep", "-l", "args_kwargs", "--", "*.py", ":!tests", ":!*/migrations"]
    files = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    assert files == ["cqp/core/task_retries.py"]


@pytest.mark.django_db
def test_the_arguments_of_a_run_are_read_as_they_were_enqueued():
    take_in.enqueue(7)
    assert list_unsuccessful_runs(take_in) == [TaskRun(args=[7], has_failed=False, finished_at=None)]
    assert to_requeue(take_in, [7, 8]) == [8]


@pytest.mark.django_db
def test_what_failed_too_often_is_not_enqueued_again():
    for _ in range(MAX_FAILURES):
        assert to_requeue(take_in, [7]) == [7]
        take_in.enqueue(7)
        DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    assert to_requeue(take_in, [7]) == []
