"""The birthplace of a row, with the code of the commune that it names."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from candidates.models import Candidate
from candidates.people.birthplaces import read_birthplace
from candidates.people.countries import FRANCE
from cqp.core.text import normalise


def with_birthplace(values: Mapping[str, Any], candidate: Candidate | None) -> dict[str, Any]:
    """Return a row's values with the code of the commune that they name.

    A name that several communes bear, or none, stays as it was written: it is settled on the page of birthplaces.
    """
    completed, place = dict(values), values.get("birth_place", "")
    country = values.get("birth_country", candidate.birth_country if candidate else FRANCE)
    is_same = candidate is not None and normalise(candidate.birth_place) == normalise(place)
    has_code = bool(values.get("birth_insee") or (candidate and is_same and candidate.birth_insee))
    if country == FRANCE and place and not has_code:
        details = {"department": values.get("birth_department", ""), "postal_code": values.get("birth_postal_code", "")}
        try:
            birthplace = read_birthplace(place, **details)
        except ValidationError:
            return completed
        completed["birth_place"] = birthplace.place
        if birthplace.insee or not is_same:
            completed["birth_insee"] = birthplace.insee
    return completed
