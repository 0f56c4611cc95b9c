"""The figures of sessions on a référentiel: success by bloc, criteria, agreement between markers, severity.

Small groups are not told.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet

from candidates.models import Appointment, Assignment, Session
from evaluations.figures import statistics
from evaluations.figures.agreement_queries import Agreement, Severity, agreement_figures, severity_figures
from evaluations.figures.statistics import LEAST_DISCRIMINATION, SMALLEST
from evaluations.models import CompetenceVerdict, Decision, Score, ScoringSheet
from evaluations.scoring.rules import Outcome, Parameters, competence_result
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

    @property
    def has_any(self) -> bool:
        """Whether some group is large enough to be shown."""
        return self.rate is not None or any(criterion.mean is not None for criterion in self.criteria)


class CompetencesOfBloc(NamedTuple):
    bloc: Bloc
    competences: list[CompetenceFigures]

    @property
    def has_any(self) -> bool:
        return any(competence.has_any for competence in self.competences)


@dataclass(frozen=True)
class Figures:
    blocs: list[BlocFigures]
    competences: list[CompetencesOfBloc]
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
    def has_criteria(self) -> bool:
        return any(of_bloc.has_any for of_bloc in self.competences)

    @property
    def has_rates(self) -> bool:
        return any(figures.rate is not None for figures in self.blocs)

    @property
    def chart_height(self) -> int:
        return ROW * len(self.blocs)

    @property
    def bars(self) -> list[dict[str, Any]]:
        """Where each bloc's bar, its interval and its words are drawn, in units of the chart."""
        return [_bar(rank, figures) for rank, figures in enumerate(self.blocs)]


def _bar(rank: int, figures: BlocFigures) -> dict[str, Any]:
    top = rank * ROW + 4
    place: dict[str, Any] = {
        "number": figures.bloc.number,
        "rate": figures.rate,
        "y": top,
        "middle": top + 8,
        "text_y": top + 13,
    }
    if figures.rate is not None and figures.interval:
        place |= {"width": 5 * figures.rate, "low": 64 + 5 * figures.interval[0], "high": 64 + 5 * figures.interval[1]}
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
    joint = [row for row in scores if row[2] is None]
    own = [row for row in scores if row[2] is not None]
    names = dict(_names(sessions))
    return Figures(
        blocs=bloc_figures(
            referentiel.blocs.all(), Decision.objects.filter(enrolment_bloc__enrolment__session__in=sessions)
        ),
        competences=_competences(criteria, joint, verdicts, _parameters(referentiel)),
        agreement=agreement_figures(own, scale),
        severity=severity_figures(own, names),
    )


def _names(sessions: Collection[Session]) -> Iterable[tuple[int, tuple[int, str]]]:
    """Yield each appointment that has an interview, with the account behind it: one person in several sessions is one."""
    assignments = Assignment.objects.filter(interview__enrolment_bloc__enrolment__session__in=sessions)
    for appointment in Appointment.objects.filter(pk__in=assignments.values("appointment")).select_related("user"):
        yield appointment.pk, (appointment.user_id, str(appointment.user))


def bloc_figures(blocs: Iterable[Bloc], decisions: QuerySet[Decision]) -> list[BlocFigures]:
    decisions = decisions.filter(superseded_by=None)
    outcomes: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for bloc_pk, outcome in decisions.values_list("enrolment_bloc__bloc", "outcome"):
        outcomes[bloc_pk][outcome] += 1
    figures = []
    for bloc in blocs:
        acquired = outcomes[bloc.pk][Decision.Outcome.ACQUIRED]
        decided = acquired + outcomes[bloc.pk][Decision.Outcome.NOT_ACQUIRED]
        is_shown = decided >= SMALLEST
        low, high = statistics.wilson(acquired, decided) if is_shown else (0, 0)
        figures.append(
            BlocFigures(
                bloc=bloc,
                decided=decided,
                acquired=acquired,
                rate=round(100 * acquired / decided) if is_shown else None,
                interval=(round(100 * low), round(100 * high)) if is_shown else None,
            )
        )
    return figures


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
) -> list[CompetencesOfBloc]:
    points: defaultdict[int, defaultdict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for interview, bloc, _, criterion, value in joint:
        points[bloc][interview][criterion] = value
    figures: defaultdict[Bloc, list[CompetenceFigures]] = defaultdict(list)
    for competence, own_criteria in groupby(criteria, key=lambda criterion: criterion.competence):
        bloc = competence.activity.bloc
        figures[bloc].append(_competence(competence, list(own_criteria), points[bloc.pk], verdicts, parameters))
    return [CompetencesOfBloc(*of_bloc) for of_bloc in figures.items()]


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
        values = [of_interview[criterion.pk] for of_interview in points.values() if criterion.pk in of_interview]
        is_shown = len(values) >= SMALLEST and most > 0
        rows.append(
            CriterionFigures(
                criterion=criterion,
                people=len(values),
                mean=round(100 * sum(values) / (most * len(values))) if is_shown else None,
                discrimination=statistics.item_rest(points, criterion.pk) if is_shown else None,
            )
        )
    acquired, addressed = 0, []
    for interview, of_interview in points.items():
        levels = [of_interview.get(criterion.pk) for criterion in criteria]
        addressed += [value for value in levels if value is not None]
        if parameters:
            outcome = verdicts.get((interview, competence.pk)) or competence_result(levels, parameters).outcome
            acquired += outcome == Outcome.ACQUIRED
    is_shown = len(points) >= SMALLEST and most > 0
    return CompetenceFigures(
        competence=competence,
        people=len(points),
        rate=round(100 * acquired / len(points)) if is_shown else None,
        mean=round(100 * sum(addressed) / (most * len(addressed))) if is_shown and addressed else None,
        criteria=rows,
    )
