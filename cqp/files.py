"""Files that people send: what they really are, and how an original is kept.

What is looked at here is quick enough for a request; the worker does the rest (`cqp.intake`). A PDF is read here with qpdf
alone (pikepdf), which several threads may use at once. PDFium, which may not, makes the page images in the worker.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
import puremagic
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from cqp import containers, images, office
from cqp.containers import DOCX, ODT
from cqp.images import JPEG, PNG
from cqp.models import StoredFile, User

MAX_BYTES = 50 * 10**6
MAX_PAGES = 500
MAX_NAME = 200
PDF = "application/pdf"
PDF_ONLY = (PDF,)
# What a name ends with, first of each the one that is written.
EXTENSIONS = {
    PDF: (".pdf",),
    DOCX: (".docx",),
    ODT: (".odt",),
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
}

PRINT_AS_PDF = "ouvrez-le, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez le nouveau fichier."
AS_PDF = "Ouvrez-le, choisissez « Enregistrer sous » (ou « Exporter ») et le format PDF, puis envoyez le PDF."
TOO_MANY_PAGES = f"Ce PDF a {{pages}} pages ; la limite est de {MAX_PAGES}. Gardez les pages utiles, ou coupez-le."
BROKEN = (
    "Ce PDF est abîmé ou incomplet : toutes ses pages ne peuvent pas être lues. S'il s'ouvre chez vous, "
    f"{PRINT_AS_PDF} Sinon, reprenez le document d'origine."
)
# What pikepdf raises on a document that is not built as a PDF should be.
UNREADABLE = (
    pikepdf.PdfError,
    pikepdf.DataDecodingError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class BadFile(Exception):
    """A file that cannot be accepted. The message says why in French, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class FileFacts:
    """What a file is, from its content: media type, size in bytes, SHA-256 in hexadecimal, pages of a PDF (None: not yet)."""

    type: str
    size: int
    sha256: str
    pages: int | None


def accepted_types() -> tuple[str, ...]:
    """Return the media types that can be received here."""
    return (PDF, DOCX, ODT, JPEG, PNG) if office.available() else (PDF, JPEG, PNG)


def inspect(upload: UploadedFile, types: Sequence[str] | None = None) -> FileFacts:
    """Return what a received file is, or raise BadFile. Neither its name nor its declared type is believed.

    types: those that are accepted, by default all of `accepted_types`. Refused: empty, more than MAX_BYTES, of another type;
    a PDF that is truncated, broken, locked or has no page or more than MAX_PAGES; an image with too many pixels; an office
    document that unpacks to too much, or would run or load something. The content is left at its beginning.
    """
    size = upload.size or 0
    check_weight(size)
    wanted = accepted_types() if types is None else types
    head = next(upload.chunks())[:8192]
    kind, pages = _type_of(upload, head), None
    if kind not in wanted:
        raise BadFile(_not_accepted(kind, head, wanted))
    if kind == PDF:
        pages = _count_pages(upload)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return FileFacts(kind, size, digest.hexdigest(), pages)


def check_weight(size: int) -> None:
    """Raise BadFile for a file of no byte or of more than MAX_BYTES."""
    if size == 0:
        raise BadFile(
            "Ce fichier est vide. S'il est sur un espace en ligne (iCloud, Drive, OneDrive), téléchargez-le d'abord "
            "sur votre appareil, puis choisissez-le de nouveau."
        )
    if size > MAX_BYTES:
        weight = f"{size / 10**6:.1f}".replace(".", ",")
        raise BadFile(
            f"Ce fichier pèse {weight} Mo ; la limite est de {MAX_BYTES // 10**6} Mo. Réduisez la taille de ses "
            "images, ou coupez-le en plusieurs fichiers."
        )


def _type_of(upload: UploadedFile, head: bytes) -> str:
    """Return the media type, "" for none that is known here. Raises BadFile for one that is known and cannot be accepted."""
    content: Any = upload.file
    try:
        if head.startswith(b"%PDF-"):
            return PDF
        if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
            content.seek(0)
            images.check_size(content)
            return JPEG if head.startswith(b"\xff") else PNG
        if head.startswith(b"PK\x03\x04"):
            content.seek(0)
            return containers.office_type(content)
    except (images.BadImage, containers.BadContainer) as bad:
        raise BadFile(bad.message) from bad
    return ""


def formats_text(types: Sequence[str]) -> str:
    """`PDF, DOCX, ODT, JPEG ou PNG`."""
    *first, last = ("JPEG" if one == JPEG else EXTENSIONS[one][0][1:].upper() for one in types)
    return f"{', '.join(first)} ou {last}" if first else last


