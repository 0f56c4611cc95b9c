"""PDFs without what acts: scripts, launches, forms that send, films, files inside. The pages look as they did."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from cqp.files import pdf_flattening

# Actions that do something else than move inside the document or open a link that is touched.
ACTS = {
    "/JavaScript": "JavaScript",
    "/Launch": "lancement d'un programme",
    "/ImportData": "import de données",
    "/SubmitForm": "envoi d'un formulaire",
    "/GoToR": "renvoi vers un autre fichier",
    "/GoToE": "renvoi vers un fichier inclus",
    "/Movie": "film",
    "/Sound": "son",
    "/Rendition": "film ou son",
    "/RichMediaExecute": "contenu animé",
    "/GoTo3DView": "contenu animé",
}
MEDIA = {
    "/FileAttachment": "fichier inclus",
    "/RichMedia": "contenu animé",
    "/Movie": "film",
    "/Sound": "son",
    "/Screen": "film ou son",
    "/3D": "contenu animé",
}
NAMES = {"/JavaScript": "JavaScript", "/EmbeddedFiles": "fichier inclus", "/Renditions": "film ou son"}
# What a file inside is called by, for each kind of system.
FILE_KEYS = {"/F", "/UF", "/DOS", "/Mac", "/Unix"}
AUTOMATIC = "action automatique"

MAX_OBJECTS = 200_000
MAX_VALUES = 2_000_000
MAX_DEPTH = 60


class TooComplexError(Exception):
    """The document has too many objects to be looked through, or they are too deep."""


@dataclass(frozen=True)
class Sanitised:
    """What was taken out, in French, each once; whether another PDF than the original was written."""

    removed: list[str]
    is_written: bool


def sanitise_pdf(source: BinaryIO, target: BinaryIO) -> Sanitised:
    """Write to `target` the PDF without what acts, and with what lies over its pages as part of them; nothing when it has
    neither.

    Raises TooComplexError, and what pikepdf raises on a PDF that is not built as it should be.
    """
    appended = _has_more_after_its_end(source)
    source.seek(0)
    with pikepdf.open(source) as pdf:
        if len(pdf.objects) > MAX_OBJECTS:
            raise TooComplexError
        removals = dict.fromkeys(_taken_out(pdf))
        if appended:
            removals["données ajoutées à la fin"] = None
        is_overlaid = pdf_flattening.has_overlays(pdf)
        if is_overlaid:
            with pdf_flattening.flattened(pdf) as flat:
                flat.save(target)
        elif removals:
            pdf.save(target)
    return Sanitised(list(removals), is_overlaid or bool(removals))


def _has_more_after_its_end(source: BinaryIO) -> bool:
    """Return whether the file goes on after its PDF, as one that is also a page or an archive."""
    source.seek(max(0, source.seek(0, os.SEEK_END) - 4096))
    _, mark, rest = source.read().rpartition(b"%%EOF")
    return bool(mark and rest.strip(b"\0\t\n\f\r "))


def _taken_out(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Take out what acts. Every object is looked at, whatever leads to it."""
    yield from _opening(pdf.Root)
    yield from _without(pdf.Root.get("/Names"), NAMES)
    yield from _without(pdf.Root, {"/Collection": "fichier inclus"})
    budget = iter(range(MAX_VALUES))
    for pdf_object in pdf.objects:
        for holder in _dictionaries(pdf_object, budget, 0):
            yield from _entries(holder)
            yield from _annotations(holder)
            yield from _automatic(holder)
            yield from _action(holder)


def _dictionaries(value: Any, budget: Iterator[int], depth: int) -> Iterator[Any]:
    """Yield the dictionaries of an object, the outer ones first; those of other objects come in their turn."""
    if depth > MAX_DEPTH:
        raise TooComplexError
    if isinstance(value, Dictionary | Stream):
        yield value
        inner: Iterable[Any] = [item for _, item in value.items()]
    else:
        inner = value.as_list() if isinstance(value, Array) else ()
    for item in inner:
        if next(budget, None) is None:
            raise TooComplexError
        if isinstance(item, Dictionary | Array) and not item.is_indirect:
            yield from _dictionaries(item, budget, depth + 1)


def _opening(root: Any) -> Iterator[str]:
    """Opening may go to a page, and do nothing else."""
    action = root.get("/OpenAction")
    if isinstance(action, Dictionary) and _kind(action) != "/GoTo":
        yield ACTS.get(_kind(action), AUTOMATIC)
        del root["/OpenAction"]


def _kind(action: Any) -> str:
    kind = action.get("/S") if isinstance(action, Dictionary) else None
    return str(kind) if isinstance(kind, Name) else ""


def _without(holder: Any, entries: dict[str, str]) -> Iterator[str]:
    if isinstance(holder, Dictionary | Stream):
        for key in [key for key in entries if key in holder]:
            del holder[key]
            yield entries[key]


def _entries(holder: Any) -> Iterator[str]:
    """Files inside and XFA forms, wherever they are. A font or an image may have these names: they are of another shape."""
    files = holder.get("/EF")
    if isinstance(files, Dictionary) and FILE_KEYS & set(files.keys()):
        yield from _without(holder, {"/EF": "fichier inclus"})
    if isinstance(holder.get("/AF"), Array):
        yield from _without(holder, {"/AF": "fichier inclus"})
    if isinstance(holder.get("/XFA"), Array | Stream):
        yield from _without(holder, {"/XFA": "formulaire XFA"})


def _annotations(page: Any) -> Iterator[str]:
    annotations = page.get("/Annots")
    if not isinstance(annotations, Array):
        return
    harmless = []
    for annotation in annotations:
        kind = annotation.get("/Subtype") if isinstance(annotation, Dictionary) else None
        if isinstance(kind, Name) and str(kind) in MEDIA:
            yield MEDIA[str(kind)]
        else:
            harmless.append(annotation)
    if len(harmless) != len(annotations):
        page["/Annots"] = Array(harmless)


def _automatic(holder: Any) -> Iterator[str]:
    """Actions on events (opening, closing, touching) are never needed to read."""
    events = holder.get("/AA")
    if not isinstance(events, Dictionary):
        return
    # A font may be called AA, and is no action.
    if kinds := [kind for _, event in events.items() if (kind := _kind(event))]:
        del holder["/AA"]
        yield from (ACTS.get(kind, AUTOMATIC) for kind in kinds)


def _action(action: Any) -> Iterator[str]:
    """Empty an action that acts: whatever leads to it does nothing any more."""
    # The S of a part of the structure is a word of the document's own.
    if not isinstance(action, Dictionary) or action.get("/Type") == Name.StructElem:
        return
    if label := ACTS.get(_kind(action)) or ("JavaScript" if "/JS" in action else ""):
        for key in list(action.keys()):
            del action[key]
        yield label
