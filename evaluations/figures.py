"""The figures of sessions on a référentiel: success by bloc, criteria, agreement between markers, severity.

Small groups are not told.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from candidates.models import Appointment, Assignment, Organisation, Session
from evaluations import statistics
from evaluations.models import CompetenceVerdict, Decision, Score, ScoringSheet
from evaluations.scoring import Outcome, Parameters, competence_result
from evaluations.statistics import LEAST_DISCRIMINATION, SMALLEST
from referentiel.models import Bloc, Competence, Criterion, Referentiel

# Units of the chart from one bloc to the next.
ROW = 24


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
class CompetenceFigures:
    """`rate`: percents of the people who acquired it, by their joint sheet; `mean`: of the points of its criteria."""

    competence: Competence
    people: int
    rate: int | None
    mean: int | None
    criteria: list[CriterionFigures]


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
    competences: list[tuple[Bloc, list[CompetenceFigures]]]
    agreement: Agreement
    severity: list[Severity]

    @property
    def rows(self) -> Iterable[tuple[Bloc, CompetenceFigures, CriterionFigures]]:
        """Each criterion with its competence and its bloc."""
        for bloc, competences in self.competences:
            for competence in competences:
                for criterion in competence.criteria:
                    yield bloc, competence, criterion

    @property
    def has_rates(self) -> bool:
        return any(one.rate is not None for one in self.blocs)

    @property
    def chart_height(self) -> int:
        return ROW * len(self.blocs)

    @property
    def bars(self) -> list[dict[str, Any]]:
        """Where each bloc's bar, its interval and its words are drawn, in units of the chart."""
        return [_bar(rank, one) for rank, one in enumerate(self.blocs)]


def _bar(rank: int, one: BlocFigures) -> dict[str, Any]:
    top = rank * ROW + 4
    place: dict[str, Any] = {
        "number": one.bloc.number,
        "rate": one.rate,
        "y": top,
        "middle": top + 8,
        "text_y": top + 13,
    }
    if one.rate is not None and one.interval:
        place |= {"width": 5 * one.rate, "low": 64 + 5 * one.interval[0], "high": 64 + 5 * one.interval[1]}
    return place


