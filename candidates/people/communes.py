"""The communes of the official geographic code: a birthplace is found in the list, where one is installed."""

import re

from django.db.models import Q

from candidates.models import Commune
from cqp.core.text import normalise

AT_MOST = 20
SHORTEST = 2
SHORT_FORMS = {"st": "saint", "ste": "sainte"}
# What a chosen commune looks like: its name and its department.
CHOSEN = re.compile(r"^(?P<name>.+?) ?\((?P<department>[0-9AB]{2,3})\)$", re.IGNORECASE)


class SeveralCommunesError(Exception):
    """Several communes bear this name; `communes` are they."""

    def __init__(self, communes: list[Commune]) -> None:
        self.communes = communes
        super().__init__(", ".join(map(str, communes)))


def fold_place(text: str) -> str:
    """Return `text` as communes are searched: `St-Étienne` → `saint etienne`."""
    return " ".join(SHORT_FORMS.get(word, word) for word in normalise(text).split())


def suggest_communes(text: str) -> list[Commune]:
    """Return at most 20 communes for what was typed: those whose name begins so, then those with a word that does."""
    start = fold_place(text)
    if len(start) < SHORTEST:
        return []
    in_order = Commune.objects.order_by("folded", "department")
    communes = list(in_order.filter(folded__startswith=start)[:AT_MOST])
    inside = in_order.filter(folded__contains=f" {start}").exclude(folded__startswith=start)
    return communes + list(inside[: AT_MOST - len(communes)]) if len(communes) < AT_MOST else communes


def find_commune(text: str) -> Commune | None:
    """Return the commune that `Saint-Denis (93)` or `Lyon` names; None when the list has none of this name.

    A place may have gone from the list since the birth: it is then kept as it was typed. Raises SeveralCommunesError.
    """
    chosen = CHOSEN.match(text.strip())
    condition = Q(folded=fold_place(chosen["name"] if chosen else text))
    if chosen:
        condition &= Q(department__iexact=chosen["department"])
    communes = list(Commune.objects.filter(condition).order_by("department")[:AT_MOST])
    if len(communes) > 1:
        raise SeveralCommunesError(communes)
    return communes[0] if communes else None
