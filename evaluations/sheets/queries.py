"""A sheet as read by people: its criteria in order, with what was scored and what the rule says of it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, Self

from django.db.models import Exists, F, OuterRef

from evaluations.models import CompetenceVerdict, Divergence, Score, ScoringSheet
from evaluations.scoring import rules as scoring
from evaluations.scoring.labels import COMPETENCE_OUTCOMES
from referentiel.models import Activity, Bloc, Competence, Criterion, ScaleLevel

type Proposal = Literal["acquired", "not_acquired", "undetermined", "divergent"]

# Criteria as they are read: activity by activity, competence by competence.
READING_ORDER = (
    "competence__activity__position",
    "competence__activity_id",
    "competence__position",
    "competence_id",
    "position",
    "pk",
)


@dataclass
class CriterionLine:
    criterion: Criterion
    level: ScaleLevel | None
    note: str
    seq: int
    divergences: list[Divergence] = field(default_factory=list)

    @property
    def needs_note(self) -> bool:
        """A level that asks for a note has none."""
        return self.level is not None and self.level.needs_note and not self.note.strip()


@dataclass
class CompetenceLine:
    competence: Competence
    criteria: list[CriterionLine]
    result: scoring.CompetenceResult
    verdict: CompetenceVerdict | None

    @property
    def outcome(self) -> scoring.Outcome:
        """The evaluators' verdict where they overruled, else what the rule says."""
        return scoring.Outcome(self.verdict.outcome) if self.verdict else self.result.outcome

    @property
    def outcome_label(self) -> str:
        return COMPETENCE_OUTCOMES[self.outcome]


@dataclass
class ActivityLine:
    activity: Activity
    minutes: int
    competences: list[CompetenceLine]


@dataclass
class SheetView:
    sheet: ScoringSheet
    bloc: Bloc
    scale: list[ScaleLevel]
    activities: list[ActivityLine]
    result: scoring.BlocResult

    @property
    def criteria(self) -> Iterator[CriterionLine]:
        return (line for a in self.activities for c in a.competences for line in c.criteria)

    @property
    def competences(self) -> Iterator[CompetenceLine]:
        return (c for a in self.activities for c in a.competences)

    @property
    def total(self) -> int:
        return sum(1 for _ in self.criteria)

    @property
    def scored(self) -> int:
        return sum(1 for line in self.criteria if line.level is not None)

    @property
    def divergent(self) -> bool:
        return any(line.divergences for line in self.criteria)


def sheet_view(sheet: ScoringSheet) -> SheetView:
    """Return one sheet as read by people. `sheet` is best loaded `with_context()`. Five queries."""
    return sheet_views([sheet])[sheet.pk]


def sheet_views(sheets: Iterable[ScoringSheet]) -> dict[int, SheetView]:
    """Return the views of sheets by their pk, in five queries whatever their number. Load them `with_context()`."""
    sheets = list(sheets)
    blocs = {sheet.pk: sheet.interview.enrolment_bloc.bloc for sheet in sheets}
    here = {bloc.pk for bloc in blocs.values()}
    levels = list(
        ScaleLevel.objects.filter(referentiel__in={bloc.referentiel_id for bloc in blocs.values()}).order_by("value")
    )
    criteria = list(
        Criterion.objects.filter(competence__activity__bloc__in=here)
        .select_related("competence__activity")
        .order_by(*READING_ORDER)
    )
    scores = Score.objects.filter(sheet__in=sheets).values_list("sheet", "criterion", "level", "note", "seq")
    verdicts = CompetenceVerdict.objects.filter(sheet__in=sheets).exclude(outcome="")
    # The positions of those who evaluate: what a replaced evaluator gave stays in the revisions.
    divergences = (
        Divergence.objects.filter(sheet__in=sheets, assignment__state="active")
        .select_related("assignment__appointment__user")
        .order_by("assignment_id", "pk")
    )
    by_pk = {level.pk: level for level in levels}
    scored = {(sheet, criterion): (level, note, seq) for sheet, criterion, level, note, seq in scores}
    overruled = {(verdict.sheet_id, verdict.competence_id): verdict for verdict in verdicts}
    apart: dict[tuple[int, int], list[Divergence]] = defaultdict(list)
    for divergence in divergences:
        divergence.level = by_pk[divergence.level_id]
        apart[divergence.sheet_id, divergence.criterion_id].append(divergence)

    def view(sheet: ScoringSheet) -> SheetView:
        lines = []
        for criterion in criteria:
            if score := scored.get((sheet.pk, criterion.pk)):
                level, note, seq = score
                lines.append(CriterionLine(criterion, by_pk.get(level), note, seq, apart[sheet.pk, criterion.pk]))
        bloc = blocs[sheet.pk]
        scale = [level for level in levels if level.referentiel_id == bloc.referentiel_id]
        return _view(
            sheet, bloc, scale, lines, {pk: verdict for (of, pk), verdict in overruled.items() if of == sheet.pk}
        )

    return {sheet.pk: view(sheet) for sheet in sheets}


