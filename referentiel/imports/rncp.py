"""A fiche of the export of the RNCP (XML, V4): its blocs and competences. It has no criteria: they are to be completed.

Source: open data of France compétences. The XML is read without entities, and one fiche at a time.
"""

import re
from dataclasses import dataclass
from html import unescape
from typing import IO, Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from referentiel.content import ActivityContent, BlocContent, CompetenceContent

MAX_BLOCS = 40
NOT_XML = "Ce fichier n'est pas l'export XML du RNCP : téléchargez celui de France compétences, version 4."


class BadFiche(Exception):
    """A file that is not a fiche that can be used. `message` says in French what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Fiche:
    number: str
    title: str
    level: int | None
    nsf: str
    blocs: tuple[BlocContent, ...]


def read_fiche(file: IO[bytes], wanted: str = "") -> Fiche:
    """Return the fiche `wanted` ("RNCP35663", or its number), or the only one of the file. Raises BadFiche."""
    number = re.sub(r"\D", "", wanted)
    others: list[str] = []
    found = None
    try:
        for _, element in iterparse(file, events=("end",), forbid_dtd=True):
            if element.tag != "FICHE":
                continue
            name = _text(element, "NUMERO_FICHE")
            if not number or re.sub(r"\D", "", name) == number:
                if found is None:
                    found = _fiche(element, name)
                others.append(name)
            element.clear()
            if number and found:
                break
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as bad:
        raise BadFiche(NOT_XML) from bad
    if found is None:
        raise BadFiche(f"La fiche {wanted} n'est pas dans ce fichier : vérifiez son numéro." if number else NOT_XML)
    if len(others) > 1:
        raise BadFiche(f"Ce fichier contient {len(others)} fiches : écrivez le numéro de celle qu'il faut prendre.")
    if not found.blocs:
        raise BadFiche(f"La fiche {found.number} n'a pas de bloc de compétences.")
    return found


def _text(element: Any, path: str) -> str:
    return " ".join(_plain(element.findtext(path) or "").split())


def _plain(text: str) -> str:
    """Return a text without the marks of a page, its paragraphs on lines of their own."""
    text = re.sub(r"(?i)<(?:br|/p|/li|/div)[^>]*>", "\n", text)
    return unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ")


def _fiche(element: Any, name: str) -> Fiche:
    level = re.search(r"[1-8]", _text(element, "NOMENCLATURE_EUROPE/NIVEAU"))
    blocs = list(element.iterfind("BLOCS_COMPETENCES/BLOC_COMPETENCES"))[:MAX_BLOCS]
    return Fiche(
        number=name[:20],
        title=_text(element, "INTITULE")[:255],
        level=int(level[0]) if level else None,
        nsf=_text(element, "CODES_NSF/NSF/CODE")[:20],
        blocs=tuple(_bloc(one, number) for number, one in enumerate(blocs, 1)),
    )


def _bloc(element: Any, number: int) -> BlocContent:
    title = _text(element, "LIBELLE")
    modality = _plain(element.findtext("MODALITES_EVALUATION") or "").strip()
    competences = tuple(_competences(element.findtext("LISTE_COMPETENCES") or "", number))
    return BlocContent(
        number=number,
        code=_text(element, "CODE")[:20] or f"BC{number}",
        title=title,
        modality="\n\n".join(" ".join(line.split()) for line in modality.splitlines() if line.strip()),
        activities=(ActivityContent(f"{number}.1", title, competences),) if competences else (),
    )


def _competences(text: str, bloc: int) -> list[CompetenceContent]:
    """Return the competences of a list as people write it: one per line, with a bullet or a code of its own."""
    found: list[CompetenceContent] = []
    codes: set[str] = set()
    for line in _plain(text).splitlines():
        line = re.sub(r"^[\s\-•–—*·o]+(?=\s|[A-ZÀ-Þ])", "", line).strip(" \t;-•–")
        if not line:
            continue
        coded = re.match(r"(C\s?\d+(?:\.\d+)*)\s*[:.)–-]*\s+(.+)", line)
        code, statement = (coded[1].replace(" ", ""), coded[2]) if coded else ("", line)
        if not code or code in codes:
            code = f"C{bloc}.{len(found) + 1}"
        codes.add(code)
        found.append(CompetenceContent(code[:20], " ".join(statement.split())))
    return found
