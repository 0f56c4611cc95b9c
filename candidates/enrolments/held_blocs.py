"""Blocs that a candidate holds already, from any version: by a decision, or on a proof. They are not sat again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db.models import Q

from candidates.models import HeldBloc
from referentiel.models import Bloc, Referentiel


def earlier(referentiel: Referentiel) -> dict[int, int]:
    """Return the bloc of the référentiel for which each counts: itself, or an earlier one that it continues."""
    continued = Bloc.objects.filter(referentiel__branch=referentiel.branch_id, continues__isnull=False).order_by("pk")
    before = dict(continued.values_list("pk", "continues"))
    counts: dict[int, int] = {}
    for own in Bloc.objects.filter(referentiel=referentiel).values_list("pk", flat=True):
        at: int | None = own
        while at is not None and at not in counts:
            counts[at] = own
            at = before.get(at)
    return counts


def held_blocs(referentiel: Referentiel, candidates: Iterable[int], *, on: dt.date) -> dict[int, dict[int, HeldBloc]]:
    """Return what the candidates hold on a day, by candidate and bloc of the référentiel. Three queries."""
    held: defaultdict[int, dict[int, HeldBloc]] = defaultdict(dict)
    for bloc, row in list_held_rows(referentiel, candidates, on=on):
        held[row.candidate_id][bloc] = row
    return held


def list_held_rows(
    referentiel: Referentiel, candidates: Iterable[int], *, on: dt.date
) -> Iterator[tuple[int, HeldBloc]]:
    """Return all that the candidates hold on a day, the oldest first, each with the bloc of the référentiel it counts for."""
    counts = earlier(referentiel)
    rows = HeldBloc.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=on), bloc__in=counts, candidate__in=candidates
    )
    for row in rows.order_by("obtained_on", "pk"):
        yield counts[row.bloc_id], row
