"""What holds for every sheet, whatever the rule and the scale; then the minutes of the interview."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluations.scoring.rules import (
    Outcome,
    Parameters,
    Rule,
    bloc_result,
    competence_result,
    pace,
    share_minutes,
)

RANK = {Outcome.NOT_ACQUIRED: 0, Outcome.UNDETERMINED: 1, Outcome.ACQUIRED: 2}
VERDICTS = [None, Outcome.ACQUIRED, Outcome.NOT_ACQUIRED]

percents = st.integers(1, 100)
any_parameters = st.builds(
    Parameters,
    rule=st.sampled_from(Rule),
    full_points=st.integers(1, 3),  # 3: a scale of four levels
    competence_percent=percents,
    minimum_addressed_percent=st.integers(0, 100),
    bloc_percent=percents,
    required_criteria=st.integers(0, 7),
    required_competences=st.integers(0, 5),
)


@st.composite
def sheets(draw, min_criteria=0):
    """Parameters, the levels of up to 4 competences of up to 6 criteria, and a verdict or none for each competence."""
    parameters = draw(any_parameters)
    level = st.none() | st.integers(0, parameters.full_points)
    competence = st.lists(level, min_size=min_criteria, max_size=6)
    competences = draw(st.lists(competence, min_size=min_criteria and 1, max_size=4))
    verdicts = draw(st.lists(st.sampled_from(VERDICTS), min_size=len(competences), max_size=len(competences)))
    return parameters, competences, verdicts


@st.composite
def raised_sheets(draw):
    """A sheet, the same sheet with one addressed criterion raised, and the competence it belongs to."""
    parameters, competences, verdicts = draw(sheets(min_criteria=1))
    index = draw(st.integers(0, len(competences) - 1))
    position = draw(st.integers(0, len(competences[index]) - 1))
    before = [list(levels) for levels in competences]
    after = [list(levels) for levels in competences]
    before[index][position] = draw(st.integers(0, parameters.full_points - 1))
    after[index][position] = draw(st.integers(before[index][position] + 1, parameters.full_points))
    return parameters, before, after, verdicts, index


@given(sheets())
def test_points_stay_between_zero_and_what_the_addressed_criteria_could_give(sheet):
    parameters, competences, verdicts = sheet
    bloc = bloc_result(competences, parameters, verdicts)
    for result in (bloc, *bloc.competences):
        assert 0 <= result.points <= result.possible == result.addressed * parameters.full_points
        assert 0 <= result.addressed <= result.total


@given(sheets())
def test_a_bloc_sums_its_criteria_and_keeps_its_competences_in_order(sheet):
    parameters, competences, _ = sheet
    bloc = bloc_result(competences, parameters)
    criteria = [level for levels in competences for level in levels]
    assert bloc.points == sum(level or 0 for level in criteria)
    assert bloc.addressed == len(criteria) - criteria.count(None)
    assert bloc.total == len(criteria)
    assert bloc.competences == tuple(competence_result(levels, parameters) for levels in competences)


@given(raised_sheets())
def test_raising_a_level_never_loses_a_competence(raised):
    parameters, before, after, _, index = raised
    lower, higher = competence_result(before[index], parameters), competence_result(after[index], parameters)
    assert RANK[higher.outcome] >= RANK[lower.outcome]
    assert higher.points > lower.points


@given(raised_sheets())
def test_raising_a_level_never_loses_a_bloc(raised):
    parameters, before, after, verdicts, _ = raised
    lower, higher = bloc_result(before, parameters, verdicts), bloc_result(after, parameters, verdicts)
    assert RANK[higher.outcome] >= RANK[lower.outcome]


@given(sheets(min_criteria=1), st.data())
def test_turning_a_verdict_to_acquired_never_loses_a_bloc(sheet, data):
    parameters, competences, verdicts = sheet
    index = data.draw(st.integers(0, len(competences) - 1))
    refused, granted = list(verdicts), list(verdicts)
    refused[index], granted[index] = Outcome.NOT_ACQUIRED, Outcome.ACQUIRED
    lower, higher = bloc_result(competences, parameters, refused), bloc_result(competences, parameters, granted)
    assert RANK[higher.outcome] >= RANK[lower.outcome]


@given(sheets(), st.data())
def test_the_order_of_the_criteria_changes_nothing(sheet, data):
    parameters, competences, verdicts = sheet
    shuffled = [data.draw(st.permutations(levels)) for levels in competences]
    assert bloc_result(shuffled, parameters, verdicts) == bloc_result(competences, parameters, verdicts)


@given(sheets(), st.data())
def test_the_order_of_the_competences_changes_nothing_but_their_order(sheet, data):
    parameters, competences, verdicts = sheet
    order = data.draw(st.permutations(range(len(competences))))
    shuffled = bloc_result([competences[i] for i in order], parameters, [verdicts[i] for i in order])
    straight = bloc_result(competences, parameters, verdicts)
    assert (shuffled.outcome, shuffled.points, shuffled.possible) == (
        straight.outcome,
        straight.points,
        straight.possible,
    )
    assert shuffled.competences == tuple(straight.competences[i] for i in order)


@given(sheets())
def test_verdicts_never_move_a_point(sheet):
    parameters, competences, verdicts = sheet
    bare, overruled = bloc_result(competences, parameters), bloc_result(competences, parameters, verdicts)
    assert (bare.points, bare.possible, bare.addressed, bare.total) == (
        overruled.points,
        overruled.possible,
        overruled.addressed,
        overruled.total,
    )
    for computed, result, verdict in zip(bare.competences, overruled.competences, verdicts, strict=True):
        assert result.outcome == (verdict or computed.outcome)
        assert (result.points, result.addressed) == (computed.points, computed.addressed)


@given(sheets())
def test_verdicts_equal_to_the_proposals_change_nothing(sheet):
    parameters, competences, _ = sheet
    bare = bloc_result(competences, parameters)
    confirmed = [None if result.outcome == Outcome.UNDETERMINED else result.outcome for result in bare.competences]
    assert bloc_result(competences, parameters, confirmed) == bare


@given(sheets(min_criteria=1))
def test_a_competence_too_little_addressed_is_never_judged_by_percent(sheet):
    parameters, competences, _ = sheet
    assume(parameters.rule != Rule.FIXED_COUNT)
    for levels in competences:
        result = competence_result(levels, parameters)
        enough = result.addressed * 100 >= parameters.minimum_addressed_percent * result.total and result.addressed
        assert (result.outcome != Outcome.UNDETERMINED) == bool(enough)


@given(sheets(min_criteria=1))
def test_a_sheet_addressed_in_full_is_never_undetermined(sheet):
    parameters, competences, _ = sheet
    full = bloc_result([[level or 0 for level in levels] for levels in competences], parameters)
    assert full.outcome != Outcome.UNDETERMINED


@given(any_parameters, st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_the_best_sheet_is_always_acquired_and_the_worst_never(parameters, totals):
    best = bloc_result([[parameters.full_points] * total for total in totals], parameters)
    worst = bloc_result([[0] * total for total in totals], parameters)
    assert (best.outcome, worst.outcome) == (Outcome.ACQUIRED, Outcome.NOT_ACQUIRED)


# The minutes of the interview

weights_of_activities = st.lists(st.integers(0, 40), min_size=1, max_size=8)
durations = st.integers(0, 120)


@pytest.mark.parametrize(
    ("criteria", "minutes", "shares"),
    [
        ([10, 10, 10], 30, (10, 10, 10)),
        ([1, 1, 1], 10, (4, 3, 3)),  # ties to the earlier
        ([9, 8, 8], 30, (11, 10, 9)),  # 10.8, 9.6, 9.6
        ([1, 2], 10, (3, 7)),  # 3.33, 6.67
        ([58, 1, 1], 30, (28, 1, 1)),  # 29, 0.5, 0.5: nobody is left without a minute
        ([58, 1, 1], 3, (1, 1, 1)),  # just enough minutes
        ([0, 5, 5], 6, (1, 3, 2)),
        ([3, 0], 0, (0, 0)),
        ([0, 0], 3, (2, 1)),
        ([5, 1, 1], 2, (2, 0, 0)),  # too short for one minute each
    ],
)
def test_an_interview_is_shared_by_largest_remainder(criteria, minutes, shares):
    assert share_minutes(criteria, minutes) == shares


@given(weights_of_activities, durations)
def test_the_shares_make_the_whole_interview_and_leave_no_activity_out(weights, minutes):
    shares = share_minutes(weights, minutes)
    assert len(shares) == len(weights)
    assert sum(shares) == minutes
    assert min(shares) >= (1 if minutes >= len(weights) else 0)


@given(weights_of_activities, durations)
def test_an_activity_with_more_criteria_never_gets_less_time(weights, minutes):
    shares = share_minutes(weights, minutes)
    for weight, share in zip(weights, shares, strict=True):
        assert all(share <= other for heavier, other in zip(weights, shares, strict=True) if heavier > weight)


@given(weights_of_activities, durations)
def test_a_share_is_within_one_minute_of_its_proportion_unless_the_minimum_comes_in(weights, minutes):
    total = sum(weights)
    assume(total and all(weight * minutes >= total for weight in weights))
    for weight, share in zip(weights, share_minutes(weights, minutes), strict=True):
        assert abs(share * total - weight * minutes) < total


@pytest.mark.parametrize(("weights", "minutes"), [([], 30), ([3, -1], 30), ([3, 1], -1)])
def test_minutes_cannot_be_shared_among_nobody_nor_below_zero(weights, minutes):
    with pytest.raises(ValueError, match="activité"):
        share_minutes(weights, minutes)


def test_the_pace_names_the_activity_of_each_minute():
    shares = (2, 3, 1)
    assert [pace(shares, minute) for minute in range(8)] == [0, 0, 1, 1, 1, 2, 2, 2]


def test_the_pace_is_at_the_first_activity_before_the_start():
    assert pace((2, 3), -5) == 0


def test_the_pace_passes_over_an_activity_without_minutes():
    assert pace((0, 3, 0, 2), 0) == 1
    assert pace((0, 3, 0, 2), 3) == 3


def test_there_is_no_pace_without_activities():
    with pytest.raises(ValueError, match="activité"):
        pace((), 3)


@given(weights_of_activities, durations)
def test_each_activity_is_current_for_exactly_its_minutes(weights, minutes):
    shares = share_minutes(weights, minutes)
    current = [pace(shares, minute) for minute in range(minutes)]
    assert current == sorted(current)
    assert [current.count(index) for index in range(len(shares))] == list(shares)
    assert pace(shares, minutes) == len(shares) - 1
