"""The commands that an operator types."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cqp import mail
from cqp.models import Mail, User
from tests import factories as make

pytestmark = pytest.mark.django_db


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
    mail.queue("results_published", "lea@example.org", {"name": "Léa", "session": "Essai", "path": "/candidat/"})
    started = timezone.now() - dt.timedelta(minutes=minutes)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started, worker_ids=["gone"])
    call_command("tick")
    assert DBTaskResult.objects.get().status == status


def test_a_task_taken_up_again_is_done(run_tasks, mailoutbox):
    mail.queue("results_published", "lea@example.org", {"name": "Léa", "session": "Essai", "path": "/candidat/"})
    started = timezone.now() - dt.timedelta(hours=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=started, worker_ids=["gone"])
    call_command("tick")
    run_tasks()
    assert Mail.objects.get().state == Mail.State.SENT
    assert len(mailoutbox) == 1
