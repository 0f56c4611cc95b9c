"""What the worker does with a file that was received: scan it, make the PDF that is read, count and draw its pages."""

import logging
import tempfile
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.tasks import task

from cqp.core import queues
from cqp.core.task_retries import list_given_up, to_requeue
from cqp.files import antivirus, inspection, office_archives, storage
from cqp.files.page_images import render_pages
from cqp.models import StoredFile
from cqp.sandbox import box

INFECTED = (
    "L'antivirus a trouvé un programme dangereux dans ce fichier : il n'est pas accepté. Reprenez le document d'origine sur "
    "un appareil sûr, ou écrivez à la branche."
)
NOT_CHECKED = (
    "Le site n'a pas réussi à vérifier ce fichier, plusieurs fois de suite. Envoyez-le de nouveau, en PDF de préférence ; si "
    "cela se répète, écrivez à la branche."
)

log = logging.getLogger(__name__)


@task(queue_name=queues.FILES)
def take_in(pk: int) -> None:
    """Check a file and make what is read of it; it ends ready, or refused with the reason.

    Idempotent: a file that is ready or refused is left alone; interrupted, it starts over. Where the scanner is awaited
    (SCANNER_ABSENT is "block") the file stays in its state, and `tick` asks again (`requeue_checks`).
    """
    stored = StoredFile.objects.filter(pk=pk, state=StoredFile.State.CHECKING).first()
    if stored is None:
        return
    with stored.file.open("rb") as original:
        content = original.file
        try:
            scan = scanned(content)
        except antivirus.ScannerAbsentError:
            log.warning("File %s waits for the virus scanner.", stored.key)
            stored.scan = StoredFile.AWAITED
            _save(stored, "scan")
            return
        stored.scan = scan.version
        if scan.virus:
            return _refuse(stored, INFECTED, quarantine=f"virus : {scan.virus}"[:200])
        try:
            _make_reading(stored, content)
        except box.BoxRefused as refused:
            return _refuse(stored, refused.message)
    stored.state = StoredFile.State.READY
    with transaction.atomic():
        if _save(stored, "state", "scan", "quarantine", "converted", "pages"):
            render_pages.enqueue(pk)
        else:
            storage.delete_file(stored)


def requeue_checks() -> int:
    """Enqueue the check of the files that wait for one while no task of theirs is left, and return how many.

    One on which the worker failed too often is refused: nobody is to wait for ever. Must run in a transaction.
    """
    waiting = StoredFile.objects.filter(state=StoredFile.State.CHECKING)
    pks = list(waiting.values_list("pk", flat=True))
    unattended = to_requeue(take_in, pks)
    for pk in unattended:
        take_in.enqueue(pk)
    for stored in waiting.filter(pk__in=list_given_up(take_in, pks)):
        log.error("File %s could not be checked: see the errors of its tasks.", stored.key)
        _refuse(stored, NOT_CHECKED)
    return len(unattended)


def scanned(content: BinaryIO) -> antivirus.Scan:
    """Return what the scanner says, a blank version where it is absent and files are taken all the same.

    Raises ScannerAbsentError where files wait for it.
    """
    try:
        return antivirus.scan(content)
    except antivirus.ScannerAbsentError:
        if settings.SCANNER_ABSENT == "block":
            raise
        return antivirus.Scan(version="", virus="")


def _refuse(stored: StoredFile, message: str, *, quarantine: str = "") -> None:
    stored.state, stored.refusal = StoredFile.State.REFUSED, message
    stored.quarantine = quarantine or stored.quarantine
    _save(stored, "state", "refusal", "quarantine", "scan")


def _save(stored: StoredFile, *fields: str) -> bool:
    """Write these fields; False when the person took the file out meanwhile."""
    values = {field: getattr(stored, field) for field in fields}
    return bool(StoredFile.objects.filter(pk=stored.pk).update(**values))


def _make_reading(stored: StoredFile, content: BinaryIO) -> None:
    """Make the PDF that is read when it is not the original, and count its pages. Raises BoxRefused."""
    with tempfile.TemporaryFile() as made:
        if stored.type in office_archives.OFFICE:
            order = {"program": settings.SOFFICE, "kind": stored.type}
            box.run("cqp.files.office_program.convert", [content], made, **order)
            stored.pages = box.run("cqp.files.jobs.count_made_pages", [made])
            _keep_reading(stored, made)
        elif stored.type in inspection.PHOTOS:
            stored.pages = box.run("cqp.files.jobs.photo_to_pdf", [content], made)
            _keep_reading(stored, made)
        else:
            seen = box.run("cqp.files.jobs.sanitise", [content], made)
            stored.pages = seen["pages"]
            if seen["removed"]:
                stored.quarantine = f"PDF : {', '.join(seen['removed'])}"[:200]
            if seen["is_written"]:
                _keep_reading(stored, made)


def _keep_reading(stored: StoredFile, content: IO[bytes]) -> None:
    content.seek(0)
    default_storage.delete(stored.reading_path)
    default_storage.save(stored.reading_path, File(content))
    stored.converted = True
