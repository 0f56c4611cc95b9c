"""PDFs without what acts: scripts, launches, forms that send, files inside. The rest of the page is left as it was."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name

# Actions that do something else than move inside the document or open a link in a browser.
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
MAX_DEPTH = 32
MAX_OBJECTS = 200_000


class TooComplex(Exception):
    """The document has too many objects to be looked through."""


def neutralise(source: BinaryIO, target: BinaryIO) -> list[str]:
    """Write to `target` the PDF without what acts, and return in French what was taken out, each once; [] writes nothing.

    Raises TooComplex, and what pikepdf raises on a PDF that is not built as it should be.
    """
    with pikepdf.open(source) as pdf:
        if len(pdf.objects) > MAX_OBJECTS:
            raise TooComplex
        found = dict.fromkeys(_taken_out(pdf))
        if not found:
            return []
        pdf.remove_unreferenced_resources()
        pdf.save(target)
    return list(found)


def _taken_out(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    yield from _actions(root, "/OpenAction")
    yield from _additional(root)
    yield from _names(root)
    for key in ("/AF", "/Collection"):
        if key in root:
            del root[key]
            yield "fichier inclus"
    yield from _form(root)
    yield from _outlines(root.get("/Outlines"), 0)
    for page in pdf.pages:
        yield from _additional(page.obj)
        if "/AF" in page.obj:
            del page.obj["/AF"]
            yield "fichier inclus"
        yield from _annotations(page.obj)


def _names(root: Any) -> Iterator[str]:
    names = root.get("/Names")
    if not isinstance(names, Dictionary):
        return
    for key, words in (
        ("/JavaScript", "JavaScript"),
        ("/EmbeddedFiles", "fichier inclus"),
        ("/Renditions", "film ou son"),
    ):
        if key in names:
            del names[key]
            yield words


def _form(root: Any) -> Iterator[str]:
    form = root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    if "/XFA" in form:
        del form["/XFA"]
        yield "formulaire XFA"
    yield from _fields(form.get("/Fields"), 0)


def _fields(fields: Any, depth: int) -> Iterator[str]:
    if not isinstance(fields, Array) or depth > MAX_DEPTH:
        return
    for field in fields:
        if isinstance(field, Dictionary):
            yield from _actions(field, "/A")
            yield from _additional(field)
            yield from _fields(field.get("/Kids"), depth + 1)


def _outlines(entry: Any, depth: int) -> Iterator[str]:
    """Bookmarks: siblings one after the other, children below."""
    seen = 0
    while isinstance(entry, Dictionary) and depth <= MAX_DEPTH and seen < 10_000:
        yield from _actions(entry, "/A")
        yield from _outlines(entry.get("/First"), depth + 1)
        entry, seen = entry.get("/Next"), seen + 1


def _annotations(page: Any) -> Iterator[str]:
    annotations = page.get("/Annots")
    if not isinstance(annotations, Array):
        return
    kept = []
    for annotation in annotations:
        if not isinstance(annotation, Dictionary):
            continue
        if words := MEDIA.get(str(annotation.get("/Subtype", ""))):
            yield words
            continue
        yield from _actions(annotation, "/A")
        yield from _additional(annotation)
        kept.append(annotation)
    if len(kept) != len(annotations):
        page["/Annots"] = Array(kept)


def _actions(holder: Any, key: str) -> Iterator[str]:
    """Take out the action under `key` when it, or one that follows it, is of those that act."""
    if key not in holder:
        return
    acts = [words for kind in _kinds(holder[key], 0) if (words := ACTS.get(kind))]
    if acts:
        del holder[key]
        yield from acts


def _kinds(action: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(action, Array):
        for one in action:
            yield from _kinds(one, depth + 1)
    elif isinstance(action, Dictionary):
        kind = action.get("/S")
        yield str(kind) if isinstance(kind, Name) else ""
        if "/JS" in action:
            yield "/JavaScript"
        yield from _kinds(action.get("/Next"), depth + 1)


def _additional(holder: Any) -> Iterator[str]:
    """Actions on events (opening, closing, touching) are never needed to read."""
    if "/AA" in holder:
        acts = [ACTS.get(kind, "action automatique") for kind in _kinds(Array(_values(holder["/AA"])), 0)]
        del holder["/AA"]
        yield from acts or ["action automatique"]


def _values(found: Any) -> list[Any]:
    return [found[key] for key in found.keys()] if isinstance(found, Dictionary) else []  # noqa: SIM118  pikepdf's
