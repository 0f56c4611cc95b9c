"""The rule on the points of the bloc alone: every small bloc against its shares as fractions."""

from fractions import Fraction
from itertools import product

from evaluations.scoring.rules import Outcome, Parameters, Rule, bloc_result

ACQUIRED, NOT_ACQUIRED, UNDETERMINED = Outcome.ACQUIRED, Outcome.NOT_ACQUIRED, Outcome.UNDETERMINED
PASSES, UNSEEN, NA = [2, 2], [None, None], None


def test_the_points_of_the_bloc_alone_decide_whatever_its_competences():
    """Every count of points and of criteria addressed of a small bloc, against the two shares as fractions."""
    for percent, minimum in product((1, 50, 70, 100), (0, 60, 100)):
        parameters = Parameters(Rule.BLOC_POINTS, 2, bloc_percent=percent, minimum_addressed_percent=minimum)
        for levels in product([NA, 0, 1, 2], repeat=4):
            addressed = [level for level in levels if level is not None]
            result = bloc_result([levels[:1], levels[1:]], parameters)
            if not addressed or Fraction(len(addressed), 4) < Fraction(minimum, 100):
                expected = UNDETERMINED
            else:
                passes = Fraction(sum(addressed), len(addressed) * 2) >= Fraction(percent, 100)
                expected = ACQUIRED if passes else NOT_ACQUIRED
            assert result.outcome == expected, (levels, parameters)


def test_under_the_points_alone_neither_a_competence_nor_a_verdict_changes_the_bloc():
    parameters = Parameters(Rule.BLOC_POINTS, full_points=2)
    assert bloc_result([PASSES, PASSES, UNSEEN], parameters).outcome == ACQUIRED
    assert bloc_result([PASSES, PASSES], parameters, [NOT_ACQUIRED, NOT_ACQUIRED]).outcome == ACQUIRED
    assert bloc_result([UNSEEN, UNSEEN], parameters, [ACQUIRED, ACQUIRED]).outcome == ACQUIRED
    assert bloc_result([UNSEEN, UNSEEN], parameters).outcome == UNDETERMINED
