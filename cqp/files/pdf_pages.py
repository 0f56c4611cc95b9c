"""A PDF as it arrives: whole, without a password, of so many pages. Read with qpdf alone (pikepdf), in a box."""

import os
from typing import BinaryIO

import pikepdf

from cqp.core.refusals import RefusedError
from cqp.files.remedies import IF_IT_OPENS

MAX_PAGES = 500
TOO_MANY_PAGES = f"Ce PDF a {{pages}} pages ; la limite est de {MAX_PAGES}. Gardez les pages utiles, ou coupez-le."
BROKEN = (
    "Ce PDF est abîmé ou incomplet : toutes ses pages ne peuvent pas être lues. "
    f"{IF_IT_OPENS} Sinon, reprenez le document d'origine."
)
NO_PAGE = "Ce PDF ne contient aucune page. Enregistrez de nouveau le document d'origine au format PDF."
PASSWORD = (
    "Ce PDF demande un mot de passe : les évaluateurs ne pourraient pas l'ouvrir. Ouvrez-le avec son mot de passe, "
    "choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez le nouveau fichier, sans mot de passe."
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


def count_pages(content: BinaryIO) -> int:
    """Return the number of pages of a PDF, or raise RefusedError.

    A file whose cross-reference table is wrong is accepted if nothing of it is lost: it has its end mark, and as many
    pages as it announces. Many phone applications write such files; a download that stopped has no end.
    """
    try:
        try:
            content.seek(0)
            return _checked_pages(content, attempt_recovery=False)
        except pikepdf.PasswordError:
            raise
        except pikepdf.PdfError:
            if not _has_its_end(content):
                raise
            content.seek(0)
            return _checked_pages(content, attempt_recovery=True)
    except pikepdf.PasswordError as error:
        raise RefusedError(PASSWORD) from error
    except UNREADABLE as error:
        raise RefusedError(BROKEN) from error


def _has_its_end(content: BinaryIO) -> bool:
    content.seek(max(0, content.seek(0, os.SEEK_END) - 1024))
    return content.read().rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF")


def _checked_pages(content: BinaryIO, *, attempt_recovery: bool) -> int:
    with pikepdf.open(content, attempt_recovery=attempt_recovery) as pdf:
        announced = int(pdf.Root.Pages.Count)
        if announced > MAX_PAGES:
            raise RefusedError(TOO_MANY_PAGES.format(pages=announced))
        pages = len(pdf.pages)
        if pages == 0 == announced:
            raise RefusedError(NO_PAGE)
        if pages != announced:
            raise RefusedError(BROKEN)
        return pages
