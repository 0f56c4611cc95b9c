"""Files that people send: what they really are. They are opened in a box; the worker does the rest (`cqp.files.tasks`)."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from cqp.core.file_kinds import OLE, is_photo
from cqp.core.refusals import RefusedError
from cqp.files.causes import cause_of_head
from cqp.files.office_archives import DOCX, ODT, OFFICE
from cqp.files.remedies import NOT_READ, PRINT_AS_PDF, SAVE_AS_PDF
from cqp.sandbox import box

MAX_BYTES = 50 * 10**6
MAX_NAME = 200
PDF = "application/pdf"
JPEG, PNG, WEBP, HEIC, AVIF = PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/avif")
PDF_ONLY = (PDF,)
# What a name ends with, first of each the one that is written.
EXTENSIONS = {
    PDF: (".pdf",),
    DOCX: (".docx",),
    ODT: (".odt",),
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
    WEBP: (".webp",),
    HEIC: (".heic", ".heif", ".hif"),
    AVIF: (".avif",),
}

# What a file that is looked into begins with, if it is no photo: a PDF, an archive, an old office document.
BEGINNINGS = (b"%PDF-", b"PK\x03\x04", OLE)

log = logging.getLogger(__name__)


class FileRefused(RefusedError):
    """A file that cannot be accepted. The message says why in French, and what to do."""


@dataclass(frozen=True)
class FileFacts:
    """What a file is, from its content: media type, size in bytes, SHA-256 in hexadecimal, pages of a PDF (None: not yet)."""

    type: str
    size: int
    sha256: str
    pages: int | None


def accepted_types() -> tuple[str, ...]:
    """Return the media types that can be received here."""
    return (PDF, DOCX, ODT, *PHOTOS) if settings.SOFFICE else (PDF, *PHOTOS)


def inspect_upload(upload: UploadedFile, types: Sequence[str] | None = None) -> FileFacts:
    """Return what a received file is, or raise FileRefused. Neither its name nor its declared type is believed.

    types: those that are accepted, by default all of `accepted_types`. Refused: empty, more than MAX_BYTES, of another type;
    a PDF that is truncated, broken, locked or has no page or more than MAX_PAGES; an image with too many pixels; an office
    document that unpacks to too much, or would run or load something; what exceeds the limits of its box. The content is
    left at its beginning. Raises BoxUnavailableError: to be tried again.
    """
    size = upload.size or 0
    check_weight(size)
    accepted = accepted_types() if types is None else types
    head = next(upload.chunks())[:8192]
    seen: dict[str, Any] = {"type": "", "pages": None}
    if head.startswith(BEGINNINGS) or is_photo(head):
        seen = _identify(upload, accepted)
    if seen["type"] not in accepted:
        raise FileRefused(_not_accepted(seen["type"], head, accepted, upload.name or ""))
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return FileFacts(seen["type"], size, digest.hexdigest(), seen["pages"])


def check_weight(size: int) -> None:
    """Raise FileRefused for a file of no byte or of more than MAX_BYTES."""
    if size == 0:
        raise FileRefused(
            "Ce fichier est vide. S'il est sur un espace en ligne (iCloud, Drive, OneDrive), téléchargez-le d'abord "
            "sur votre appareil, puis choisissez-le de nouveau."
        )
    if size > MAX_BYTES:
        weight = f"{size / 10**6:.1f}".replace(".", ",")
        raise FileRefused(
            f"Ce fichier pèse {weight} Mo ; la limite est de {MAX_BYTES // 10**6} Mo. Réduisez la taille de ses "
            "images, ou coupez-le en plusieurs fichiers."
        )


def _identify(upload: UploadedFile, accepted: Sequence[str]) -> dict[str, Any]:
    """Return the `type` of a file, "" for none that is known here, and the `pages` of a PDF. Raises FileRefused."""
    try:
        seen: dict[str, Any] = box.run("cqp.files.jobs.identify", [upload], accepted=list(accepted))
    except box.BoxRefused as refused:
        raise FileRefused(refused.message) from refused
    except box.JobFailedError as error:
        log.error("A file could not be looked into: %s", error)
        raise FileRefused(NOT_READ) from error
    return seen


def formats_text(types: Sequence[str]) -> str:
    """`PDF, DOCX, ODT, JPEG, PNG, WEBP, HEIC ou AVIF`."""
    *first, last = ("JPEG" if type_ == JPEG else EXTENSIONS[type_][0][1:].upper() for type_ in types)
    return f"{', '.join(first)} ou {last}" if first else last


def _not_accepted(kind: str, head: bytes, accepted: Sequence[str], name: str) -> str:
    """Return what to tell of a file that begins with `head`, and is of a known `kind` or of none."""
    formats = formats_text(accepted)
    if b"%PDF-" in head:
        return (
            "Ce fichier n'est pas un PDF ordinaire : d'autres données le précèdent. S'il s'ouvre chez vous, "
            f"{PRINT_AS_PDF}"
        )
    if cause := cause_of_head(head, name):
        return cause
    try:
        types = [guess.mime_type for guess in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        types = []
    if kind in OFFICE or any(t.startswith(("application/msword", "application/vnd.o")) for t in types):
        return f"Ce document de bureautique n'est pas d'un format accepté ici ({formats}). {SAVE_AS_PDF}"
    if kind in PHOTOS or any(t.startswith("image/") and "svg" not in t for t in types[:1]) or head[4:8] == b"ftyp":
        return (
            f"Cette image n'est pas d'un format accepté ici ({formats}). Sur un téléphone, ouvrez la photo, choisissez "
            "« Partager » puis « Imprimer », et enregistrez au format PDF ; ou photographiez de nouveau la page."
        )
    return (
        f"Ce fichier n'est pas d'un format accepté ({formats}), quel que soit son nom. Ouvrez le document d'origine et "
        "enregistrez-le au format PDF, puis envoyez le PDF."
    )
