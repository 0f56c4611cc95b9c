"""A task that was queued under the name of a module that moved still runs after `migrate`."""

import importlib

import pytest
from django.apps import apps
from django.db import connection
from django.tasks import Task, TaskResultStatus
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from cqp.mail import outbox
from cqp.models import Mail

migration = importlib.import_module("cqp.migrations.0010_task_paths")


@pytest.mark.parametrize("path", sorted(migration.PATHS.values()))
def test_each_new_name_is_a_task_that_would_be_stored_under_it(path):
    task = import_string(path)
    assert isinstance(task, Task)
    assert task.module_path == path


@pytest.mark.parametrize("path", sorted(migration.PATHS))
def test_no_old_name_is_still_there(path):
    with pytest.raises(ImportError):
        import_string(path)


@pytest.mark.database
@pytest.mark.django_db
def test_a_mail_that_was_queued_under_the_old_name_is_sent(run_tasks, mailoutbox):
    outbox.queue_mail("results_published", "lea@example.org", {"name": "Léa", "session": "Essai", "path": "/candidat/"})
    DBTaskResult.objects.update(task_path="cqp.mail.deliver")
    migration.rename(apps, connection.schema_editor())
    run_tasks()
    assert Mail.objects.get().state == Mail.State.SENT
    assert len(mailoutbox) == 1


@pytest.mark.database
@pytest.mark.django_db
def test_tasks_that_ended_are_renamed_too_and_all_can_go_back():
    for path in migration.PATHS:
        DBTaskResult.objects.create(
            task_path=path,
            status=TaskResultStatus.SUCCESSFUL,
            queue_name="default",
            backend_name="default",
            args_kwargs={"args": [], "kwargs": {}},
            priority=0,
        )
    names = set(migration.PATHS)
    migration.rename(apps, connection.schema_editor())
    assert set(DBTaskResult.objects.values_list("task_path", flat=True)) == set(migration.PATHS.values())
    migration.rename_back(apps, connection.schema_editor())
    assert set(DBTaskResult.objects.values_list("task_path", flat=True)) == names
