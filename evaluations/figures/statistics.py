"""What sheets say together: rates, agreement between markers, criteria that do not tell people apart. Pure functions.

Sources: Wilson's interval for a proportion (1927); Cohen's weighted kappa with quadratic weights (1968); percentiles of a
bootstrap over interviews (Efron, 1979), with a seed of its own so that a figure is the same each time it is read.
"""

import math
import random
from collections.abc import Mapping, Sequence

Z = 1.96  # 95 %
# A group of fewer people is not told: its figures would be theirs.
SMALLEST = 5
RESAMPLES = 400
SEED = 1968
# Below, a criterion goes its own way: those who do well elsewhere do not do better on it.
LEAST_DISCRIMINATION = 0.2

type Table = Sequence[Sequence[int]]


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the interval of a proportion, between 0 and 1. Raises ValueError when n is 0."""
    if n == 0:
        raise ValueError("Nobody, no proportion.")
    share = successes / n
    middle = share + Z * Z / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    below = 1 + Z * Z / n
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)


def kappa(table: Table) -> float | None:
    """Return the quadratic weighted kappa of a table of pairs (rows: one marker's levels, columns: the other's).

    None when it is not defined: no pair, one level only, or all pairs in one cell.
    """
    size = len(table)
    total = sum(map(sum, table))
    if size < 2 or not total:
        return None
    rows = [sum(row) for row in table]
    columns = [sum(row[column] for row in table) for column in range(size)]
    observed = expected = 0.0
    for row in range(size):
        for column in range(size):
            weight = (row - column) ** 2
            observed += weight * table[row][column]
            expected += weight * rows[row] * columns[column] / total
    return None if expected == 0 else 1 - observed / expected


def kappa_interval(tables: Sequence[Table]) -> tuple[float, float] | None:
    """Return the interval of the kappa of interviews together, each with its table; None where it is not defined."""
    chance = random.Random(SEED)
    values = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(tables, k=len(tables)) if tables else []
        value = kappa(added(drawn))
        if value is not None:
            values.append(value)
    if len(values) < RESAMPLES // 2:
        return None
    values.sort()
    return values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))]


def added(tables: Sequence[Table]) -> list[list[int]]:
    """Return the sum of tables of one size, cell by cell."""
    if not tables:
        return []
    size = len(tables[0])
    return [[sum(table[row][column] for table in tables) for column in range(size)] for row in range(size)]


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation; None when one side never varies."""
    n = len(pairs)
    if n < 2:
        return None
    mean_x, mean_y = (sum(side) / n for side in zip(*pairs, strict=True))
    spread_x = sum((x - mean_x) ** 2 for x, _ in pairs)
    spread_y = sum((y - mean_y) ** 2 for _, y in pairs)
    if spread_x == 0 or spread_y == 0:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / math.sqrt(spread_x * spread_y)


def item_rest(points: Mapping[int, Mapping[int, int]], criterion: int) -> float | None:
    """Return how a criterion goes with the rest of its bloc: points by person, then by criterion.

    The rest is each person's mean on the other criteria, so that one not addressed counts for nothing.
    """
    pairs = []
    for of_person in points.values():
        others = [value for key, value in of_person.items() if key != criterion]
        if criterion in of_person and others:
            pairs.append((float(of_person[criterion]), sum(others) / len(others)))
    return correlation(pairs)


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (mean, low, high) of independent values. Raises ValueError for fewer than two."""
    n = len(values)
    if n < 2:
        raise ValueError("Two values at least.")
    mean = sum(values) / n
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1))
    half = Z * spread / math.sqrt(n)
    return mean, mean - half, mean + half
