"""Why a file is not accepted, as it is, and what to do: one French sentence for each kind that people send."""

from cqp.core.file_kinds import is_web_page
from cqp.files.remedies import PRINT_AS_PDF, SAVE_AS_PDF

OLD_WORD = f"Ce document est dans l'ancien format de Word (.doc), qui n'est pas lu ici. {SAVE_AS_PDF}"
OLD_EXCEL = f"Ce classeur est dans l'ancien format d'Excel (.xls), qui n'est pas lu ici. {SAVE_AS_PDF}"
OLD_POWERPOINT = f"Ce diaporama est dans l'ancien format de PowerPoint (.ppt), qui n'est pas lu ici. {SAVE_AS_PDF}"
OLD_OFFICE = f"Ce fichier est dans un ancien format de bureautique, qui n'est pas lu ici. {SAVE_AS_PDF}"
LOCKED_REMEDY = (
    "les évaluateurs ne pourraient pas l'ouvrir. Ouvrez-le avec son mot de passe, choisissez « Enregistrer sous » (ou "
    "« Exporter ») et le format PDF, puis envoyez le PDF."
)
LOCKED_OFFICE = f"Ce document Office est chiffré par un mot de passe : {LOCKED_REMEDY}"
LOCKED_SHEET = f"Ce classeur est protégé par un mot de passe : {LOCKED_REMEDY}"
LOCKED_SLIDES = f"Ce diaporama est protégé par un mot de passe : {LOCKED_REMEDY}"
SHEET = f"Ce fichier est un classeur de tableur, et les évaluateurs lisent des pages. {SAVE_AS_PDF}"
SLIDES = f"Ce fichier est un diaporama, et les évaluateurs lisent des pages. {SAVE_AS_PDF}"
IWORK = (
    "Ce document vient de Pages, Numbers ou Keynote, que seul un appareil Apple ouvre. Ouvrez-le, choisissez « Exporter » "
    "et le format PDF, puis envoyez le PDF."
)
MESSAGE = (
    f"Ce fichier est un message d'Outlook. Enregistrez à part ses pièces jointes ; pour le message, {PRINT_AS_PDF}"
)
ARCHIVE = "Ce fichier est une archive (ZIP ou semblable) : sortez-en les documents, puis envoyez-les un par un."
VIDEO = (
    "Ce fichier est une vidéo, et les évaluateurs lisent des pages. Envoyez plutôt un document, ou des photos ; ou écrivez à "
    "la branche."
)
WEB_PAGE = f"Ce fichier est une page web, quel que soit son nom. Pour l'envoyer, {PRINT_AS_PDF}"
WEB_SHEET = (
    "Ce fichier a un nom de tableur, mais c'est une page web. Ouvrez-le avec votre tableur, "
    "choisissez « Enregistrer sous » (ou « Exporter ») et le format PDF, puis envoyez le PDF."
)
XFA = (
    "Ce PDF est un formulaire XFA : hors d'Acrobat, on n'y lit que « Please wait… ». Dans Acrobat Reader, "
    f"{PRINT_AS_PDF}"
)

OLE_CAUSES = {
    "word": OLD_WORD,
    "excel": OLD_EXCEL,
    "powerpoint": OLD_POWERPOINT,
    "message": MESSAGE,
    "locked": LOCKED_OFFICE,
    "": OLD_OFFICE,
}
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x05\x06", b"PK\x07\x08")
VIDEO_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"qt  ",
    b"M4V ",
    b"3gp4",
    b"3gp5",
    b"dash",
)
SHEET_NAMES = (".xls", ".xlsx", ".xlsm", ".xlsb", ".csv", ".ods")


def cause_of_archive(names: set[str], kind: str, *, is_locked: bool) -> str:
    """Return what to tell of a zip that is no text document: by its names, and the `mimetype` that an OpenDocument says."""
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names or kind.endswith(".spreadsheet"):
        return LOCKED_SHEET if is_locked else SHEET
    if "ppt/presentation.xml" in names or kind.endswith(".presentation"):
        return LOCKED_SLIDES if is_locked else SLIDES
    if any((name.startswith("Index/") and name.endswith(".iwa")) or name == "Index.zip" for name in names):
        return IWORK
    return ARCHIVE


def cause_of_head(head: bytes, name: str) -> str:
    """Return what to tell of a file that begins so, "" where nothing is known of it."""
    if head.startswith(ARCHIVES):
        return ARCHIVE
    if head[4:8] == b"ftyp" and head[8:12] in VIDEO_BRANDS:
        return VIDEO
    if b'<?mso-application progid="Excel.Sheet"' in head:
        return SHEET
    if is_web_page(head):
        return WEB_SHEET if name.lower().endswith(SHEET_NAMES) else WEB_PAGE
    return ""
