"""The communes of the official geographic code, shipped with the project: a birthplace is recognised as people write it.

Arrondissements are there, and communes that became part of another one: a birth keeps the code of its place.
"""

import csv
import gzip
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from django.conf import settings

from candidates.people.departments import department_of_postal_code, find_department
from cqp.core.text import normalise

FILE = settings.BASE_DIR / "fixtures" / "communes-2026.csv.gz"
AT_MOST = 20
SHORTEST = 2
SHORT_FORMS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur", "ss": "sous"}
ARTICLES = {"le", "la", "les", "l"}
# The communes that are divided: their arrondissements are written in many ways.
DIVIDED = {"paris": 20, "lyon": 9, "marseille": 16}
# The département's number, or the arrondissement's.
AMBIGUOUS = "marseille 13"
DIVISION = {"arrondissement", "arrondissements", "arrdt", "arrt", "arr", "ardt"}
RANK = re.compile(r"^(\d{1,2})(?:er|e|eme|ieme|nd|nde|re)?$")
POSTAL_CODE = re.compile(r"^(?:\d{5}|2[ab]\d{3})$")


class Commune(NamedTuple):
    """insee: its code of five characters. seat: the code of the commune that it is a part of, "" for a whole one."""

    insee: str
    name: str
    department: str
    seat: str
    postal_codes: frozenset[str]
    folded: str

    def __str__(self) -> str:
        return f"{self.name} ({self.department})"


class SeveralCommunesError(Exception):
    """Several communes bear this name; `communes` are they."""

    def __init__(self, communes: list[Commune]) -> None:
        self.communes = communes
        super().__init__(", ".join(map(str, communes)))


class Index(NamedTuple):
    """ordered: by what they are searched by. The others: by code, by name, by name without its article."""

    ordered: list[Commune]
    by_insee: dict[str, list[Commune]]
    by_name: dict[str, list[Commune]]
    by_bare_name: dict[str, list[Commune]]


class Place(NamedTuple):
    """A birthplace as it was read: the folded name, and what tells namesakes apart ("" where it is not written)."""

    name: str
    department: str
    code: str


def fold_place(text: str) -> str:
    """Return `text` as communes are searched: `St-Étienne` → `saint etienne`, `Paris XIVe arr.` → `paris 14`."""
    parts = normalise(text).split()
    if not parts or parts[0] not in DIVIDED or len(parts) == 1:
        return " ".join(SHORT_FORMS.get(part, part) for part in parts)
    divided = [part for part in parts if part not in DIVISION]
    rank = RANK.match(divided[1]) if len(divided) == 2 else None
    number = int(rank[1]) if rank else _roman(divided[1]) if len(divided) == 2 else 0
    return f"{parts[0]} {number}" if 0 < number <= DIVIDED[parts[0]] else " ".join(parts)


def _roman(text: str) -> int:
    """Return the number of `xiv` or `xive`, up to twenty; 0 for anything else."""
    figures = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
    numerals = [*figures, *("x" + figure for figure in figures[:-1]), "xx"]
    text = text.removesuffix("eme").removesuffix("e").removesuffix("er")
    return numerals.index(text) + 1 if text in numerals else 0


@cache
def get_index() -> Index:
    """Read the file once for each process."""
    communes: list[Commune] = []
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            codes = frozenset(row["postal_codes"].split())
            communes.append(
                Commune(row["code"], row["name"], row["department"], row["seat"], codes, fold_place(row["name"]))
            )
    communes.sort(key=lambda commune: (commune.folded, commune.department, bool(commune.seat)))
    by_insee: dict[str, list[Commune]] = defaultdict(list)
    by_name: dict[str, list[Commune]] = defaultdict(list)
    by_bare_name: dict[str, list[Commune]] = defaultdict(list)
    ordered = []
    for commune in communes:
        if any(other.insee == commune.insee for other in by_name[commune.folded]):
            continue
        ordered.append(commune)
        by_insee[commune.insee].append(commune)
        by_name[commune.folded].append(commune)
        by_bare_name[_bare(commune.folded)].append(commune)
    for namesakes in by_insee.values():
        namesakes.sort(key=lambda commune: bool(commune.seat))
    return Index(ordered, dict(by_insee), dict(by_name), dict(by_bare_name))


def _bare(folded: str) -> str:
    first, _, rest = folded.partition(" ")
    return rest if rest and first in ARTICLES else folded


