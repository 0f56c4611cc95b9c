"""What the worker makes of a dossier that was handed in."""

import hashlib
import logging
import os
import tempfile
from typing import IO

from django.core.files.base import File
from django.db import transaction
from django.tasks import task

from candidates.dossiers.assembly import Assembled, assemble
from candidates.models import Dossier
from cqp.core import queues
from cqp.core.task_retries import list_given_up, to_requeue
from cqp.files import inspection, storage
from cqp.files.page_images import render_pages
from cqp.models import StoredFile

log = logging.getLogger(__name__)

# Before the images of single files: evaluators wait for the assembled dossier.
SOON = 10


@task(priority=SOON, queue_name=queues.FILES)
def assemble_dossier(pk: int) -> None:
    """Make the assembled PDF of a dossier, and have its pages drawn.

    Idempotent: where there is one already, nothing is done. A dossier that changed meanwhile (a page was withdrawn) is
    left to the task that the change asked for.
    """
    dossier = _get_dossier(pk)
    if dossier is None or dossier.assembly_id or dossier.submitted_at is None:
        return
    if dossier.enrolment_bloc.enrolment.candidate.erased_at:
        return
    with tempfile.TemporaryFile() as pdf:
        withdrawn = set(dossier.withdrawn_pages.values_list("number", flat=True))
        _keep(dossier, withdrawn, assemble(dossier, pdf), pdf)


def _keep(dossier: Dossier, withdrawn: set[int], made: Assembled, pdf: IO[bytes]) -> None:
    """Store what was assembled, unless the dossier changed meanwhile."""
    user = dossier.enrolment_bloc.enrolment.candidate.user
    stored = StoredFile(
        name=f"dossier-bloc-{dossier.enrolment_bloc.bloc.number}.pdf",
        type=inspection.PDF,
        size=pdf.seek(0, os.SEEK_END),
        sha256=_digest(pdf),
        pages=made.pages,
        uploaded_by=user,
    )
    stored.file.save(stored.name, File(pdf), save=False)
    is_stored = False
    try:
        with transaction.atomic():
            locked = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
            if locked.assembly_id is None and withdrawn == set(locked.withdrawn_pages.values_list("number", flat=True)):
                stored.save()
                locked.assembly, locked.contents = stored, made.contents
                locked.save(update_fields=["assembly", "contents"])
                render_pages.using(priority=SOON).enqueue(stored.pk, 1, 0, SOON, False)
                is_stored = True
    finally:
        if not is_stored:
            storage.delete_file(stored)


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(2**20):
        digest.update(piece)
    return digest.hexdigest()


def _get_dossier(pk: int) -> Dossier | None:
    return (
        Dossier.objects.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate__user")
        .select_related("enrolment_bloc__enrolment__session__branch")
        .filter(pk=pk)
        .first()
    )


def requeue_assemblies() -> int:
    """Ask again for the assembly of the dossiers that lack one, and return how many. Must run in a transaction."""
    waiting = Dossier.objects.filter(
        submitted_at__isnull=False, assembly=None, enrolment_bloc__enrolment__candidate__erased_at=None
    )
    pks = list(waiting.values_list("pk", flat=True))
    left = to_requeue(assemble_dossier, pks)
    for pk in left:
        assemble_dossier.enqueue(pk)
    for pk in list_given_up(assemble_dossier, pks):
        log.error("Dossier %s could not be assembled: see the errors of its tasks.", pk)
    return len(left)


def drop_assembly(dossier: Dossier) -> None:
    """Take the assembly of a locked dossier away, its images too once that is committed, and ask for a new one."""
    old = dossier.assembly
    dossier.assembly = None
    dossier.save(update_fields=["assembly"])
    if old:
        old.delete()
        transaction.on_commit(lambda: storage.delete_file(old))
    assemble_dossier.enqueue(dossier.pk)