def read_figures(referentiel: Referentiel, sessions: Collection[Session]) -> Figures:
    """Read sessions on a référentiel, in seven queries at most, whatever their size."""
    scores = list(
        Score.objects.filter(
            sheet__interview__enrolment_bloc__enrolment__session__in=sessions,
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
    scale = sorted({level.points for level in referentiel.scale_levels.all() if level.points is not None})
    verdicts = dict(_verdicts(sessions))
    criteria = list(
        Criterion.objects.filter(competence__activity__bloc__referentiel=referentiel)
        .select_related("competence__activity__bloc")
        .order_by(
            "competence__activity__bloc__number", "competence__activity__position", "competence__position", "position"
        )
    )
    joint = [one for one in scores if one[2] is None]
    own = [one for one in scores if one[2] is not None]
    names = dict(_names(sessions))
    return Figures(
        blocs=_blocs(referentiel.blocs.all(), Decision.objects.filter(enrolment_bloc__enrolment__session__in=sessions)),
        competences=_competences(criteria, joint, verdicts, _parameters(referentiel)),
        agreement=_agreement(own, scale),
        severity=_severity(own, names),
    )


def _names(sessions: Collection[Session]) -> Iterable[tuple[int, tuple[int, str]]]:
    """Yield each appointment that has an interview, with the account behind it: one person in several sessions is one."""
    assignments = Assignment.objects.filter(interview__enrolment_bloc__enrolment__session__in=sessions)
    for one in Appointment.objects.filter(pk__in=assignments.values("appointment")).select_related("user"):
        yield one.pk, (one.user_id, str(one.user))


def _blocs(blocs: Iterable[Bloc], decisions: QuerySet[Decision]) -> list[BlocFigures]:
    decisions = decisions.filter(superseded_by=None)
    outcomes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for bloc, outcome in decisions.values_list("enrolment_bloc__bloc", "outcome"):
        outcomes[bloc][outcome] += 1
    found = []
    for bloc in blocs:
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


def _verdicts(sessions: Collection[Session]) -> Iterable[tuple[tuple[int, int], str]]:
    """Yield what the evaluators said of a competence in place of the rule: (interview, competence), outcome."""
    rows = CompetenceVerdict.objects.filter(
        sheet__interview__enrolment_bloc__enrolment__session__in=sessions,
        sheet__assignment=None,
        sheet__state=ScoringSheet.State.SIGNED,
    )
    for interview, competence, outcome in rows.values_list("sheet__interview", "competence", "outcome"):
        yield (interview, competence), outcome


def _parameters(referentiel: Referentiel) -> Parameters | None:
    points = [level.points for level in referentiel.scale_levels.all()]
    return Parameters.from_referentiel(referentiel.rule, referentiel.rule_parameters, points) if any(points) else None


def _competences(
    criteria: list[Criterion],
    joint: list[tuple[Any, ...]],
    verdicts: Mapping[tuple[int, int], str],
    parameters: Parameters | None,
) -> list[tuple[Bloc, list[CompetenceFigures]]]:
    points: defaultdict[int, defaultdict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for interview, bloc, _, criterion, value in joint:
        points[bloc][interview][criterion] = value
    groups: dict[int, tuple[Bloc, list[CompetenceFigures]]] = {}
    for _, grouped in groupby(criteria, key=lambda one: one.competence_id):
        own = list(grouped)
        competence = own[0].competence
        bloc = competence.activity.bloc
        found = _competence(competence, own, points[bloc.pk], verdicts, parameters)
        groups.setdefault(bloc.pk, (bloc, []))[1].append(found)
    return list(groups.values())


def _competence(
    competence: Competence,
    criteria: list[Criterion],
    points: Mapping[int, Mapping[int, int]],
    verdicts: Mapping[tuple[int, int], str],
    parameters: Parameters | None,
) -> CompetenceFigures:
    """`points`: of each interview of the bloc, by criterion."""
    most = parameters.full_points if parameters else 0
    rows = []
    for criterion in criteria:
        values = [of_one[criterion.pk] for of_one in points.values() if criterion.pk in of_one]
        told = len(values) >= SMALLEST and most > 0
        rows.append(
            CriterionFigures(
                criterion=criterion,
                people=len(values),
                mean=round(100 * sum(values) / (most * len(values))) if told else None,
                discrimination=statistics.item_rest(points, criterion.pk) if told else None,
            )
        )
    acquired, given = 0, []
    for interview, of_one in points.items():
        levels = [of_one.get(criterion.pk) for criterion in criteria]
        given += [value for value in levels if value is not None]
        if parameters:
            outcome = verdicts.get((interview, competence.pk)) or competence_result(levels, parameters).outcome
            acquired += outcome == Outcome.ACQUIRED
    told = len(points) >= SMALLEST and most > 0
    return CompetenceFigures(
        competence=competence,
        people=len(points),
        rate=round(100 * acquired / len(points)) if told else None,
        mean=round(100 * sum(given) / (most * len(given))) if told and given else None,
        criteria=rows,
    )


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


def _severity(own: list[tuple[Any, ...]], names: dict[int, tuple[int, str]]) -> list[Severity]:
    differences: defaultdict[tuple[int, str], list[float]] = defaultdict(list)
    for of_interview in _pairs(own).values():
        mine: defaultdict[int, list[int]] = defaultdict(list)
        for one, other, points, others in of_interview:
            mine[one].append(points - others)
            mine[other].append(others - points)
        for person, values in mine.items():
            account = names.get(person, (0, "?"))
            differences[account].append(sum(values) / len(values))
    found = []
    for (_, name), values in differences.items():
        told = len(values) >= SMALLEST
        mean, low, high = statistics.mean_interval(values) if told else (0.0, 0.0, 0.0)
        found.append(Severity(name, len(values), mean if told else None, (low, high) if told else None))
    return sorted(found, key=lambda one: one.name)


@dataclass(frozen=True)
class CentreFigures:
    """A bloc for those whom a training centre prepared: their rate, and that of the whole session.

    None for a small group. The session's is not told either where it would give away the few who are not the centre's.
    """

    bloc: Bloc
    decided: int
    rate: int | None
    whole_rate: int | None


def centre_figures(session: Session, centre: Organisation) -> list[CentreFigures]:
    """Return a centre's figures by bloc. Three queries."""
    every = Decision.objects.filter(enrolment_bloc__enrolment__session=session)
    blocs = list(session.referentiel.blocs.all())
    whole = _blocs(blocs, every)
    theirs = _blocs(blocs, every.filter(enrolment_bloc__enrolment__training_centre=centre))
    found = []
    for own, all_of_them in zip(theirs, whole, strict=True):
        others = all_of_them.decided - own.decided
        gives_away = 0 < others < SMALLEST
        found.append(CentreFigures(own.bloc, own.decided, own.rate, None if gives_away else all_of_them.rate))
    return found
