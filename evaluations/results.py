"""A sheet as read by people: its criteria in order, with what was scored and what the rule says of it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from cqp.together import read_together
from evaluations import scoring
from evaluations.models import CompetenceVerdict, Divergence, Score, ScoringSheet
from referentiel.models import Activity, Bloc, Competence, Criterion, ScaleLevel

type Proposal = Literal["acquired", "not_acquired", "undetermined", "divergent"]


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
    """Return one sheet as read by people. `sheet` is best loaded `with_context()`. One query."""
    return sheet_views([sheet])[sheet.pk]


def sheet_views(sheets: Iterable[ScoringSheet]) -> dict[int, SheetView]:
    """Return the views of sheets by their pk, in one query whatever their number. Load them `with_context()`."""
    sheets = list(sheets)
    blocs = {sheet.pk: sheet.interview.enrolment_bloc.bloc for sheet in sheets}
    here = {bloc.pk for bloc in blocs.values()}
    levels, activities, competences, criteria, scores, verdicts, divergences = read_together(
        ScaleLevel.objects.filter(referentiel__in={bloc.referentiel_id for bloc in blocs.values()}).order_by("value"),
        Activity.objects.filter(bloc__in=here).order_by("position", "pk"),
        Competence.objects.filter(activity__bloc__in=here).order_by("position", "pk"),
        Criterion.objects.filter(competence__activity__bloc__in=here).order_by("position", "pk"),
        Score.objects.filter(sheet__in=sheets).values_list("sheet", "criterion", "level", "note", "seq"),
        CompetenceVerdict.objects.filter(sheet__in=sheets).exclude(outcome=""),
        # The positions of those who evaluate: what a replaced evaluator gave stays in the revisions.
        Divergence.objects.filter(sheet__in=sheets, assignment__state="active")
        .select_related("assignment__appointment__user")
        .order_by("assignment_id", "pk"),
    )
    by_pk = {level.pk: level for level in levels}
    content = _in_order(activities, competences, criteria)
    scored = {(sheet, criterion): score for sheet, criterion, *score in scores}
    overruled = {(verdict.sheet_id, verdict.competence_id): verdict for verdict in verdicts}
    apart: dict[tuple[int, int], list[Divergence]] = defaultdict(list)
    for divergence in divergences:
        divergence.level = by_pk[divergence.level_id]
        apart[divergence.sheet_id, divergence.criterion_id].append(divergence)

    def view(sheet: ScoringSheet) -> SheetView:
        lines = []
        for criterion in content:
            if score := scored.get((sheet.pk, criterion.pk)):
                level, note, seq = score
                lines.append(CriterionLine(criterion, by_pk.get(level), note, seq, apart[sheet.pk, criterion.pk]))
        bloc = blocs[sheet.pk]
        scale = [level for level in levels if level.referentiel_id == bloc.referentiel_id]
        return _view(sheet, bloc, scale, lines, {pk: one for (of, pk), one in overruled.items() if of == sheet.pk})

    return {sheet.pk: view(sheet) for sheet in sheets}


def _in_order(activities: list[Activity], competences: list[Competence], criteria: list[Criterion]) -> list[Criterion]:
    """Return the criteria as they are read, each with its competence and its activity. The lists are by position."""
    competences_of, criteria_of = defaultdict(list), defaultdict(list)
    for competence in competences:
        competences_of[competence.activity_id].append(competence)
    for criterion in criteria:
        criteria_of[criterion.competence_id].append(criterion)
    found = []
    for activity in activities:
        for competence in competences_of[activity.pk]:
            competence.activity = activity
            for criterion in criteria_of[competence.pk]:
                criterion.competence = competence
                found.append(criterion)
    return found


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

    The device computes the same (`static/js/digest.js`): compact JSON in UTF-8, its keys in this order, its lists by pk.
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
            [one.criterion_id, one.assignment_id, one.level.value, one.reason]
            for line in view.criteria
            for one in line.divergences
        ),
    }
    return hashlib.sha256(json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
