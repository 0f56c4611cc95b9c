"""The three scoring rules by example, by threshold and by counting. Source: référentiel, default rule."""

import ast
from fractions import Fraction
from inspect import getsource
from itertools import combinations_with_replacement, product

import pytest

from evaluations.scoring import rules as scoring
from evaluations.scoring.rules import Outcome, Parameters, Rule, bloc_result, competence_result

ACQUIRED, NOT_ACQUIRED, UNDETERMINED = Outcome.ACQUIRED, Outcome.NOT_ACQUIRED, Outcome.UNDETERMINED
NA = None  # non abordé

DEFAULT = Parameters(Rule.BLOC_PERCENT, full_points=2)
EVERY_COMPETENCE = Parameters(Rule.COMPETENCE_PERCENT, full_points=2)
ALL_CRITERIA = Parameters(Rule.FIXED_COUNT, full_points=2)
TWO_AND_TWO = Parameters(Rule.FIXED_COUNT, full_points=2, required_criteria=2, required_competences=2)
EACH_RULE = pytest.mark.parametrize("parameters", [DEFAULT, EVERY_COMPETENCE, ALL_CRITERIA, TWO_AND_TWO])

PASSES, FAILS, UNSEEN = [2, 2], [0, 0], [NA, NA]  # under each of the four


def outcomes_after(levels, parameters):
    """What a competence becomes under every way to score the criteria not addressed yet: the oracle of FIXED_COUNT."""
    needed = min(parameters.required_criteria or len(levels), len(levels))
    scale = range(parameters.full_points + 1)
    completions = product(*[scale if level is NA else [level] for level in levels])
    return {completion.count(parameters.full_points) >= needed for completion in completions}


# One competence


@pytest.mark.parametrize(
    ("levels", "outcome", "points", "possible", "addressed"),
    [
        ([2, 2, 1, 1, 1], ACQUIRED, 7, 10, 5),
        ([2, 2, 0], NOT_ACQUIRED, 4, 6, 3),
        ([2, NA, NA], UNDETERMINED, 2, 2, 1),
    ],
)
def test_the_examples_given_to_the_cpnefp_hold(levels, outcome, points, possible, addressed):
    result = competence_result(levels, DEFAULT)
    assert result == scoring.CompetenceResult(outcome, points, possible, addressed, total=len(levels))


@pytest.mark.parametrize("rule", [Rule.COMPETENCE_PERCENT, Rule.BLOC_PERCENT])
@pytest.mark.parametrize("full_points", [1, 2, 3])
@pytest.mark.parametrize("percent", [1, 33, 50, 66, 67, 70, 75, 99, 100])
def test_a_competence_is_acquired_from_the_exact_threshold_on(rule, full_points, percent):
    parameters = Parameters(rule, full_points, competence_percent=percent)
    for total in range(1, 8):
        for levels in combinations_with_replacement(range(full_points + 1), total):
            passes = Fraction(sum(levels), total * full_points) >= Fraction(percent, 100)
            assert competence_result(levels, parameters).outcome == (ACQUIRED if passes else NOT_ACQUIRED)


