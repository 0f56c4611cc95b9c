"""The commands that an operator types."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cqp.core.hooks import Job, periodic
from cqp.core.task_retries import MAX_FAILURES
from cqp.files.tasks import take_in
from cqp.mail import outbox
from cqp.models import Mail, StoredFile, User
from tests import factories as make
from tests.cqp.files.uploads import taken_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_first_administrator_is_created_once(branch, capsys):
    for _ in range(2):
        call_command("administrator", "Claire@Example.org", first_name="Claire", last_name="Delmas")
    claire = User.objects.get(email="claire@example.org")
    assert list(claire.administered_branches.all()) == [branch]
    assert not claire.has_usable_password()
    assert "claire@example.org" in capsys.readouterr().out


def test_an_unknown_branch_is_said_with_the_known_ones(branch):
    with pytest.raises(CommandError, match=r"inconnue.*b2b"):
        call_command("administrator", "claire@example.org", branch="inconnue")
    assert not User.objects.exists()


@pytest.mark.parametrize(("minutes", "status"), [(5, TaskResultStatus.RUNNING), (20, TaskResultStatus.READY)])
def test_a_task_whose_worker_died_is_taken_up_again(minutes, status):
    make.make_user("lea@example.org")
    outbox.queue_mail("results_published", "lea@example.org", {"name": "Léa", "session": "Essai", "path": "/candidat/"})
    started = timezone.now() - dt.timedelta(minutes=minutes)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started, worker_ids=["gone"])
    call_command("tick")
    assert DBTaskResult.objects.get().status == status


def test_a_task_taken_up_again_is_done(run_tasks, mailoutbox):
    outbox.queue_mail("results_published", "lea@example.org", {"name": "Léa", "session": "Essai", "path": "/candidat/"})
    started = timezone.now() - dt.timedelta(hours=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started, worker_ids=["gone"])
    call_command("tick")
    run_tasks()
    assert Mail.objects.get().state == Mail.State.SENT
    assert len(mailoutbox) == 1


def test_a_file_that_waits_for_the_scanner_is_asked_for_again_once_at_a_time(settings, run_tasks):
    settings.SCANNER_ABSENT = "block"
    stored = taken_in(make.make_pdf())
    for _ in range(2):
        call_command("tick")
    assert DBTaskResult.objects.count() == 1
    run_tasks()
    stored.refresh_from_db()
    assert stored.awaits_scanner
    settings.SCANNER_ABSENT = "warn"
    call_command("tick")
    run_tasks()
    stored.refresh_from_db()
    assert (stored.state, stored.awaits_scanner) == (StoredFile.State.READY, False)
    call_command("tick")
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.READY).exists()


def test_a_file_that_fails_the_worker_again_and_again_is_left_to_the_operator(settings):
    settings.SCANNER_ABSENT = "block"
    stored = taken_in(make.make_pdf())
    for _ in range(MAX_FAILURES + 2):
        call_command("tick")
        DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    assert DBTaskResult.objects.filter(task_path=take_in.module_path).count() == MAX_FAILURES
    assert stored.state == StoredFile.State.CHECKING


def test_a_job_that_fails_does_not_keep_the_others_from_their_minute(monkeypatch, capsys, caplog):
    def fails():
        raise OSError("no disk")

    monkeypatch.setattr(periodic, "entries", [])
    periodic.register(Job(fails), key="broken", order=1)
    periodic.register(Job(lambda: 2, "{count} chose(s) faite(s)."), key="next", order=2)
    with pytest.raises(CommandError, match="broken"):
        call_command("tick")
    assert "2 chose(s) faite(s)." in capsys.readouterr().out
    assert "no disk" in caplog.text
