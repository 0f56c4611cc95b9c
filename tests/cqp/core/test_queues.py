"""Mails, documents and files wait in queues of their own; what was queued before there were several still runs."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from candidates.dossiers.tasks import assemble_dossier
from candidates.dossiers.upload_joining import join_upload
from candidates.enrolments.invitations import send_invitation
from cqp.core import queues
from cqp.documents.services import render_document
from cqp.files.page_images import render_pages
from cqp.files.tasks import take_in
from cqp.mail import outbox
from cqp.models import Mail, StoredFile
from tests.cqp.files.uploads import taken_in
from tests.factories import make_pdf

pytestmark = pytest.mark.django_db


def work(monkeypatch, queue: str = "") -> None:
    monkeypatch.setattr("django_tasks_db.management.commands.db_worker.close_old_connections", lambda: None)
    more = {"queue_name": queue} if queue else {}
    call_command("db_worker", batch=True, verbosity=0, startup_delay=False, **more)


def queue_mail() -> Mail:
    context = {"name": "Léa", "session": "Essai", "path": "/candidat/"}
    return outbox.queue_mail("results_published", "lea@example.org", context)


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (outbox.deliver, queues.MAILS),
        (send_invitation, queues.MAILS),
        (render_document, queues.DOCUMENTS),
        (take_in, queues.FILES),
        (render_pages, queues.FILES),
        (join_upload, queues.FILES),
        (assemble_dossier, queues.FILES),
    ],
)
def test_each_task_waits_in_its_queue(task, queue):
    assert task.queue_name == queue
    assert queue in settings.TASKS["default"]["QUEUES"]


def test_behind_twenty_files_a_mail_leaves(monkeypatch, mailoutbox):
    for number in range(20):
        take_in.enqueue(1_000_000 + number)
    mail = queue_mail()
    work(monkeypatch, queues.MAILS)
    mail.refresh_from_db()
    assert mail.state == Mail.State.SENT
    assert DBTaskResult.objects.filter(queue_name=queues.FILES, status="READY").count() == 20


def test_a_worker_serves_all_queues_unless_told_otherwise(monkeypatch, mailoutbox):
    mail = queue_mail()
    stored = taken_in(make_pdf("Un document"))
    StoredFile.objects.update(state="checking")
    take_in.enqueue(stored.pk)
    # As before there were several.
    DBTaskResult.objects.filter(task_path=outbox.deliver.module_path).update(queue_name="default")
    work(monkeypatch)
    mail.refresh_from_db()
    stored.refresh_from_db()
    assert (mail.state, stored.state) == (Mail.State.SENT, "ready")
    assert not DBTaskResult.objects.filter(status="READY").exists()


def test_tick_says_that_nobody_takes_the_tasks_of_a_queue(capsys):
    queue_mail()
    call_command("tick")
    assert "un worker manque" not in capsys.readouterr().err
    DBTaskResult.objects.update(enqueued_at="2026-01-01T00:00Z")
    call_command("tick")
    assert "1 tâche(s) en file depuis un quart d'heure" in capsys.readouterr().err
