"""Files that arrive piece by piece, each piece an object of its own in the file store. Complete, a task joins them."""

import datetime as dt
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from candidates.dossiers.deposit import DepositRefused, check_can_change, grace_until, lock_dossier
from candidates.dossiers.upload_joining import discard_pieces, join_upload, lock_upload, pieces_folder, upload_payload
from candidates.models import Dossier, DossierFile, Upload, UploadChunk
from cqp.evidence import journal
from cqp.files import inspection, storage
from cqp.models import User
from referentiel.models import TrameItem

PIECE = 1024 * 1024  # bytes
MAX_OPEN = 10
IDLE = dt.timedelta(hours=48)


class UploadClosedError(Exception):
    """The upload takes no more pieces: it is complete, refused or abandoned."""


class WrongOffsetError(Exception):
    """The piece does not follow what was received. `received` (bytes) is where the next one begins."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(received)


class PieceTooLargeError(Exception):
    """The piece goes beyond the announced size."""


def begin_upload(
    dossier: Dossier,
    trame_item: TrameItem | None,
    *,
    name: str,
    size: int,
    by: User,
    replaces: DossierFile | None = None,
    now: dt.datetime | None = None,
) -> Upload:
    """Announce a file of `size` bytes.

    Raises cqp.files.inspection.FileRefused (empty, too large), DepositRefused, PermissionError.
    """
    inspection.check_weight(size)
    with transaction.atomic():
        locked = lock_dossier(dossier)
        check_can_change(locked, by, now or timezone.now())
        if trame_item and trame_item.bloc_id != locked.enrolment_bloc.bloc_id:
            raise ValueError("The heading belongs to another bloc.")
        if locked.uploads.exclude(state=Upload.State.DONE).count() >= MAX_OPEN:
            raise DepositRefused(
                f"{MAX_OPEN} envois sont déjà en cours ou refusés dans ce dossier : finissez-les, ou abandonnez-en un."
            )
        upload = Upload(
            dossier=locked, trame_item=trame_item, replaces=replaces, name=storage.visible_name(name), size=size
        )
        upload.full_clean()
        upload.save()
        _record(upload, "dossier.upload_begun", by)
    return upload


def receive_piece(upload: Upload, start: int, content: bytes, *, by: User, now: dt.datetime | None = None) -> int:
    """Keep a piece of at most PIECE bytes that begins at `start`; return how many bytes are there now.

    The object is written first, the transaction is short. Small pieces are put together: their objects stay few.
    Raises WrongOffsetError, PieceTooLargeError, UploadClosedError, DepositRefused, PermissionError: nothing is kept then.
    """
    now = now or timezone.now()
    path, old = _save_piece(upload, start, content), ""
    try:
        with transaction.atomic():
            upload = _open_upload(upload, by, now)
            if start != upload.received:
                raise WrongOffsetError(upload.received)
            if start + len(content) > upload.size:
                raise PieceTooLargeError
            last = upload.chunks.last()
            if last and last.size + len(content) <= PIECE:
                old, path = last.path, _merged(upload, last, content, path)
                last.path, last.size = path, last.size + len(content)
                last.save(update_fields=["path", "size"])
            else:
                UploadChunk.objects.create(upload=upload, start=start, size=len(content), path=path)
            upload.received, upload.touched_at = start + len(content), now
            if upload.received == upload.size:
                upload.state = Upload.State.JOINING
                join_upload.enqueue(upload.pk)
            upload.save(update_fields=["received", "touched_at", "state"])
    except BaseException:
        default_storage.delete(path)
        raise
    if old:
        default_storage.delete(old)
    return upload.received


def _save_piece(upload: Upload, start: int, content: bytes) -> str:
    # Two that send the same piece at once write two objects: one of them is then deleted.
    return default_storage.save(f"{pieces_folder(upload.key)}/{start}-{secrets.token_hex(4)}", ContentFile(content))


def _merged(upload: Upload, last: UploadChunk, content: bytes, path: str) -> str:
    """Put the content at the end of the last piece, as one object, and return its path. That of `path` is deleted."""
    with default_storage.open(last.path) as before:
        merged = _save_piece(upload, last.start, before.read() + content)
    default_storage.delete(path)
    return merged


def _open_upload(upload: Upload, by: User, now: dt.datetime) -> Upload:
    locked = lock_upload(upload.pk)
    if locked is None or locked.state != Upload.State.RECEIVING:
        raise UploadClosedError
    check_can_change(locked.dossier, by, now, finishing=True)
    return locked


def abandon_upload(upload: Upload, *, by: User) -> None:
    """Forget an upload that is not complete, or was refused, with what was received. Called twice, nothing more."""
    with transaction.atomic():
        locked = lock_upload(upload.pk)
        if locked and locked.state in (Upload.State.RECEIVING, Upload.State.REFUSED):
            if locked.state == Upload.State.RECEIVING:
                _record(locked, "dossier.upload_abandoned", by)
            if grace_until(locked.dossier, locked.dossier.enrolment_bloc.enrolment.session, timezone.now()):
                _keep_row(locked)
            else:
                _forget(locked)


def _keep_row(upload: Upload) -> None:
    """Forget the content alone: an upload begun before the deadline is why the dossier may still be handed in after it."""
    key = upload.key
    upload.state, upload.refusal, upload.touched_at = Upload.State.DONE, "", timezone.now()
    upload.save(update_fields=["state", "refusal", "touched_at"])
    transaction.on_commit(lambda: discard_pieces(key))


def _forget(upload: Upload) -> None:
    key = upload.key
    upload.delete()
    transaction.on_commit(lambda: discard_pieces(key))


def _record(upload: Upload, verb: str, by: User | None) -> None:
    journal.record(upload.dossier.enrolment_bloc.enrolment.stream, verb, upload_payload(upload), by=by)


def drop_idle_uploads(*, now: dt.datetime | None = None) -> int:
    """Forget the uploads that nobody went on with for IDLE, and return how many."""
    now = now or timezone.now()
    idle = Upload.objects.filter(state=Upload.State.RECEIVING, touched_at__lt=now - IDLE).values_list("pk", flat=True)
    dropped = [pk for pk in idle if _drop_idle(pk, now)]
    # What arrived is known for as long to a device that did not hear of it.
    Upload.objects.filter(state=Upload.State.DONE, touched_at__lt=now - IDLE).delete()
    return len(dropped)


def _drop_idle(pk: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        locked = lock_upload(pk)
        if locked is None or locked.state != Upload.State.RECEIVING or locked.touched_at >= now - IDLE:
            return False
        _record(locked, "dossier.upload_abandoned", None)
        _forget(locked)
        return True
