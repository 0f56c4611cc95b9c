"""Scoring: from the levels of a sheet to the outcome proposed for a competence and for a bloc.

Pure functions of whole numbers. A share meets its threshold by multiplication, so no rounding decides an outcome.
Source of the rules: référentiel, default rule, to be approved by the CPNEFP.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate
from typing import Self

# Points of the level chosen for one criterion. None: *non abordé*, or not scored yet. Both leave the total.
type Level = int | None


class Outcome(StrEnum):
    ACQUIRED = "acquired"
    NOT_ACQUIRED = "not_acquired"
    UNDETERMINED = "undetermined"


class Rule(StrEnum):
    """How a competence, then a bloc, is judged.

    The percent rules judge a competence by its share of the points. They differ on the bloc: COMPETENCE_PERCENT wants
    every competence acquired, BLOC_PERCENT (the default) wants a share of the points of the whole bloc once every
    competence can be judged, BLOC_POINTS that share alone: its competences are judged for information. FIXED_COUNT
    wants a number of criteria at full points in the competence, and a number of competences acquired in the bloc.
    """

    COMPETENCE_PERCENT = "competence_percent"
    BLOC_PERCENT = "bloc_percent"
    BLOC_POINTS = "bloc_points"
    FIXED_COUNT = "fixed_count"


# What `Referentiel.rule_parameters` may hold: the least and the greatest value of each key; None is no upper limit.
_LIMITS: Mapping[str, tuple[int, int | None]] = {
    "competence_percent": (1, 100),
    "minimum_addressed_percent": (0, 100),
    "bloc_percent": (1, 100),
    "required_criteria": (0, None),
    "required_competences": (0, None),
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """The rule of a référentiel with its thresholds.

    full_points: points of the highest level of the scale, at least 1.
    competence_percent, bloc_percent: least share of the possible points, in percent, 1 to 100.
    minimum_addressed_percent: share of the criteria to address before a competence is judged, in percent, 0 to 100;
        before the bloc is, under BLOC_POINTS.
    required_criteria, required_competences: what FIXED_COUNT wants, capped at what there is; 0 wants them all.

    Raises ValueError, in French, on a value that is not a whole number or is out of its limits.
    """

    rule: Rule
    full_points: int
    competence_percent: int = 70
    minimum_addressed_percent: int = 60
    bloc_percent: int = 70
    required_criteria: int = 0
    required_competences: int = 0

    def __post_init__(self) -> None:
        _check_integer("full_points", self.full_points, 1, None)
        for name, (least, greatest) in _LIMITS.items():
            _check_integer(name, getattr(self, name), least, greatest)

    @classmethod
    def from_referentiel(
        cls, rule: str, rule_parameters: Mapping[str, int], scale_points: Iterable[int | None]
    ) -> Self:
        """Read the rule from the data of a référentiel.

        rule: a value of Rule. rule_parameters: thresholds by name; a missing one takes its default.
        scale_points: the points of each level of the scale, in any order; None for *non abordé*.
        Raises ValueError, in French, on an unknown rule or parameter, a bad value, or a scale that gives no points.
        """
        if rule not in Rule:
            raise ValueError(f"La règle {rule!r} est inconnue. Règles admises : {', '.join(Rule)}.")
        if unknown := rule_parameters.keys() - _LIMITS.keys():
            names = ", ".join(sorted(map(str, unknown)))
            raise ValueError(f"Paramètre de règle inconnu : {names}. Paramètres admis : {', '.join(_LIMITS)}.")
        points = [value for value in scale_points if value is not None]
        for value in points:
            _check_integer("points", value, 0, None)
        if max(points, default=0) == 0:
            raise ValueError("Le barème doit avoir au moins un niveau qui donne des points.")
        return cls(Rule(rule), max(points), **rule_parameters)


def _check_integer(name: str, value: object, least: int, greatest: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"Le paramètre {name} doit être un nombre entier, et non {value!r}.")
    if greatest is not None and not least <= value <= greatest:
        raise ValueError(f"Le paramètre {name} doit être compris entre {least} et {greatest}, et non {value}.")
    if value < least:
        raise ValueError(f"Le paramètre {name} doit être au moins égal à {least}, et non {value}.")


@dataclass(frozen=True, slots=True)
class CompetenceResult:
    """points: sum over the addressed criteria. possible: the most they could give. addressed, total: criteria."""

    outcome: Outcome
    points: int
    possible: int
    addressed: int
    total: int


@dataclass(frozen=True, slots=True)
class BlocResult:
    """Sums over the whole bloc, as in CompetenceResult. competences: one result each, in the order given."""

    outcome: Outcome
    points: int
    possible: int
    addressed: int
    total: int
    competences: tuple[CompetenceResult, ...]


def competence_result(levels: Sequence[Level], parameters: Parameters) -> CompetenceResult:
    """Judge one competence from the levels of its criteria, one per criterion, in any order.

    Percent rules: undetermined when too few criteria were addressed, or none; then acquired from the threshold on.
    FIXED_COUNT: acquired with enough criteria at full points; undetermined while those not addressed could do it.
    A competence without criteria is undetermined. Raises ValueError on points outside 0 to `full_points`.
    Source: référentiel, default rule, to be approved by the CPNEFP.
    """
    addressed_points = [points for points in levels if points is not None]
    for value in addressed_points:
        if not 0 <= value <= parameters.full_points:
            raise ValueError(f"{value} point(s) : hors du barème, qui va de 0 à {parameters.full_points}.")
    total, addressed, points = len(levels), len(addressed_points), sum(addressed_points)
    possible = addressed * parameters.full_points
    if parameters.rule == Rule.FIXED_COUNT:
        full = addressed_points.count(parameters.full_points)
        outcome = _outcome_by_count(full, total - addressed, parameters.required_criteria, total)
    elif addressed == 0 or addressed * 100 < parameters.minimum_addressed_percent * total:
        outcome = Outcome.UNDETERMINED
    elif points * 100 >= parameters.competence_percent * possible:
        outcome = Outcome.ACQUIRED
    else:
        outcome = Outcome.NOT_ACQUIRED
    return CompetenceResult(outcome, points, possible, addressed, total)


def bloc_result(
    competences: Sequence[Sequence[Level]], parameters: Parameters, verdicts: Sequence[Outcome | None] = ()
) -> BlocResult:
    """Judge one bloc from the levels of each of its competences.

    verdicts: none at all, or one per competence, None where the evaluators keep the proposal. A verdict, ACQUIRED or
    NOT_ACQUIRED, takes the place of the outcome of its competence before the bloc is judged; the points stay.

    BLOC_PERCENT: undetermined while a competence is; then acquired from the threshold on, over the points of the bloc.
    Where verdicts settle a bloc of which nothing was addressed, every competence must be acquired.
    BLOC_POINTS: undetermined when too few criteria of the bloc were addressed, or none; then acquired from the threshold
    on. Neither a competence nor a verdict changes it, but where nothing was addressed: as BLOC_PERCENT.
    COMPETENCE_PERCENT: undetermined while a competence is; then acquired when all are.
    FIXED_COUNT: acquired with enough competences; undetermined while those undetermined could still make it.
    A bloc without competences is undetermined.

    Raises ValueError on another verdict, on a wrong number of verdicts, on points outside the scale.
    Source: référentiel, default rule, to be approved by the CPNEFP.
    """
    if verdicts and len(verdicts) != len(competences):
        raise ValueError(f"{len(verdicts)} avis pour {len(competences)} compétences : il en faut un par compétence.")
    for verdict in verdicts:
        if verdict not in (None, Outcome.ACQUIRED, Outcome.NOT_ACQUIRED):
            raise ValueError(f"Un avis vaut acquis ou non acquis, et non {verdict!r}.")
    results = tuple(competence_result(levels, parameters) for levels in competences)
    if verdicts:
        results = tuple(
            replace(result, outcome=Outcome(verdict)) if verdict else result
            for result, verdict in zip(results, verdicts, strict=True)
        )
    points = sum(result.points for result in results)
    possible = sum(result.possible for result in results)
    addressed = sum(result.addressed for result in results)
    total = sum(result.total for result in results)
    if parameters.rule == Rule.BLOC_POINTS and addressed:
        outcome = _outcome_by_points(points, possible, addressed, total, parameters)
    else:
        outcome = _bloc_outcome([result.outcome for result in results], points, possible, parameters)
    return BlocResult(outcome, points, possible, addressed, total, results)


def _outcome_by_points(points: int, possible: int, addressed: int, total: int, parameters: Parameters) -> Outcome:
    """Judge a bloc by its share of the points alone; `addressed` is not 0."""
    if addressed * 100 < parameters.minimum_addressed_percent * total:
        return Outcome.UNDETERMINED
    return Outcome.ACQUIRED if points * 100 >= parameters.bloc_percent * possible else Outcome.NOT_ACQUIRED


def _bloc_outcome(outcomes: Sequence[Outcome], points: int, possible: int, parameters: Parameters) -> Outcome:
    acquired, undetermined = outcomes.count(Outcome.ACQUIRED), outcomes.count(Outcome.UNDETERMINED)
    if parameters.rule == Rule.FIXED_COUNT:
        return _outcome_by_count(acquired, undetermined, parameters.required_competences, len(outcomes))
    if undetermined or not outcomes:
        return Outcome.UNDETERMINED
    if parameters.rule == Rule.BLOC_PERCENT and possible:
        passed = points * 100 >= parameters.bloc_percent * possible
    else:
        passed = acquired == len(outcomes)
    return Outcome.ACQUIRED if passed else Outcome.NOT_ACQUIRED


def _outcome_by_count(reached: int, pending: int, required: int, total: int) -> Outcome:
    """Compare what is reached, then what could still be, with what is required of a total; nothing proves nothing."""
    needed = min(required or total, total)
    if total and reached >= needed:
        return Outcome.ACQUIRED
    return Outcome.UNDETERMINED if reached + pending >= needed else Outcome.NOT_ACQUIRED


def share_minutes(weights: Sequence[int], minutes: int) -> tuple[int, ...]:
    """Share the minutes of an interview between its activities, in proportion to their weights (numbers of criteria).

    Whole minutes by largest remainder, ties to the earlier activity. The shares sum to `minutes`. When there are enough
    minutes, an activity left without any gets one and the others share the rest. Weights all zero count as equal.
    Raises ValueError when there is no activity, or on a negative weight or duration.
    """
    if not weights:
        raise ValueError("Il faut au moins une activité entre lesquelles répartir les minutes.")
    if minutes < 0 or min(weights) < 0:
        raise ValueError("Ni la durée ni le poids des activités ne peuvent être négatifs.")
    if not any(weights):
        weights = [1] * len(weights)
    total = sum(weights)
    shares = [weight * minutes // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(weights[index] * minutes % total))  # stable
    for index in by_remainder[: minutes - sum(shares)]:
        shares[index] += 1
    if 0 in shares and minutes >= len(weights):
        served = [index for index, share in enumerate(shares) if share]
        rest = share_minutes([weights[index] for index in served], minutes - shares.count(0))
        shares = [1] * len(weights)
        for index, share in zip(served, rest, strict=True):
            shares[index] = share
    return tuple(shares)


def pace(shares: Sequence[int], elapsed_minutes: int) -> int:
    """Index of the activity to be at after `elapsed_minutes`, given the share of each in minutes.

    An activity ends when its last minute has elapsed. The last one lasts until the interview is closed; before the
    start, the first. Raises ValueError when there is no activity.
    """
    if not shares:
        raise ValueError("Il faut au moins une activité.")
    ends = accumulate(shares)
    return next((index for index, end in enumerate(ends) if elapsed_minutes < end), len(shares) - 1)