def get_commune(insee: str) -> Commune | None:
    """Return the commune with this code; None when the list has none."""
    return next(iter(list_namesakes(insee)), None)


def list_namesakes(insee: str) -> list[Commune]:
    """Return the names that go with a code: the commune's first, then those of the parts whose births bear its code."""
    return get_index().by_insee.get(insee.strip().upper(), [])


def suggest_communes(text: str) -> list[Commune]:
    """Return at most 20 communes for what was typed: those whose name begins so, then those with a word that does."""
    place = read_place(text)
    start = place.name
    if len(start) < SHORTEST:
        return []
    index = get_index()
    position = bisect_left(index.ordered, start, key=lambda commune: commune.folded)
    exact = _narrow(index.by_name.get(start) or index.by_bare_name.get(start, []), place)
    begun: list[Commune] = []
    for commune in index.ordered[position:]:
        if not commune.folded.startswith(start) or len(begun) > 10 * AT_MOST:
            break
        begun.append(commune)
    begun = [*exact, *(commune for commune in _narrow(begun, place) if commune not in exact)]
    if len(begun) < AT_MOST:
        inside = (commune for commune in index.ordered if f" {start}" in commune.folded and commune not in begun)
        begun += _narrow(inside, place)
    return begun[:AT_MOST]


def find_commune(text: str, *, department: str = "", postal_code: str = "") -> Commune | None:
    """Return the commune that `Saint-Denis (93)`, `93200 ST DENIS` or `Paris 14e` names; None when none bears this name.

    department: a code or a name, written beside it. postal_code: of the birthplace. A place may have gone from the list since
    the birth: it is then kept as it was typed. Raises SeveralCommunesError.
    """
    place = read_place(text)
    if normalise(text) == AMBIGUOUS and not department.strip():
        raise SeveralCommunesError([get_index().by_name[name][0] for name in ("marseille", "marseille 13")])
    if department.strip():
        code = find_department(department)
        if not code:
            return None
        place = place._replace(department=code)
    if postal_code.strip():
        place = place._replace(code=postal_code.strip())
    index = get_index()
    communes = _narrow(index.by_name.get(place.name) or index.by_bare_name.get(_bare(place.name), []), place)
    if not communes and place.name in DIVIDED and place.code:
        communes = [index.by_name[place.name][0]]
    if len(communes) > 1:
        raise SeveralCommunesError(communes)
    return communes[0] if communes else None


def read_place(text: str) -> Place:
    """Return what a written birthplace says: `SAINT DENIS (93)`, `93 - Saint-Denis`, `Havre (Le)`, `75014 Paris`."""
    written = text.strip()[:200]
    head, _, inside = written.removesuffix(")").rpartition("(") if written.endswith(")") else (written, "", "")
    department = find_department(inside)
    if inside and not department:
        head = f"{inside} {head}" if normalise(inside) in ARTICLES else f"{head} {inside}"
    parts, code = normalise(head).split(), ""
    for part in parts:
        if POSTAL_CODE.match(part) and len(parts) > 1:
            code = part
    parts = [part for part in parts if part != code]
    if not department:
        parts, department = _split_department(parts)
    name = " ".join(parts)
    if name in DIVIDED and code:
        rank = int(code[-2:]) if code[-2:].isdigit() else 0
        name = f"{name} {rank}" if 0 < rank <= DIVIDED[name] and code[:2] in ("75", "69", "13") else name
    return Place(fold_place(name), department, code)


def _split_department(parts: list[str]) -> tuple[list[str], str]:
    """Take a département's code off a name: `saint denis 93`. The number after Paris is an arrondissement's."""
    if len(parts) < 2:
        return parts, ""
    for position in (0, len(parts) - 1):
        part, rest = parts[position], parts[1:] if position == 0 else parts[:-1]
        code = part.upper()
        if (part[0].isdigit() and len(part) in (2, 3) and find_department(code) == code) and not (
            position and rest[0] in DIVIDED and int(part) <= DIVIDED[rest[0]]
        ):
            return rest, code
    return parts, ""


def _narrow(communes: Iterable[Commune], place: Place) -> list[Commune]:
    """Return those of the département, and of the code where it tells them apart."""
    listed = [commune for commune in communes if place.department in ("", commune.department)]
    if not place.code or len(listed) < 2:
        return listed
    coded = [commune for commune in listed if place.code in commune.postal_codes or place.code.upper() == commune.insee]
    around = department_of_postal_code(place.code)
    return coded or [commune for commune in listed if around in ("", commune.department)]
