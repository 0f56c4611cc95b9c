"""Run every minute: takes up what a worker left half done."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

LOST_AFTER = dt.timedelta(minutes=15)


class Command(BaseCommand):
    help = "Hands the tasks of a worker that died to the next one. Tasks are idempotent."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            lost = DBTaskResult.objects.filter(
                status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - LOST_AFTER
            ).update(status=TaskResultStatus.READY, started_at=None)
        if lost:
            self.stdout.write(f"{lost} tâche(s) interrompue(s) remise(s) en file.")