def _view(
    sheet: ScoringSheet,
    bloc: Bloc,
    scale: list[ScaleLevel],
    lines: list[CriterionLine],
    verdicts: dict[int, CompetenceVerdict],
) -> SheetView:
    referentiel = bloc.referentiel
    parameters = scoring.Parameters.from_referentiel(
        referentiel.rule, referentiel.rule_parameters, [level.points for level in scale]
    )
    activities, outcomes, levels = [], [], []
    for activity, of_activity in groupby(lines, key=lambda line: line.criterion.competence.activity):
        competences = []
        for competence, of_competence in groupby(of_activity, key=lambda line: line.criterion.competence):
            criteria = list(of_competence)
            # On a divergence there is no level to count: the jury decides.
            points = [line.level.points if line.level and not line.divergences else None for line in criteria]
            result = scoring.competence_result(points, parameters)
            verdict = verdicts.get(competence.pk)
            competences.append(CompetenceLine(competence, criteria, result, verdict))
            levels.append(points)
            outcomes.append(scoring.Outcome(verdict.outcome) if verdict else None)
        activities.append(ActivityLine(activity, 0, competences))
    minutes = scoring.share_minutes(
        [sum(len(c.criteria) for c in line.competences) for line in activities], bloc.interview_minutes
    )
    for shared, share in zip(activities, minutes, strict=True):
        shared.minutes = share
    return SheetView(sheet, bloc, scale, activities, scoring.bloc_result(levels, parameters, outcomes))


def proposal(view: SheetView) -> Proposal:
    """Return what the evaluators propose to the jury for the bloc."""
    return "divergent" if view.divergent else view.result.outcome.value


def digest(view: SheetView) -> str:
    """Return the SHA-256 of what a person reads on the sheet, in hexadecimal. Signing names it.

    The device computes the same (`static/js/scoring/digest.js`): compact JSON in UTF-8, its keys in this order, its
    lists by pk.
    """
    shown = {
        "sheet": view.sheet.pk,
        "scores": sorted(
            [line.criterion.pk, line.level.value if line.level else None, line.note] for line in view.criteria
        ),
        "verdicts": sorted(
            [line.competence.pk, line.verdict.outcome, line.verdict.comment]
            for line in view.competences
            if line.verdict
        ),
        "divergences": sorted(
            [divergence.criterion_id, divergence.assignment_id, divergence.level.value, divergence.reason]
            for line in view.criteria
            for divergence in line.divergences
        ),
    }
    return hashlib.sha256(json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class SheetSnapshot:
    """What a batch of operations touches of a locked sheet.

    `scores` and `values` (of their levels) by criterion, `levels` (pks) by value, `verdicts` by competence; `states`: of
    the interview and of the person's assignment, None where nothing is touched.
    """

    scores: dict[int, Score] = field(default_factory=dict)
    values: dict[int, int | None] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    verdicts: dict[int, CompetenceVerdict] = field(default_factory=dict)
    has_divergences: bool = False
    states: tuple[str, str] | None = None

    @classmethod
    def read(
        cls, sheet: ScoringSheet, assignment: int, criteria: Collection[int], competences: Collection[int]
    ) -> Self:
        """Read the scores of these criteria with the scale, and the verdicts on these competences: a query each."""
        scores = _read_scores(sheet, assignment, criteria) if criteria else []
        verdicts = _read_verdicts(sheet, assignment, competences) if competences else []
        levels = {score.level_value: score.level_pk for score in scores}
        by_pk = {pk: value for value, pk in levels.items()}
        rows = [*scores, *verdicts]
        return cls(
            scores={score.criterion_id: score for score in scores},
            values={score.criterion_id: by_pk.get(score.level_id) for score in scores},
            levels=levels,
            verdicts={verdict.competence_id: verdict for verdict in verdicts},
            has_divergences=sheet.is_joint and any(score.diverges for score in scores),
            states=(rows[0].interview_state, rows[0].my_state) if rows else None,
        )


# Read with the rows, once the sheet is locked: what was read while waiting for it may be past.
_STATES = {"interview_state": F("sheet__interview__state"), "my_state": F("sheet__interview__assignments__state")}


def _read_scores(sheet: ScoringSheet, assignment: int, criteria: Collection[int]) -> list[Any]:
    """Return a row per criterion and level of the scale. On a joint sheet, `diverges`: there is a divergence."""
    scores = Score.objects.filter(
        sheet=sheet, sheet__interview__assignments=assignment, criterion__in=criteria
    ).annotate(
        level_pk=F("criterion__competence__activity__bloc__referentiel__scale_levels"),
        level_value=F("criterion__competence__activity__bloc__referentiel__scale_levels__value"),
        **_STATES,
    )
    if sheet.is_joint:
        scores = scores.annotate(
            diverges=Exists(Divergence.objects.filter(sheet=sheet, criterion=OuterRef("criterion")))
        )
    return list(scores)


def _read_verdicts(sheet: ScoringSheet, assignment: int, competences: Collection[int]) -> list[Any]:
    verdicts = CompetenceVerdict.objects.filter(
        sheet=sheet, sheet__interview__assignments=assignment, competence__in=competences
    )
    return list(verdicts.annotate(**_STATES))
