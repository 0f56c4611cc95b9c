"""What the worker makes of a dossier that was handed in."""

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.tasks import task

from candidates.assembly import assemble
from candidates.models import Dossier
from cqp import files
from cqp.models import StoredFile
from cqp.page_images import render_pages
from cqp.retries import to_ask_again

# Before the images of single files: evaluators wait for the assembled dossier.
SOON = 10


@task(priority=SOON)
def assemble_dossier(pk: int) -> None:
    """Make the assembled PDF of a dossier, and have its pages drawn.

    Idempotent: where there is one already, nothing is done. A dossier that changed meanwhile (a page was withdrawn) is
    left to the task that the change asked for.
    """
    found = _found(pk)
    if found is None or found.assembly_id or found.submitted_at is None:
        return
    if found.enrolment_bloc.enrolment.candidate.erased_at:
        return
    withdrawn = set(found.withdrawn_pages.values_list("number", flat=True))
    made = assemble(found)
    user = found.enrolment_bloc.enrolment.candidate.user
    stored = StoredFile(
        name=f"dossier-bloc-{found.enrolment_bloc.bloc.number}.pdf",
        type=files.PDF,
        size=len(made.content),
        sha256=hashlib.sha256(made.content).hexdigest(),
        pages=made.pages,
        uploaded_by=user,
    )
    stored.file.save(stored.name, ContentFile(made.content), save=False)
    kept = False
    try:
        with transaction.atomic():
            locked = Dossier.objects.select_for_update(of=("self",)).get(pk=pk)
            if locked.assembly_id is None and withdrawn == set(locked.withdrawn_pages.values_list("number", flat=True)):
                stored.save()
                locked.assembly, locked.contents = stored, made.contents
                locked.save(update_fields=["assembly", "contents"])
                render_pages.using(priority=SOON).enqueue(stored.pk, priority=SOON)
                kept = True
    finally:
        if not kept:
            files.discard(stored)


def _found(pk: int) -> Dossier | None:
    return (
        Dossier.objects.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate__user")
        .select_related("enrolment_bloc__enrolment__session__branch")
        .filter(pk=pk)
        .first()
    )


def assemble_missing() -> int:
    """Ask again for the assembly of the dossiers that lack one, and return how many. Must run in a transaction."""
    waiting = Dossier.objects.filter(
        submitted_at__isnull=False, assembly=None, enrolment_bloc__enrolment__candidate__erased_at=None
    )
    asked = to_ask_again(assemble_dossier, waiting.values_list("pk", flat=True))
    for pk in asked:
        assemble_dossier.enqueue(pk)
    return len(asked)


def drop_assembly(dossier: Dossier) -> None:
    """Take the assembly of a locked dossier away, its images too once that is committed, and ask for a new one."""
    old = dossier.assembly
    dossier.assembly = None
    dossier.save(update_fields=["assembly"])
    if old:
        old.delete()
        transaction.on_commit(lambda: files.discard(old))
    assemble_dossier.enqueue(dossier.pk)