def _not_accepted(kind: str, head: bytes, wanted: Sequence[str]) -> str:
    """Return what to tell of a file that begins with `head`, and is of a known `kind` or of none."""
    formats = formats_text(wanted)
    if b"%PDF-" in head:
        return (
            "Ce fichier n'est pas un PDF ordinaire : d'autres données le précèdent. S'il s'ouvre chez vous, "
            f"{PRINT_AS_PDF}"
        )
    try:
        types = [guess.mime_type for guess in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        types = []
    if kind in containers.OFFICE or any(t.startswith(("application/msword", "application/vnd.o")) for t in types):
        return f"Ce document de bureautique n'est pas d'un format accepté ici ({formats}). {AS_PDF}"
    if (
        kind in images.TYPES
        or any(t.startswith("image/") and "svg" not in t for t in types[:1])
        or head[4:8] == b"ftyp"
    ):
        return (
            f"Cette image n'est pas d'un format accepté ici ({formats}). Sur un téléphone, ouvrez la photo, choisissez "
            "« Partager » puis « Imprimer », et enregistrez au format PDF ; ou photographiez de nouveau la page."
        )
    if any(t.endswith("html") for t in types) or b"<html" in head.lower() or b"<svg" in head.lower():
        return f"Ce fichier ressemble à une page web, quel que soit son nom. Pour l'envoyer, {PRINT_AS_PDF}"
    return (
        f"Ce fichier n'est pas d'un format accepté ({formats}), quel que soit son nom. Ouvrez le document d'origine et "
        "enregistrez-le au format PDF, puis envoyez le PDF."
    )


def _count_pages(upload: UploadedFile) -> int:
    """Return the number of pages of a PDF, or raise BadFile.

    A file whose cross-reference table is wrong is accepted if nothing of it is lost: it has its end mark, and as many
    pages as it announces. Many phone applications write such files; a download that stopped has no end.
    """
    content: Any = upload.file
    try:
        try:
            content.seek(0)
            return _checked_pages(content, attempt_recovery=False)
        except pikepdf.PasswordError:
            raise
        except pikepdf.PdfError:
            if not _has_its_end(content, upload.size or 0):
                raise
            content.seek(0)
            return _checked_pages(content, attempt_recovery=True)
    except pikepdf.PasswordError as error:
        raise BadFile(
            "Ce PDF demande un mot de passe : les évaluateurs ne pourraient pas l'ouvrir. Ouvrez-le avec son mot de "
            "passe, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez le nouveau fichier, sans "
            "mot de passe."
        ) from error
    except UNREADABLE as error:
        raise BadFile(BROKEN) from error


def _has_its_end(content: BinaryIO, size: int) -> bool:
    content.seek(max(0, size - 1024))
    return content.read().rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF")


def _checked_pages(content: BinaryIO, *, attempt_recovery: bool) -> int:
    with pikepdf.open(content, attempt_recovery=attempt_recovery) as pdf:
        announced = int(pdf.Root.Pages.Count)
        if announced > MAX_PAGES:
            raise BadFile(TOO_MANY_PAGES.format(pages=announced))
        pages = len(pdf.pages)
        if pages == 0 == announced:
            raise BadFile("Ce PDF ne contient aucune page. Enregistrez de nouveau le document d'origine au format PDF.")
        if pages != announced:
            raise BadFile(BROKEN)
        return pages


def visible_name(raw: str) -> str:
    """Return what can be seen of a file name, without a path, at most MAX_NAME long; `document` when nothing can."""
    name = unicodedata.normalize("NFC", raw.replace("\\", "/")).rsplit("/", 1)[-1]
    # Control characters, direction overrides, half surrogates, private and unassigned code points, line separators.
    seen = "".join(c if unicodedata.category(c)[0] != "C" else "" for c in " ".join(name.split()))
    return seen[:MAX_NAME].strip() or "document"


def clean_name(raw: str, kind: str = PDF) -> str:
    """Return a file name that is safe to show and to write: no path, no invisible character, at most MAX_NAME long.

    Accents, apostrophes and emoji stay. The name ends as its media type says, since that is what the file is.
    """
    stem = visible_name(raw).rstrip(" .")
    endings = EXTENSIONS[kind]
    for ending in endings:
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    return f"{stem.strip(' .')[: MAX_NAME - len(endings[0])].rstrip() or 'document'}{endings[0]}"


def store(upload: UploadedFile, facts: FileFacts, *, by: User) -> StoredFile:
    """Keep an inspected file under a random name and return its row, still to be checked by the worker: the caller
    enqueues `cqp.intake.take_in`. Must run in a transaction.

    The caller deletes the file if its transaction fails: see `discard`.
    """
    stored = StoredFile(
        name=clean_name(upload.name or "", facts.type),
        type=facts.type,
        size=facts.size,
        sha256=facts.sha256,
        pages=facts.pages,
        state=StoredFile.State.CHECKING,
        uploaded_by=by,
    )
    stored.file.save(stored.name, upload, save=False)
    try:
        stored.full_clean()
        stored.save()
    except BaseException:
        discard(stored)
        raise
    return stored


def discard(stored: StoredFile) -> None:
    """Delete the original, what was made of it and its page images from the store. The row is the caller's."""
    storage = stored.file.storage
    storage.delete(stored.file.name)
    default_storage.delete(stored.reading_path)
    for number in range(1, max(stored.pages or 0, stored.rendered_pages) + 1):
        storage.delete(stored.page_path(number))
