"""Run every minute: takes up what a worker left half done; asks again for checks, assemblies and documents that wait."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates.services.imports import import_again
from candidates.services.joining import join_again
from candidates.services.personal_data import drop_old_exports
from candidates.services.plan_runs import lost_searches
from candidates.services.reminders import send_reminders
from candidates.services.uploads import drop_idle_uploads
from candidates.tasks import assemble_missing
from cqp.checkpoints import make_daily_checkpoint
from cqp.documents import render_missing
from cqp.intake import ask_again
from evaluations.services.publication import announce_due

LOST_AFTER = dt.timedelta(minutes=15)


class Command(BaseCommand):
    help = (
        "Hands the tasks of a worker that died to the next one, and asks again for the files that wait to be checked, "
        "the dossiers that wait to be assembled and the documents that wait to be made."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            lost = DBTaskResult.objects.filter(
                status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - LOST_AFTER
            ).update(status=TaskResultStatus.READY, started_at=None)
            asked, assembled, imported, rendered = ask_again(), assemble_missing(), import_again(), render_missing()
        joined, dropped, exports = join_again(), drop_idle_uploads(), drop_old_exports()
        lost_searches()
        reminded = send_reminders()
        announced = announce_due()
        make_daily_checkpoint()
        if announced:
            self.stdout.write(f"{announced} session(s) dont les résultats viennent de paraître.")
        if reminded:
            self.stdout.write(f"{reminded} rappel(s) envoyé(s).")
        if lost:
            self.stdout.write(f"{lost} tâche(s) interrompue(s) remise(s) en file.")
        if asked:
            self.stdout.write(f"{asked} fichier(s) en attente de vérification remis en file.")
        if assembled:
            self.stdout.write(f"{assembled} dossier(s) à assembler remis en file.")
        if rendered:
            self.stdout.write(f"{rendered} document(s) à produire remis en file.")
        if imported:
            self.stdout.write(f"{imported} import(s) interrompu(s) remis en file.")
        if joined:
            self.stdout.write(f"{joined} envoi(s) complet(s) remis en file.")
        if dropped:
            self.stdout.write(f"{dropped} envoi(s) sans suite effacé(s).")
        if exports:
            self.stdout.write(f"{exports} copie(s) de données de plus de sept jours supprimée(s).")
