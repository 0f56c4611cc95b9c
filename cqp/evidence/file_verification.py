"""The files themselves, read again: originals compared with their rows, which the chains bind, and what is made from them.

Files are streamed, so that memory does not grow with them. What is verified is noted as it goes: an interrupted run goes on
where it was.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from cqp.evidence.hooks import Report
from cqp.models import StoredFile

PIECE = 1024 * 1024  # bytes
STEP = 100  # files between two notes of how far it went
WEBP, PDF = b"RIFF", b"%PDF-"


def file_of_progress() -> Path:
    """Return where an interrupted run notes the last file that it read."""
    return Path(settings.VAR_DIR) / "verified-files"


def verify_files(tell: Callable[[str], None] = lambda text: None) -> Report:
    """Read every file again, from where an interrupted run stopped. `tell` hears where it begins."""
    report = Report("Fichiers")
    files = StoredFile.objects.order_by("pk")
    if files.exists() and not default_storage.exists("originals"):
        folder = default_storage.path("originals")
        report.faults.append(f"le dossier {folder} est absent : {files.count()} fichier(s) y sont attendus")
        return report
    progress = file_of_progress()
    if last := _last_verified(progress):
        tell(f"Reprise après le fichier n° {last}.")
        files = files.filter(pk__gt=last)
    for file in files.iterator(chunk_size=STEP):
        report.examined += 1
        report.faults += [f"fichier n° {file.pk} ({file.key}) : {fault}" for fault in _list_faults(file)]
        # A fault is read again by the run that follows an interruption.
        if report.examined % STEP == 0 and not report.faults:
            progress.write_text(f"{file.pk}\n")
    progress.unlink(missing_ok=True)
    return report


def _last_verified(progress: Path) -> int:
    try:
        return int(progress.read_text())
    except (OSError, ValueError):
        return 0


def _list_faults(file: StoredFile) -> Iterator[str]:
    try:
        size, digest = _read(str(file.file.name))
    except OSError:
        yield "l'original est absent ou illisible"
    else:
        if (size, digest) != (file.size, file.sha256):
            yield f"l'original n'est plus celui qui a été reçu ({size} octets au lieu de {file.size})"
    if file.converted and not _begins(file.reading_path, PDF):
        yield "le PDF tiré de l'original est absent ou abîmé"
    if wrong := [str(number) for number in file.page_numbers if not _begins(file.page_path(number), WEBP)]:
        yield f"des images de pages sont absentes ou abîmées : {', '.join(wrong[:20])}"


def _read(name: str) -> tuple[int, str]:
    """Return the size and the SHA-256 of a file of the store. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with default_storage.open(name) as content:
        while piece := content.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _begins(name: str, mark: bytes) -> bool:
    """Tell whether a derived file is there, whole to its end, and of its kind."""
    try:
        with default_storage.open(name) as content:
            begins = content.read(PIECE).startswith(mark)
            while content.read(PIECE):
                pass
    except OSError:
        return False
    return begins
