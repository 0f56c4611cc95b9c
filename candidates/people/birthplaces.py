"""Birthplaces: the commune's code found from what was written, and those that a person has to settle, all on one page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import Candidate, Enrolment
from candidates.people.communes import (
    Commune,
    SeveralCommunesError,
    find_commune,
    get_commune,
    list_namesakes,
    read_place,
    suggest_communes,
)
from candidates.people.countries import FRANCE, UnknownCountryError, find_country, is_listed_country
from candidates.people.identity import tidy
from cqp.core.text import normalise
from cqp.evidence import journal
from cqp.models import User
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch

PROPOSALS_AT_MOST = 5


@dataclass(frozen=True)
class Birthplace:
    """As a candidate's row has it. insee: "" where it is not known, or the birth was abroad."""

    place: str
    insee: str
    country: str


@dataclass(frozen=True)
class Unsettled:
    """A birth in France without the commune's code, or in a country that no list has. enrolment: the person's last."""

    enrolment: Enrolment

    @property
    def candidate(self) -> Candidate:
        return self.enrolment.candidate

    @cached_property
    def proposals(self) -> list[Commune]:
        """Searched for the rows of the page alone: a search reads the whole list."""
        return [] if self.lacks_country else propose_communes(self.candidate.birth_place)

    @property
    def is_sure(self) -> bool:
        """Whether what was written names one commune: it is chosen beforehand, a person confirms it."""
        return len(self.proposals) == 1 and self.proposals[0].folded == read_place(self.candidate.birth_place).name

    @property
    def lacks_country(self) -> bool:
        return not is_listed_country(self.candidate.birth_country)


def read_birthplace(
    place: str, *, insee: str = "", country: str = FRANCE, department: str = "", postal_code: str = ""
) -> Birthplace:
    """Return a birthplace with its code, where what was written names one commune.

    A place that the list does not have stays as it was typed. Raises ValidationError by field: `birth_country` for a country
    that is not one, `birth_place` for a name that several communes bear.
    """
    try:
        country = find_country(country)
    except UnknownCountryError as unknown:
        raise ValidationError({"birth_country": str(unknown)}) from None
    place, insee = tidy(place), insee.strip().upper()
    if country != FRANCE:
        return Birthplace(place, "", country)
    if insee:
        commune = get_commune(insee)
        return Birthplace(place or (commune.name if commune else ""), insee, country)
    try:
        found = find_commune(place, department=department, postal_code=postal_code)
    except SeveralCommunesError as several:
        named = ", ".join(map(str, several.communes[:12]))
        message = f"Plusieurs communes portent ce nom : {named}. Écrivez la vôtre avec son département."
        raise ValidationError({"birth_place": message}) from None
    return Birthplace(found.name, found.insee, country) if found else Birthplace(place, "", country)


def birthplace_text(candidate: Candidate) -> str:
    """Return the birthplace as it is chosen: `Saint-Denis (93)` where the list has the commune, else as it was typed."""
    if not candidate.birth_insee:
        return candidate.birth_place
    namesakes = list_namesakes(candidate.birth_insee)
    same = [commune for commune in namesakes if normalise(commune.name) == normalise(candidate.birth_place)]
    return str((same or namesakes)[0]) if namesakes else candidate.birth_place


def list_unsettled(branches: Collection[Branch]) -> list[Unsettled]:
    """Return the candidates whose birthplace cannot be sent as it is, by name. One query, whatever their number."""
    enrolments = (
        Enrolment.objects.filter(session__branch__in=branches, candidate__erased_at=None, candidate__birth_insee="")
        .select_related("candidate", "session__branch")
        .order_by("candidate__birth_name", "candidate__first_names", "candidate", "-pk")
    )
    last = {enrolment.candidate_id: enrolment for enrolment in reversed(enrolments)}
    rows = []
    for enrolment in reversed(last.values()):
        candidate = enrolment.candidate
        is_french = normalise(candidate.birth_country) == normalise(FRANCE)
        if is_french or not is_listed_country(candidate.birth_country):
            rows.append(Unsettled(enrolment))
    return rows


def propose_communes(text: str) -> list[Commune]:
    """Return at most five communes for a birthplace as it was typed, the likeliest first."""
    try:
        if commune := find_commune(text):
            return [commune]
    except SeveralCommunesError as several:
        return several.communes[:PROPOSALS_AT_MOST]
    if proposals := suggest_communes(text):
        return proposals[:PROPOSALS_AT_MOST]
    # The name without what stands behind it: `Nantes Cedex`, `Rouen (hôpital)`.
    parts = read_place(text).name.split()
    for count in range(len(parts) - 1, 0, -1):
        if proposals := suggest_communes(" ".join(parts[:count])):
            return proposals[:PROPOSALS_AT_MOST]
    return []


def settle_birthplaces(
    branches: Collection[Branch], choices: Mapping[int, Mapping[str, str]], *, by: User
) -> tuple[int, dict[int, str]]:
    """Write the chosen birthplaces. choices: {pk of a candidate: {"place", "country"}}; an empty one changes nothing.

    Return how many were settled, and by candidate what is wrong with the others. Raises PermissionError.
    """
    errors: dict[int, str] = {}
    settled = 0
    with transaction.atomic():
        locked = list(
            Branch.objects.select_for_update().filter(pk__in=[branch.pk for branch in branches]).order_by("pk")
        )
        if not all(administers_branch(by, branch.pk) for branch in locked):
            raise PermissionError("Only an administrator of the branch settles birthplaces.")
        for row in list_unsettled(locked):
            choice = choices.get(row.candidate.pk, {})
            country = choice.get("country", "") or row.candidate.birth_country
            if not choice.get("place") and country == row.candidate.birth_country:
                continue
            try:
                birthplace = read_birthplace(choice.get("place") or row.candidate.birth_place, country=country)
            except ValidationError as refused:
                errors[row.candidate.pk] = refused.messages[0]
                continue
            if birthplace.country == FRANCE and not birthplace.insee:
                errors[row.candidate.pk] = (
                    f"« {birthplace.place} » n'est pas dans la liste des communes : choisissez une proposition, "
                    "ou écrivez le code INSEE sur la page du candidat."
                )
                continue
            _write(row.enrolment, birthplace, by)
            settled += 1
    return settled, errors


def _write(enrolment: Enrolment, birthplace: Birthplace, by: User) -> None:
    candidate = enrolment.candidate
    after: dict[str, Any] = {
        "birth_place": birthplace.place,
        "birth_insee": birthplace.insee,
        "birth_country": birthplace.country,
    }
    changed = {
        name: [getattr(candidate, name), value] for name, value in after.items() if getattr(candidate, name) != value
    }
    for name, value in after.items():
        setattr(candidate, name, value)
    candidate.save(update_fields=list(after))
    journal.record(enrolment.stream, "enrolment.changed", changed, by=by)
