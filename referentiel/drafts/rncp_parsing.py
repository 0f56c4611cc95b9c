"""A fiche of the RNCP read in a box: XML without entities, one fiche at a time."""

import re
from html import unescape
from typing import Any, BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from cqp.core.refusals import RefusedError
from cqp.core.text import clean_text

MAX_BLOCS = 40
NOT_XML = "Ce fichier n'est pas l'export XML du RNCP : téléchargez celui de France compétences, version 4."


def parse(inputs: list[BinaryIO], output: None, *, asked_number: str) -> dict[str, Any]:
    """Return the fiche that is asked for ("RNCP35663", or its number), or the only one of the file. Raises RefusedError.

    A fiche has a `number`, a `title`, a `level`, an `nsf`, and `blocs` with their `competences` (a code, a statement).
    """
    number = re.sub(r"\D", "", asked_number)
    others: list[str] = []
    fiche = None
    try:
        for _, element in iterparse(inputs[0], events=("end",), forbid_dtd=True):
            if element.tag != "FICHE":
                continue
            name = _text(element, "NUMERO_FICHE")
            if not number or re.sub(r"\D", "", name) == number:
                if fiche is None:
                    fiche = _fiche(element, name)
                others.append(name)
            element.clear()
            if number and fiche:
                break
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as bad:
        raise RefusedError(NOT_XML) from bad
    if fiche is None:
        raise RefusedError(
            f"La fiche {asked_number} n'est pas dans ce fichier : vérifiez son numéro." if number else NOT_XML
        )
    if len(others) > 1:
        raise RefusedError(f"Ce fichier contient {len(others)} fiches : écrivez le numéro de celle qu'il faut prendre.")
    if not fiche["blocs"]:
        raise RefusedError(f"La fiche {fiche['number']} n'a pas de bloc de compétences.")
    return fiche


def _text(element: Any, path: str) -> str:
    return " ".join(_plain(element.findtext(path) or "").split())


def _plain(text: str) -> str:
    """Return a text without the marks of a page, its paragraphs on lines of their own."""
    # Neither goes on over another mark: what is never closed would be looked for again from each.
    text = re.sub(r"(?i)<(?:br|/p|/li|/div)[^<>]*>", "\n", text)
    return clean_text(unescape(re.sub(r"<[^<>]+>", "", text))).replace("\xa0", " ")


def _fiche(element: Any, name: str) -> dict[str, Any]:
    level = re.search(r"[1-8]", _text(element, "NOMENCLATURE_EUROPE/NIVEAU"))
    blocs = list(element.iterfind("BLOCS_COMPETENCES/BLOC_COMPETENCES"))[:MAX_BLOCS]
    return {
        "number": name[:20],
        "title": _text(element, "INTITULE")[:255],
        "level": int(level[0]) if level else None,
        "nsf": _text(element, "CODES_NSF/NSF/CODE")[:20],
        "blocs": [_bloc(element, number) for number, element in enumerate(blocs, 1)],
    }


def _bloc(element: Any, number: int) -> dict[str, Any]:
    modality = _plain(element.findtext("MODALITES_EVALUATION") or "").strip()
    return {
        "number": number,
        "code": _text(element, "CODE")[:20] or f"BC{number}",
        "title": _text(element, "LIBELLE"),
        "modality": "\n\n".join(" ".join(line.split()) for line in modality.splitlines() if line.strip()),
        "competences": _competences(element.findtext("LISTE_COMPETENCES") or "", number),
    }


def _competences(text: str, bloc: int) -> list[tuple[str, str]]:
    """Return the competences of a list as people write it: one per line, with a bullet or a code of its own."""
    competences: list[tuple[str, str]] = []
    codes: set[str] = set()
    for line in _plain(text).splitlines():
        line = re.sub(r"^[\s\-•–—*·o]+(?=\s|[A-ZÀ-Þ])", "", line).strip(" \t;-•–")
        if not line:
            continue
        coded = re.match(r"(C\s?\d++(?:\.\d++)*+)(?:\s*+[:.)–-]++\s++|\s++)(\S.*)", line)
        code, statement = (coded[1].replace(" ", ""), coded[2]) if coded else ("", line)
        if not code or code in codes:
            code = f"C{bloc}.{len(competences) + 1}"
        codes.add(code)
        competences.append((code[:20], " ".join(statement.split())))
    return competences