def test_one_point_below_the_smallest_passing_number_fails():
    for total in range(1, 41):
        smallest = next(points for points in range(2 * total + 1) if Fraction(points, 2 * total) >= Fraction(7, 10))
        levels = [2] * (smallest // 2) + [1] * (smallest % 2)
        levels += [0] * (total - len(levels))
        one_less = sorted(levels)
        one_less[-1] -= 1
        assert competence_result(levels, DEFAULT).outcome == ACQUIRED
        assert competence_result(one_less, DEFAULT).outcome == NOT_ACQUIRED


@pytest.mark.parametrize("minimum", [0, 1, 50, 60, 67, 100])
def test_a_competence_is_judged_from_the_exact_minimum_addressed_on(minimum):
    parameters = Parameters(Rule.BLOC_PERCENT, full_points=2, minimum_addressed_percent=minimum)
    for total in range(1, 21):
        for addressed in range(total + 1):
            outcome = competence_result([2] * addressed + [NA] * (total - addressed), parameters).outcome
            enough = addressed > 0 and Fraction(addressed, total) >= Fraction(minimum, 100)
            assert outcome == (ACQUIRED if enough else UNDETERMINED)


@EACH_RULE
def test_an_untouched_sheet_proves_nothing(parameters):
    assert competence_result([NA] * 4, parameters).outcome == UNDETERMINED
    assert bloc_result([UNSEEN, UNSEEN], parameters).outcome == UNDETERMINED


@EACH_RULE
def test_a_competence_without_criteria_and_a_bloc_without_competences_prove_nothing(parameters):
    assert competence_result([], parameters) == scoring.CompetenceResult(UNDETERMINED, 0, 0, 0, 0)
    assert bloc_result([], parameters) == scoring.BlocResult(UNDETERMINED, 0, 0, 0, 0, ())


@EACH_RULE
@pytest.mark.parametrize("level", [-1, 3])
def test_points_that_are_not_on_the_scale_are_refused(parameters, level):
    with pytest.raises(ValueError, match="hors du barème, qui va de 0 à 2"):
        bloc_result([[2, level]], parameters)


@pytest.mark.parametrize("full_points", [1, 2, 3])
@pytest.mark.parametrize("required", [0, 1, 2, 3, 9])
def test_fixed_count_waits_only_for_criteria_that_could_change_the_competence(full_points, required):
    parameters = Parameters(Rule.FIXED_COUNT, full_points, required_criteria=required)
    for total in range(1, 5):
        for levels in product([NA, *range(full_points + 1)], repeat=total):
            futures = outcomes_after(levels, parameters)
            expected = UNDETERMINED if len(futures) == 2 else ACQUIRED if True in futures else NOT_ACQUIRED
            assert competence_result(levels, parameters).outcome == expected


# One bloc


@pytest.mark.parametrize("full_points", [1, 2, 3])
@pytest.mark.parametrize("percent", [1, 50, 66, 67, 70, 100])
def test_a_bloc_is_acquired_from_the_exact_share_of_its_points_on(full_points, percent):
    parameters = Parameters(Rule.BLOC_PERCENT, full_points, competence_percent=70, bloc_percent=percent)
    for first_total, second_total in [(1, 1), (1, 4), (3, 2)]:
        for levels in product(range(full_points + 1), repeat=first_total + second_total):
            result = bloc_result([levels[:first_total], levels[first_total:]], parameters)
            passes = Fraction(sum(levels), len(levels) * full_points) >= Fraction(percent, 100)
            assert result.outcome == (ACQUIRED if passes else NOT_ACQUIRED)


def test_a_strong_competence_makes_up_for_a_weak_one_under_bloc_percent_only():
    competences = [[2, 2, 2, 2], [1, 0]]  # 9/12, and 1/4 in the second
    assert [result.outcome for result in bloc_result(competences, DEFAULT).competences] == [ACQUIRED, NOT_ACQUIRED]
    assert bloc_result(competences, DEFAULT).outcome == ACQUIRED
    assert bloc_result(competences, EVERY_COMPETENCE).outcome == NOT_ACQUIRED


@pytest.mark.parametrize("parameters", [DEFAULT, EVERY_COMPETENCE])
def test_one_undetermined_competence_leaves_a_percent_bloc_undetermined(parameters):
    assert bloc_result([PASSES, PASSES, UNSEEN], parameters).outcome == UNDETERMINED
    assert bloc_result([FAILS, FAILS, UNSEEN], parameters).outcome == UNDETERMINED


def test_competences_just_acquired_make_a_bloc_acquired():
    for parameters in (DEFAULT, EVERY_COMPETENCE):
        assert bloc_result([[2, 2, 1, 1, 1], [2, 1, 1, 1, 2]], parameters).outcome == ACQUIRED


@pytest.mark.parametrize("required", [0, 1, 2, 3, 9])
def test_fixed_count_waits_only_for_competences_that_could_change_the_bloc(required):
    parameters = Parameters(Rule.FIXED_COUNT, full_points=2, required_competences=required)
    for total in range(1, 5):
        for competences in product([PASSES, FAILS, UNSEEN], repeat=total):
            needed = min(required or total, total)
            settled = product(*[[PASSES, FAILS] if levels is UNSEEN else [levels] for levels in competences])
            futures = {future.count(PASSES) >= needed for future in settled}
            expected = UNDETERMINED if len(futures) == 2 else ACQUIRED if True in futures else NOT_ACQUIRED
            assert bloc_result(competences, parameters).outcome == expected


def test_a_bloc_carries_the_sums_of_its_competences_and_their_results_in_order():
    competences = [[2, 1, NA], [1, 1]]
    assert bloc_result(competences, DEFAULT) == scoring.BlocResult(
        outcome=NOT_ACQUIRED,
        points=5,
        possible=8,
        addressed=4,
        total=5,
        competences=(
            scoring.CompetenceResult(ACQUIRED, points=3, possible=4, addressed=2, total=3),
            scoring.CompetenceResult(NOT_ACQUIRED, points=2, possible=4, addressed=2, total=2),
        ),
    )


# Verdicts of the evaluators


@EACH_RULE
def test_a_verdict_replaces_the_outcome_of_its_competence_alone(parameters):
    result = bloc_result([PASSES, PASSES], parameters, [None, NOT_ACQUIRED])
    assert [competence.outcome for competence in result.competences] == [ACQUIRED, NOT_ACQUIRED]
    assert (result.points, result.possible) == (8, 8)


@pytest.mark.parametrize("parameters", [EVERY_COMPETENCE, ALL_CRITERIA, TWO_AND_TWO])
def test_a_verdict_weighs_on_a_bloc_that_counts_competences(parameters):
    assert bloc_result([PASSES, PASSES], parameters, [NOT_ACQUIRED, None]).outcome == NOT_ACQUIRED
    assert bloc_result([PASSES, FAILS], parameters, [None, ACQUIRED]).outcome == ACQUIRED


def test_a_verdict_leaves_the_points_of_a_bloc_to_decide_under_bloc_percent():
    assert bloc_result([PASSES, PASSES], DEFAULT, [NOT_ACQUIRED, None]).outcome == ACQUIRED
    assert bloc_result([PASSES, FAILS], DEFAULT, [None, ACQUIRED]).outcome == NOT_ACQUIRED


@EACH_RULE
@pytest.mark.parametrize("verdict", [ACQUIRED, NOT_ACQUIRED])
def test_a_verdict_settles_a_bloc_of_which_nothing_was_addressed(parameters, verdict):
    assert bloc_result([UNSEEN, UNSEEN], parameters, [ACQUIRED, verdict]).outcome == verdict


def test_a_verdict_on_the_undetermined_competence_lets_the_points_decide():
    assert bloc_result([PASSES, UNSEEN], DEFAULT, [None, NOT_ACQUIRED]).outcome == ACQUIRED
    assert bloc_result([FAILS, UNSEEN], DEFAULT, [None, ACQUIRED]).outcome == NOT_ACQUIRED


@EACH_RULE
def test_a_verdict_read_as_text_counts_like_the_outcome(parameters):
    as_text = bloc_result([PASSES, FAILS], parameters, ["not_acquired", "acquired"])
    assert as_text == bloc_result([PASSES, FAILS], parameters, [NOT_ACQUIRED, ACQUIRED])
    assert all(isinstance(competence.outcome, Outcome) for competence in as_text.competences)


@pytest.mark.parametrize("verdict", [UNDETERMINED, "", "peut-être"])
def test_a_verdict_must_decide(verdict):
    with pytest.raises(ValueError, match="acquis ou non acquis"):
        bloc_result([PASSES, PASSES], DEFAULT, [None, verdict])


@pytest.mark.parametrize("verdicts", [[None], [ACQUIRED, None, None]])
def test_verdicts_must_match_the_competences_one_by_one(verdicts):
    with pytest.raises(ValueError, match="un par compétence"):
        bloc_result([PASSES, PASSES], DEFAULT, verdicts)


# Parameters of a référentiel


def test_a_referentiel_without_parameters_takes_the_default_thresholds():
    assert Parameters.from_referentiel("bloc_percent", {}, [None, 2, 0, 1]) == Parameters(
        rule=Rule.BLOC_PERCENT,
        full_points=2,
        competence_percent=70,
        minimum_addressed_percent=60,
        bloc_percent=70,
        required_criteria=0,
        required_competences=0,
    )


def test_a_referentiel_gives_each_of_its_parameters():
    given = {
        "competence_percent": 50,
        "minimum_addressed_percent": 0,
        "bloc_percent": 100,
        "required_criteria": 3,
        "required_competences": 4,
    }
    read = Parameters.from_referentiel("fixed_count", given, iter([0, 1, 2, 3]))
    assert read == Parameters(Rule.FIXED_COUNT, 3, 50, 0, 100, 3, 4)


@pytest.mark.parametrize(
    ("rule", "rule_parameters", "scale", "message"),
    [
        ("average", {}, [0, 2], "La règle 'average' est inconnue"),
        ("bloc_percent", {"seuil": 70}, [0, 2], "Paramètre de règle inconnu : seuil"),
        ("bloc_percent", {"full_points": 4}, [0, 2], "Paramètre de règle inconnu : full_points"),
        ("bloc_percent", {"bloc_percent": "70"}, [0, 2], "bloc_percent doit être un nombre entier"),
        ("bloc_percent", {"bloc_percent": Fraction(70)}, [0, 2], "bloc_percent doit être un nombre entier"),
        ("bloc_percent", {"bloc_percent": True}, [0, 2], "bloc_percent doit être un nombre entier"),
        ("bloc_percent", {"bloc_percent": None}, [0, 2], "bloc_percent doit être un nombre entier"),
        ("bloc_percent", {"bloc_percent": 0}, [0, 2], "bloc_percent doit être compris entre 1 et 100"),
        ("bloc_percent", {"competence_percent": 101}, [0, 2], "competence_percent doit être compris entre 1 et 100"),
        ("bloc_percent", {"minimum_addressed_percent": -1}, [0, 2], "doit être compris entre 0 et 100"),
        ("fixed_count", {"required_criteria": -1}, [0, 2], "required_criteria doit être au moins égal à 0"),
        ("fixed_count", {"required_competences": -1}, [0, 2], "required_competences doit être au moins égal à 0"),
        ("bloc_percent", {}, [], "Le barème doit avoir au moins un niveau qui donne des points"),
        ("bloc_percent", {}, [0, None], "Le barème doit avoir au moins un niveau qui donne des points"),
        ("bloc_percent", {}, [-1, 2], "points doit être au moins égal à 0"),
        ("bloc_percent", {}, [0, Fraction(3, 2)], "points doit être un nombre entier"),
    ],
)
def test_a_referentiel_with_a_bad_rule_is_refused_in_words(rule, rule_parameters, scale, message):
    with pytest.raises(ValueError, match=message):
        Parameters.from_referentiel(rule, rule_parameters, scale)


# The module itself


def test_no_float_decides_a_life():
    nodes = list(ast.walk(ast.parse(getsource(scoring))))
    assert not [node for node in nodes if isinstance(node, ast.Div)]
    assert not [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float | complex)]
    assert not [node for node in nodes if isinstance(node, ast.Name) and node.id in {"float", "round", "divmod", "pow"}]


def test_scoring_needs_nothing_but_the_standard_library():
    nodes = list(ast.walk(ast.parse(getsource(scoring))))
    assert not [node for node in nodes if isinstance(node, ast.Import)]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported == {"collections.abc", "dataclasses", "enum", "itertools", "typing"}
