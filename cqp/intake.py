"""What the worker does with a file that was received: scan it, make the PDF that is read, count and draw its pages."""

import io
import logging
import tempfile
from typing import BinaryIO

import pikepdf
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.tasks import task

from cqp import containers, files, images, neutralise, office, scanner
from cqp.models import StoredFile
from cqp.page_images import render_pages
from cqp.retries import to_ask_again

INFECTED = (
    "L'antivirus a trouvé un programme dangereux dans ce fichier : il n'est pas accepté. Reprenez le document d'origine sur "
    "un appareil sûr, ou écrivez à la branche."
)
NOT_READ = f"Ce fichier n'a pas pu être lu. S'il s'ouvre chez vous, {files.PRINT_AS_PDF}"

log = logging.getLogger(__name__)


@task
def take_in(pk: int) -> None:
    """Check a file and make what is read of it; it ends ready, or refused with the reason.

    Idempotent: a file that is ready or refused is left alone; interrupted, it starts over. Where the scanner is awaited
    (SCANNER_ABSENT is "block") the file stays in its state, and `tick` asks again (`ask_again`).
    """
    stored = StoredFile.objects.filter(pk=pk, state=StoredFile.State.CHECKING).first()
    if stored is None:
        return
    with stored.file.open("rb") as original:
        content = original.file
        try:
            scan = scanned(content)
        except scanner.ScannerAbsent:
            log.warning("File %s waits for the virus scanner.", stored.key)
            stored.scan = StoredFile.AWAITED
            _save(stored, "scan")
            return
        stored.scan = scan.version
        if scan.virus:
            return _refuse(stored, INFECTED, quarantine=f"virus : {scan.virus}"[:200])
        try:
            _make_reading(stored, content)
        except (containers.BadContainer, images.BadImage, office.NotConverted, files.BadFile) as bad:
            return _refuse(stored, bad.message)
        except (*files.UNREADABLE, neutralise.TooComplex, MemoryError):
            log.warning("File %s cannot be read.", stored.key, exc_info=True)
            return _refuse(stored, NOT_READ)
    stored.state = StoredFile.State.READY
    with transaction.atomic():
        if _save(stored, "state", "scan", "quarantine", "converted", "pages"):
            render_pages.enqueue(pk)
        else:
            files.discard(stored)


def ask_again() -> int:
    """Enqueue the check of the files that wait for one while no task of theirs is left, and return how many.

    Must run in a transaction.
    """
    waiting = StoredFile.objects.filter(state=StoredFile.State.CHECKING).values_list("pk", flat=True)
    asked = to_ask_again(take_in, waiting)
    for pk in asked:
        take_in.enqueue(pk)
    return len(asked)


def scanned(content: BinaryIO) -> scanner.Scan:
    """Return what the scanner says, a blank version where it is absent and files are taken all the same.

    Raises ScannerAbsent where files wait for it.
    """
    try:
        return scanner.scan(content)
    except scanner.ScannerAbsent:
        if settings.SCANNER_ABSENT == "block":
            raise
        return scanner.Scan(version="", virus="")


def _refuse(stored: StoredFile, message: str, *, quarantine: str = "") -> None:
    stored.state, stored.refusal = StoredFile.State.REFUSED, message
    stored.quarantine = quarantine or stored.quarantine
    _save(stored, "state", "refusal", "quarantine", "scan")


def _save(stored: StoredFile, *fields: str) -> bool:
    """Write these fields; False when the person took the file out meanwhile."""
    values = {field: getattr(stored, field) for field in fields}
    return bool(StoredFile.objects.filter(pk=stored.pk).update(**values))


def _make_reading(stored: StoredFile, content: BinaryIO) -> None:
    """Make the PDF that is read when it is not the original, and count its pages."""
    content.seek(0)
    if stored.type in containers.OFFICE:
        _keep_reading(stored, io.BytesIO(office.office_to_pdf(content, stored.type)))
    elif stored.type in images.TYPES:
        _keep_reading(stored, io.BytesIO(images.image_to_pdf(content)))
    else:
        with tempfile.TemporaryFile() as clean:
            if taken_out := neutralise.neutralise(content, clean):
                stored.quarantine = f"PDF : {', '.join(taken_out)}"[:200]
                _keep_reading(stored, clean)
    with stored.open_reading() as reading, pikepdf.open(reading) as pdf:
        stored.pages = len(pdf.pages)
    if stored.pages > files.MAX_PAGES:
        raise files.BadFile(files.TOO_MANY_PAGES.format(pages=stored.pages))


def _keep_reading(stored: StoredFile, content: BinaryIO) -> None:
    content.seek(0)
    default_storage.delete(stored.reading_path)
    default_storage.save(stored.reading_path, File(content))
    stored.converted = True
