"""The end of an upload: its pieces are joined, and make a file of the dossier; or it is refused, with the reason."""

import logging
import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.tasks import task

from candidates.dossiers.files import add_file
from candidates.models import Upload
from cqp.core import queues
from cqp.core.refusals import RefusedError
from cqp.core.task_retries import MAX_FAILURES, list_unsuccessful_runs
from cqp.evidence import journal
from cqp.files import inspection
from cqp.files.received import ReceivedFile

NOT_JOINED = (
    "Ce fichier est arrivé, mais le site n'a pas pu le reconstituer. Envoyez-le de nouveau ; si cela se répète, écrivez à la "
    "branche."
)

log = logging.getLogger(__name__)


def pieces_folder(key: uuid.UUID) -> str:
    """Return the folder where the pieces of an upload are."""
    return f"chunks/{key.hex[:2]}/{key.hex}"


def discard_pieces(key: uuid.UUID) -> None:
    """Delete all that is in the folder of an upload: also what a power cut left there."""
    folder = pieces_folder(key)
    if default_storage.exists(folder):
        for name in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{name}")
        default_storage.delete(folder)


def upload_payload(upload: Upload) -> dict[str, Any]:
    """Return what the journal keeps of an upload."""
    return {
        "dossier": upload.dossier_id,
        "heading": upload.trame_item.position if upload.trame_item else None,
        "upload": str(upload.key),
        "name": upload.name,
        "size": upload.size,
    }


def lock_upload(pk: int) -> Upload | None:
    """Lock an upload, its dossier and heading at hand. None when it is gone."""
    return (
        Upload.objects.select_for_update(of=("self",))
        .select_related(
            "trame_item", "dossier__enrolment_bloc__bloc", "dossier__enrolment_bloc__enrolment__candidate__user"
        )
        .select_related("dossier__enrolment_bloc__enrolment__session__branch")
        .filter(pk=pk)
        .first()
    )


@task(queue_name=queues.FILES)
def join_upload(pk: int) -> None:
    """Join the pieces of a complete upload and make a file of the dossier of it; or refuse it, with the reason.

    Idempotent: the file, the end of the upload and the journal are one transaction; interrupted, it starts over.
    """
    upload = Upload.objects.select_related("dossier__enrolment_bloc__enrolment__candidate__user").filter(pk=pk).first()
    if upload is None or upload.state == Upload.State.RECEIVING:
        return
    if upload.state == Upload.State.JOINING:
        with ReceivedFile(upload.name, upload.size) as joined:
            try:
                _join(upload, joined)
                # Of a large file this takes seconds: nothing is locked meanwhile.
                _accept(pk, joined, inspection.inspect_upload(joined))
            except RefusedError as refused:
                _refuse(pk, refused.message)
    discard_pieces(upload.key)


def _join(upload: Upload, content: ReceivedFile) -> None:
    """Write the pieces in order. Raises FileRefused when they are not the whole."""
    for chunk in upload.chunks.all():
        if default_storage.exists(chunk.path):
            with default_storage.open(chunk.path) as piece:
                content.write(piece.read())
    content.flush()
    if content.tell() != upload.size:
        log.error("The pieces of upload %s are not all there.", upload.key)
        raise inspection.FileRefused(NOT_JOINED)
    content.seek(0)


def _accept(pk: int, joined: ReceivedFile, facts: inspection.FileFacts) -> None:
    """Make a file of the dossier of it. Raises DepositRefused."""
    with transaction.atomic():
        upload = lock_upload(pk)
        if upload is None or upload.state != Upload.State.JOINING:
            return
        user = upload.dossier.enrolment_bloc.enrolment.candidate.user
        assert user is not None
        add_file(
            upload.dossier,
            upload.trame_item,
            joined,
            facts=facts,
            replaces=upload.replaces,
            finishing=True,
            by=user,
            # It arrived in time: the worker may come later.
            now=upload.touched_at,
        )
        _end(upload, Upload.State.DONE)


def _refuse(pk: int, reason: str) -> None:
    with transaction.atomic():
        upload = lock_upload(pk)
        if upload is None or upload.state != Upload.State.JOINING:
            return
        stream = upload.dossier.enrolment_bloc.enrolment.stream
        journal.record(stream, "dossier.upload_refused", upload_payload(upload) | {"reason": reason}, by=None)
        upload.refusal = reason
        _end(upload, Upload.State.REFUSED)


def _end(upload: Upload, state: Upload.State) -> None:
    upload.state = state
    upload.save(update_fields=["state", "refusal"])
    upload.chunks.all().delete()


def requeue_joins() -> int:
    """Enqueue the task of the complete uploads that no task looks after any more, and return how many.

    One on which the worker failed MAX_FAILURES times is refused: its candidate is not to wait for ever.
    """
    joining = Upload.objects.filter(state=Upload.State.JOINING).values_list("pk", flat=True)
    runs = list_unsuccessful_runs(join_upload)
    under_way = {run.args[0] for run in runs if not run.has_failed}
    failures = [run.args[0] for run in runs if run.has_failed]
    left = [pk for pk in joining if pk not in under_way]
    for pk in left:
        if failures.count(pk) >= MAX_FAILURES:
            _refuse(pk, NOT_JOINED)
        else:
            join_upload.enqueue(pk)
    return len(left)
