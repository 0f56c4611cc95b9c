"""Files that people send: what they really are, and how an original is kept.

A PDF is read here with qpdf alone (pikepdf), which several threads may use at once. PDFium, which may not, makes the
page images in the task worker (`cqp.page_images`).
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
import puremagic
from django.core.files.uploadedfile import UploadedFile

from cqp.models import StoredFile, User

MAX_BYTES = 30 * 10**6
MAX_PAGES = 500
MAX_NAME = 200

PRINT_AS_PDF = "ouvrez-le, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez le nouveau fichier."
FROM_OFFICE = (
    "Ouvrez-le dans votre traitement de texte, choisissez « Fichier », « Enregistrer sous » (ou « Exporter ») et le "
    "format PDF, puis déposez le PDF."
)
FROM_PHOTO = (
    "Sur un téléphone, ouvrez la photo, choisissez « Partager » puis « Imprimer », et enregistrez au format PDF ; pour "
    "réunir plusieurs photos, utilisez « Numériser » dans l'application Notes (iPhone) ou Drive (Android)."
)
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
    """What a file is, from its content: media type, size in bytes, SHA-256 in hexadecimal, number of pages."""

    type: str
    size: int
    sha256: str
    pages: int


def inspect(upload: UploadedFile) -> FileFacts:
    """Return what a received file is, or raise BadFile. Neither its name nor its declared type is believed.

    Refused: empty, more than MAX_BYTES, not a PDF, truncated or broken, password needed, no page, more than MAX_PAGES.
    The content is read by chunks, and left at its beginning.
    """
    size = upload.size or 0
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
    head = next(upload.chunks())[:8192]
    if not head.startswith(b"%PDF-"):
        raise BadFile(_not_a_pdf(head))
    pages = _count_pages(upload)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return FileFacts("application/pdf", size, digest.hexdigest(), pages)


def _not_a_pdf(head: bytes) -> str:
    """Return what to tell of a file that begins with `head` and is not a PDF."""
    if b"%PDF-" in head:
        return (
            "Ce fichier n'est pas un PDF ordinaire : d'autres données le précèdent. S'il s'ouvre chez vous, "
            f"{PRINT_AS_PDF}"
        )
    try:
        guesses = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        guesses = []
    types = [guess.mime_type for guess in guesses]
    if any(t.startswith(("application/msword", "application/vnd.oasis", "application/vnd.openxml")) for t in types):
        return f"Ce fichier n'est pas un PDF : il ressemble à un document de bureautique (Word, ODT…). {FROM_OFFICE}"
    if any(t.startswith("image/") and "svg" not in t for t in types[:1]) or head[4:8] == b"ftyp":
        return f"Ce fichier n'est pas un PDF : il ressemble à une photo ou à une image. {FROM_PHOTO}"
    if any(t.endswith("html") for t in types) or b"<html" in head.lower():
        return f"Ce fichier n'est pas un PDF : il ressemble à une page web. Pour la déposer, {PRINT_AS_PDF}"
    return (
        "Ce fichier n'est pas un PDF, quel que soit son nom. Ouvrez le document d'origine et enregistrez-le au format "
        "PDF, puis déposez le PDF."
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
            raise BadFile(
                f"Ce PDF a {announced} pages ; la limite est de {MAX_PAGES}. Gardez les pages utiles, ou coupez-le en "
                "plusieurs fichiers."
            )
        pages = len(pdf.pages)
        if pages == 0 == announced:
            raise BadFile("Ce PDF ne contient aucune page. Enregistrez de nouveau le document d'origine au format PDF.")
        if pages != announced:
            raise BadFile(BROKEN)
        return pages


def clean_name(raw: str) -> str:
    """Return a file name that is safe to show and to write: no path, no invisible character, at most MAX_NAME long.

    Accents, apostrophes and emoji stay. The name ends in `.pdf`, since that is what the file is.
    """
    name = unicodedata.normalize("NFC", raw.replace("\\", "/")).rsplit("/", 1)[-1]
    # Control characters, direction overrides, half surrogates, private and unassigned code points, line separators.
    visible = "".join(c if unicodedata.category(c)[0] != "C" else "" for c in " ".join(name.split()))
    stem = visible.rstrip(" .")
    if stem.lower().endswith(".pdf"):
        stem = stem[:-4]
    return f"{stem.strip(' .')[: MAX_NAME - 4].rstrip() or 'document'}.pdf"


def store(upload: UploadedFile, facts: FileFacts, *, by: User) -> StoredFile:
    """Keep an inspected file under a random name and return its row. Must run in a transaction.

    The caller deletes the file if its transaction fails: see `discard`.
    """
    stored = StoredFile(
        name=clean_name(upload.name or ""),
        type=facts.type,
        size=facts.size,
        sha256=facts.sha256,
        pages=facts.pages,
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
    """Delete what a stored file has in the store: the original and its page images. The row is the caller's."""
    storage = stored.file.storage
    storage.delete(stored.file.name)
    for number in range(1, (stored.pages or 0) + 1):
        storage.delete(stored.page_path(number))
