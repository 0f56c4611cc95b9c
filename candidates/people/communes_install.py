"""The list of communes is installed from the official geographic code."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched

from django.db import transaction

from candidates.models import Commune
from candidates.people.communes import fold_place

COLUMNS = {"TYPECOM", "COM", "DEP", "LIBELLE"}
# Communes, and the arrondissements of Paris, Lyon and Marseille: a birth there bears the arrondissement's code.
KINDS = {"COM", "ARM"}


class CommunesFileError(Exception):
    """The file is not the official geographic code's list of communes. The message says why."""


@dataclass(frozen=True)
class Loaded:
    """How many communes the list now has, and how many the load added, changed and removed."""

    total: int
    added: int
    changed: int
    removed: int


def load_communes(lines: Iterable[str]) -> Loaded:
    """Make the list what the CSV file says, and count. Raises CommunesFileError; then nothing changes."""
    listed = _read(lines)
    with transaction.atomic():
        known = {commune.insee: commune for commune in Commune.objects.all()}
        added = [commune for insee, commune in listed.items() if insee not in known]
        changed = [
            commune for insee, commune in listed.items() if insee in known and _facts(commune) != _facts(known[insee])
        ]
        gone = known.keys() - listed.keys()
        Commune.objects.bulk_create(added, batch_size=200)
        Commune.objects.bulk_update(changed, ["name", "department", "folded"], batch_size=200)
        for codes in batched(gone, 200):
            Commune.objects.filter(pk__in=codes).delete()
    return Loaded(len(listed), len(added), len(changed), len(gone))


def _read(lines: Iterable[str]) -> dict[str, Commune]:
    """Return the communes of a file by code."""
    rows = csv.DictReader(lines)
    communes: dict[str, Commune] = {}
    try:
        columns = {name: name.strip().upper() for name in rows.fieldnames or []}
        if missing := COLUMNS - set(columns.values()):
            raise CommunesFileError(f"no column {', '.join(sorted(missing))}")
        for row in rows:
            values = {columns[name]: (text or "").strip() for name, text in row.items() if name in columns}
            if values["TYPECOM"] in KINDS:
                commune = _commune(values, rows.line_num)
                communes[commune.insee] = commune
    except UnicodeDecodeError:
        raise CommunesFileError("it is not written in UTF-8") from None
    except csv.Error as error:
        raise CommunesFileError(str(error)) from None
    if not communes:
        raise CommunesFileError("no line is of the type COM or ARM")
    return communes


def _commune(values: dict[str, str], line: int) -> Commune:
    insee, name = values["COM"], values["LIBELLE"]
    if not (len(insee) == 5 and insee.isascii() and insee.isalnum() and 0 < len(name) <= 100):
        raise CommunesFileError(f"line {line}: a code of five characters and a name of at most 100 are needed")
    department = values["DEP"] or insee[: 3 if insee.startswith(("97", "98")) else 2]
    if len(department) > 3:
        raise CommunesFileError(f"line {line}: « {department} » is not a department")
    return Commune(insee=insee, name=name, department=department, folded=fold_place(name))


def _facts(commune: Commune) -> tuple[str, str, str]:
    return commune.name, commune.department, commune.folded
