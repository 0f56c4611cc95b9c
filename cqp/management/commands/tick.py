"""Run every minute: takes up what a worker left half done, then does what the packages declare (`cqp.core.hooks`)."""

import datetime as dt
import logging
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cqp.core.hooks import periodic

LOST_AFTER = dt.timedelta(minutes=15)

logger = logging.getLogger(__name__)


def _waiting_long() -> int:
    """Return how many tasks no worker takes."""
    long_ago = timezone.now() - LOST_AFTER
    # A task that was to wait is late from its hour on.
    return (
        DBTaskResult.objects.ready()
        .filter(enqueued_at__lt=long_ago)
        .exclude(run_after__range=(long_ago, timezone.now()))
        .count()
    )


class Command(BaseCommand):
    help = (
        "Hands the tasks of a worker that died to the next one, and asks again for the files that wait to be checked, "
        "the dossiers that wait to be assembled and the documents that wait to be made."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lost = DBTaskResult.objects.filter(
            status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - LOST_AFTER
        ).update(status=TaskResultStatus.READY, started_at=None)
        if lost:
            self.stdout.write(f"{lost} tâche(s) interrompue(s) remise(s) en file.")
        if waiting := _waiting_long():
            self.stderr.write(f"{waiting} tâche(s) en file depuis un quart d'heure : un worker manque pour leur file.")
        failed = []
        for entry in periodic.entries:
            job = entry.item
            try:
                with transaction.atomic() if job.atomic else nullcontext():
                    count = job.run()
            except Exception:
                # One that fails must not keep the others from their minute.
                logger.exception("tick: %s", entry.key)
                failed.append(entry.key)
            else:
                if job.label and count:
                    self.stdout.write(job.label.format(count=count))
        if failed:
            raise CommandError(f"Tick failed: {', '.join(failed)}. See the log.")
