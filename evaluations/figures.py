"""The figures of a session: success by bloc, criteria, agreement between markers, severity. Small groups are not told."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from candidates.models import Assignment, Session
from evaluations import statistics
from evaluations.models import Decision, Score, ScoringSheet
from evaluations.statistics import LEAST_DISCRIMINATION, SMALLEST
from referentiel.models import Bloc, Criterion


@dataclass(frozen=True)
class BlocFigures:
    """Of those whom the jury decided on: `rate` and its interval in whole percents, None for a small group."""

    bloc: Bloc
    decided: int
    acquired: int
    rate: int | None
    interval: tuple[int, int] | None


@dataclass(frozen=True)
class CriterionFigures:
    """`mean`: percents of the points. `discrimination`: with the rest of the bloc, -1 to 1; None: not defined, or few."""

    criterion: Criterion
    people: int
    mean: int | None
    discrimination: float | None

    @property
    def is_doubtful(self) -> bool:
        return self.mean is not None and (self.discrimination is None or self.discrimination < LEAST_DISCRIMINATION)


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


@dataclass(frozen=True)
class Figures:
    blocs: list[BlocFigures]
    criteria: list[tuple[Bloc, list[CriterionFigures]]]
    agreement: Agreement
    severity: list[Severity]

    @property
    def has_rates(self) -> bool:
        return any(one.rate is not None for one in self.blocs)


def read_figures(session: Session) -> Figures:
    """Read a session, in six queries at most, whatever its size."""
    scores = list(
        Score.objects.filter(
            sheet__interview__enrolment_bloc__enrolment__session=session,
            sheet__state=ScoringSheet.State.SIGNED,
            level__points__isnull=False,
        ).values_list(
            "sheet__interview",
            "sheet__interview__enrolment_bloc__bloc",
            "sheet__assignment__appointment",
            "criterion",
            "level__points",
        )
    )
    scale = sorted({level.points for level in session.referentiel.scale_levels.all() if level.points is not None})
    criteria = list(
        Criterion.objects.filter(competence__activity__bloc__referentiel=session.referentiel_id)
        .select_related("competence__activity__bloc")
        .order_by(
            "competence__activity__bloc__number", "competence__activity__position", "competence__position", "position"
        )
    )
    joint = [one for one in scores if one[2] is None]
    own = [one for one in scores if one[2] is not None]
    names = dict(_names(session))
    return Figures(
        blocs=_blocs(session),
        criteria=_criteria(criteria, joint, scale[-1] if scale else 0),
        agreement=_agreement(own, scale),
        severity=_severity(own, names),
    )


def _names(session: Session) -> Iterable[tuple[int, str]]:
    assignments = Assignment.objects.filter(interview__enrolment_bloc__enrolment__session=session)
    for one in session.appointments.filter(pk__in=assignments.values("appointment")).select_related("user"):
        yield one.pk, str(one.user)


def _blocs(session: Session) -> list[BlocFigures]:
    decisions = Decision.objects.filter(enrolment_bloc__enrolment__session=session, superseded_by=None)
    outcomes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for bloc, outcome in decisions.values_list("enrolment_bloc__bloc", "outcome"):
        outcomes[bloc][outcome] += 1
    found = []
    for bloc in session.referentiel.blocs.all():
        acquired = outcomes[bloc.pk][Decision.Outcome.ACQUIRED]
        decided = acquired + outcomes[bloc.pk][Decision.Outcome.NOT_ACQUIRED]
        told = decided >= SMALLEST
        low, high = statistics.wilson(acquired, decided) if told else (0, 0)
        found.append(
            BlocFigures(
                bloc=bloc,
                decided=decided,
                acquired=acquired,
                rate=round(100 * acquired / decided) if told else None,
                interval=(round(100 * low), round(100 * high)) if told else None,
            )
        )
    return found


def _criteria(
    criteria: list[Criterion], joint: list[tuple[Any, ...]], most: int
) -> list[tuple[Bloc, list[CriterionFigures]]]:
    points: defaultdict[int, defaultdict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    by_criterion: defaultdict[int, list[int]] = defaultdict(list)
    for interview, bloc, _, criterion, value in joint:
        points[bloc][interview][criterion] = value
        by_criterion[criterion].append(value)
    groups: dict[int, tuple[Bloc, list[CriterionFigures]]] = {}
    for criterion in criteria:
        bloc = criterion.competence.activity.bloc
        values = by_criterion[criterion.pk]
        told = len(values) >= SMALLEST and most > 0
        row = CriterionFigures(
            criterion=criterion,
            people=len(values),
            mean=round(100 * sum(values) / (most * len(values))) if told else None,
            discrimination=statistics.item_rest(points[bloc.pk], criterion.pk) if told else None,
        )
        groups.setdefault(bloc.pk, (bloc, []))[1].append(row)
    return list(groups.values())


def _pairs(own: list[tuple[Any, ...]]) -> dict[int, list[tuple[int, int, int, int]]]:
    """Return, by interview, (one, other, points of one, points of the other) for each criterion that both addressed."""
    marks: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for interview, _, appointment, criterion, value in own:
        marks[interview, criterion][appointment] = value
    pairs: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for (interview, _), by_person in marks.items():
        people = sorted(by_person)
        for rank, one in enumerate(people):
            for other in people[rank + 1 :]:
                pairs[interview].append((one, other, by_person[one], by_person[other]))
    return pairs


def _agreement(own: list[tuple[Any, ...]], scale: list[int]) -> Agreement:
    rank = {points: n for n, points in enumerate(scale)}
    tables, exact, total = [], 0, 0
    pairs = _pairs(own)
    for of_interview in pairs.values():
        table = [[0] * len(scale) for _ in scale]
        for _, _, one, other in of_interview:
            table[rank[one]][rank[other]] += 1
            exact += one == other
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


def _severity(own: list[tuple[Any, ...]], names: dict[int, str]) -> list[Severity]:
    differences: defaultdict[int, list[float]] = defaultdict(list)
    for of_interview in _pairs(own).values():
        mine: defaultdict[int, list[int]] = defaultdict(list)
        for one, other, points, others in of_interview:
            mine[one].append(points - others)
            mine[other].append(others - points)
        for person, values in mine.items():
            differences[person].append(sum(values) / len(values))
    found = []
    for person, values in differences.items():
        told = len(values) >= SMALLEST
        mean, low, high = statistics.mean_interval(values) if told else (0.0, 0.0, 0.0)
        found.append(
            Severity(names.get(person, "?"), len(values), mean if told else None, (low, high) if told else None)
        )
    return sorted(found, key=lambda one: one.name)
