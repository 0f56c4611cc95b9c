"""How far evaluators agree, and how severe each is."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from evaluations.figures import statistics
from evaluations.figures.statistics import SMALLEST


@dataclass(frozen=True)
class Agreement:
    """Between the two own sheets of an interview, before they agreed; None for few interviews."""

    interviews: int
    exact: int | None
    kappa: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Severity:
    """Points that an evaluator gives more (or less) than colleagues on the same criteria, per criterion, on average."""

    name: str
    interviews: int
    mean: float | None
    interval: tuple[float, float] | None


def _pairs(own: list[tuple[Any, ...]]) -> dict[int, list[tuple[int, int, int, int]]]:
    """Return, by interview, (first, second, points of each) for each criterion that both addressed."""
    marks: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for interview, _, appointment, criterion, value in own:
        marks[interview, criterion][appointment] = value
    pairs: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for (interview, _), by_person in marks.items():
        people = sorted(by_person)
        for rank, first in enumerate(people):
            for second in people[rank + 1 :]:
                pairs[interview].append((first, second, by_person[first], by_person[second]))
    return pairs


def agreement_figures(own: list[tuple[Any, ...]], scale: list[int]) -> Agreement:
    rank = {points: n for n, points in enumerate(scale)}
    tables, exact, total = [], 0, 0
    pairs = _pairs(own)
    for of_interview in pairs.values():
        table = [[0] * len(scale) for _ in scale]
        for _, _, first, second in of_interview:
            table[rank[first]][rank[second]] += 1
            exact += first == second
            total += 1
        tables.append(table)
    if len(tables) < SMALLEST:
        return Agreement(len(tables), None, None, None)
    return Agreement(
        interviews=len(tables),
        exact=round(100 * exact / total),
        kappa=statistics.kappa(statistics.added(tables)),
        interval=statistics.kappa_interval(tables),
    )


def severity_figures(own: list[tuple[Any, ...]], names: dict[int, tuple[int, str]]) -> list[Severity]:
    differences: defaultdict[tuple[int, str], list[float]] = defaultdict(list)
    for of_interview in _pairs(own).values():
        mine: defaultdict[int, list[int]] = defaultdict(list)
        for first, second, points, others in of_interview:
            mine[first].append(points - others)
            mine[second].append(others - points)
        for person, values in mine.items():
            account = names.get(person, (0, "?"))
            differences[account].append(sum(values) / len(values))
    severities = []
    for (_, name), means in differences.items():
        is_shown = len(means) >= SMALLEST
        mean, low, high = statistics.mean_interval(means) if is_shown else (0.0, 0.0, 0.0)
        severities.append(Severity(name, len(means), mean if is_shown else None, (low, high) if is_shown else None))
    return sorted(severities, key=lambda severity: severity.name)
