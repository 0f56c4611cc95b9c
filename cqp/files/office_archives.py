"""Office documents: zips, looked at without being unpacked. What would load or run something is refused."""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from cqp.core.refusals import RefusedError
from cqp.files import causes
from cqp.files.remedies import SAVE_AS_PDF

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

OFFICE = (DOCX, ODT)

MAX_ENTRIES = 2_000
MAX_UNPACKED = 200 * 10**6
MAX_RATIO = 200
# Below that, a high ratio is only a sheet of blanks.
RATIO_FROM = 10**6
MAX_XML = 20 * 10**6
MAX_NAME = 200
MANIFEST = "META-INF/manifest.xml"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
NESTED = (".zip", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".odt", ".ods", ".jar")
XLINK = "{http://www.w3.org/1999/xlink}href"
OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|\\\\|\.\./)", re.IGNORECASE)

DAMAGED = f"Ce document est abîmé : il ne peut pas être lu. S'il s'ouvre chez vous : {SAVE_AS_PDF}"
BOMB = f"Ce document contient beaucoup trop de données une fois déplié. {SAVE_AS_PDF}"
MACROS = f"Ce document contient des macros (des programmes) : elles ne sont pas acceptées. {SAVE_AS_PDF}"
EXTERNAL = (
    "Ce document va chercher des éléments ailleurs (modèle, image ou objet liés) : les évaluateurs ne les verraient pas. "
    f"{SAVE_AS_PDF}"
)
LOCKED = f"Ce document est protégé par un mot de passe : les évaluateurs ne pourraient pas l'ouvrir. {SAVE_AS_PDF}"


class ContainerRefused(RefusedError):
    """An office document that cannot be accepted. The message says why in French, and what to do."""


def office_type(content: BinaryIO) -> str:
    """Return DOCX or ODT. Raises ContainerRefused, with its cause, for another zip and one that cannot be accepted."""
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
            if {"[Content_Types].xml", "word/document.xml"} <= names:
                _check_size(archive)
                _check_docx(archive, names)
                return DOCX
            kind = _declared_type(archive)
            if kind != ODT:
                raise ContainerRefused(causes.cause_of_archive(names, kind, is_locked=_is_locked(archive)))
            _check_size(archive)
            _check_odt(archive, names)
            return ODT
    except ContainerRefused:
        raise
    # What zipfile raises on a damaged or deceitful archive, NotImplementedError and RuntimeError among them.
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        LookupError,
        RuntimeError,
        ElementTree.ParseError,
    ) as error:
        raise ContainerRefused(DAMAGED) from error
    finally:
        content.seek(0)


def _declared_type(archive: zipfile.ZipFile) -> str:
    """Return the type that an OpenDocument says it is, "" for another zip."""
    for entry in archive.infolist():
        if entry.filename == "mimetype" and entry.file_size <= MAX_NAME and not entry.flag_bits & 1:
            return archive.read(entry).decode("ascii", "replace").strip()
    return ""


def _is_locked(archive: zipfile.ZipFile) -> bool:
    """Tell whether a password is asked: the zip's own, or that of an OpenDocument."""
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        return True
    manifest = next((entry for entry in entries if entry.filename == MANIFEST), None)
    if manifest is None or manifest.file_size > MAX_XML:
        return False
    return b"encryption-data" in archive.read(manifest)


def _check_size(archive: zipfile.ZipFile, depth: int = 0) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise ContainerRefused(BOMB)
    for entry in entries:
        if entry.flag_bits & 1:
            raise ContainerRefused(LOCKED)
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise ContainerRefused(DAMAGED)
        if entry.file_size > max(RATIO_FROM, MAX_RATIO * entry.compress_size):
            raise ContainerRefused(BOMB)
        if entry.filename.lower().endswith(NESTED):
            _check_nested(archive, entry, depth)


def _check_nested(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int) -> None:
    """A document inside the document: a spreadsheet behind a chart, once; never a document inside that."""
    if depth:
        raise ContainerRefused(BOMB)
    with archive.open(entry) as nested, zipfile.ZipFile(nested) as inner:
        _check_size(inner, depth + 1)


def _read_xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > MAX_XML:
        raise ContainerRefused(BOMB)
    content = archive.read(name)
    # No office document needs a DTD; without one there is no entity to expand.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ContainerRefused(DAMAGED)
    return ElementTree.fromstring(content)


def _check_docx(archive: zipfile.ZipFile, names: set[str]) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ContainerRefused(MACROS)
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise ContainerRefused(MACROS)
    for relationship in _relationships(archive, names):
        kind = relationship.get("Type", "").rsplit("/", 1)[-1]
        if relationship.get("TargetMode") == "External" and kind != "hyperlink":
            raise ContainerRefused(EXTERNAL)


def _relationships(archive: zipfile.ZipFile, names: set[str]) -> Iterator[ElementTree.Element]:
    for name in sorted(names):
        if name.endswith(".rels"):
            yield from _read_xml(archive, name).iter(RELATIONSHIP)


def _check_odt(archive: zipfile.ZipFile, names: set[str]) -> None:
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise ContainerRefused(MACROS)
    if _is_locked(archive):
        raise ContainerRefused(LOCKED)
    for name in sorted(names):
        if name.rsplit("/", 1)[-1] not in ("content.xml", "styles.xml"):
            continue
        for element in _read_xml(archive, name).iter():
            is_hyperlink = element.tag.endswith("}a")
            if OUTSIDE.match(element.get(XLINK, "")) and not is_hyperlink:
                raise ContainerRefused(EXTERNAL)
