"""A PDF as it arrives: whole, without a password, of so many pages. Read with qpdf alone (pikepdf), in a box."""

import os
from typing import BinaryIO

import pikepdf

from cqp.core.refusals import RefusedError
from cqp.files.causes import XFA
from cqp.files.remedies import IF_IT_OPENS

MAX_PAGES = 500
LETTER = (0.0, 0.0, 612.0, 792.0)
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
        if _is_read_in_acrobat_alone(pdf.Root):
            raise RefusedError(XFA)
        if pages == 0 == announced:
            raise RefusedError(NO_PAGE)
        if pages != announced:
            raise RefusedError(BROKEN)
        return pages


def _is_read_in_acrobat_alone(root: pikepdf.Object) -> bool:
    """Tell whether the pages only ask to wait for what an XFA form would draw (ISO 32000-1, 12.7.8: NeedsRendering)."""
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary) or "/XFA" not in form:
        return False
    return bool(root.get("/NeedsRendering", False)) or not len(form.get("/Fields", pikepdf.Array()))


def shown_box(page: pikepdf.Page) -> pikepdf.Array:
    """Return what readers show of a page: its crop box, as far as it lies in its media box, from its lower left corner."""
    try:
        media = _sides(page.mediabox)
    except (AttributeError, LookupError):
        # What readers take where a page says nothing.
        page.mediabox = pikepdf.Array(LETTER)
        media = LETTER
    crop = _sides(page.cropbox)
    both = *map(max, media[:2], crop[:2]), *map(min, media[2:], crop[2:])
    is_empty = both[0] >= both[2] or both[1] >= both[3]
    return pikepdf.Array(media if is_empty else both)


def _sides(box: pikepdf.Array) -> tuple[float, ...]:
    first, second, third, fourth = (float(side) for side in box)
    return min(first, third), min(second, fourth), max(first, third), max(second, fourth)
