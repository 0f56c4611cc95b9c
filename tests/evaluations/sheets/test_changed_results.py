"""Where agreeing changes a competence's result, the joint sheet says why. A pure function of sheets."""

import pytest

from evaluations.models import CompetenceVerdict, Divergence, ScoringSheet
from evaluations.scoring import rules as scoring
from evaluations.sheets.agreement import compare_scores, compare_verdicts, unexplained
from evaluations.sheets.queries import ActivityLine, CompetenceLine, CriterionLine, SheetView
from referentiel.models import Activity, Bloc, Competence, Criterion, ScaleLevel

POINTS = {0: 0, 1: 1, 2: 2, 9: None}
LEVELS = {value: ScaleLevel(pk=value + 1, value=value, points=points) for value, points in POINTS.items()}
RULE = scoring.Parameters(scoring.Rule.BLOC_PERCENT, 2)
ACQUIRED, NOT_ACQUIRED = CompetenceVerdict.Outcome.ACQUIRED, CompetenceVerdict.Outcome.NOT_ACQUIRED


def sheet(*competences, notes=None, verdict="", comment="Vu.", divergent=()):
    """A sheet as read. competences: levels by value, None where there is none; notes by number of criterion, from 1 on.

    verdict, comment: on the first competence. divergent: numbers of the criteria under divergence.
    """
    lines, number = [], 0
    for rank, values in enumerate(competences, 1):
        criteria = []
        for value in values:
            number += 1
            level = LEVELS[value] if value is not None else None
            told = [Divergence(criterion_id=number)] if number in divergent else []
            criteria.append(CriterionLine(Criterion(pk=number), level, (notes or {}).get(number, ""), 0, told))
        points = [one.level.points if one.level and not one.divergences else None for one in criteria]
        given_verdict = CompetenceVerdict(outcome=verdict, comment=comment) if verdict and rank == 1 else None
        result = scoring.competence_result(points, RULE)
        lines.append(CompetenceLine(Competence(pk=rank, code=f"C{rank}"), criteria, result, given_verdict))
    blank = scoring.BlocResult(scoring.Outcome.UNDETERMINED, 0, 0, 0, 0, ())
    return SheetView(ScoringSheet(), Bloc(), [], [ActivityLine(Activity(), 30, lines)], blank)


def found(joint, *own):
    """Code of the competence, number of the criterion where to write."""
    return [(line.competence.code, place.criterion.pk) for line, place in unexplained(joint, own)]


def test_nothing_to_explain_where_all_gave_the_result_that_is_kept():
    assert found(sheet([2, 2, 2]), sheet([2, 2, 2]), sheet([2, 2, 2])) == []
    assert found(sheet([2, 2, 1]), sheet([2, 2, 2]), sheet([2, 2, 1])) == []  # acquired at 83 % as at 100 %


def test_a_result_that_is_not_the_one_of_every_own_sheet_is_to_explain():
    assert found(sheet([2, 2, 2]), sheet([2, 2, 2]), sheet([2, 0, 0])) == [("C1", 2)]
    assert found(sheet([2, 0, 0]), sheet([2, 2, 2]), sheet([2, 0, 0])) == [("C1", 2)]


def test_a_third_level_that_gives_neither_result_is_to_explain():
    undetermined = sheet([9, 9, 2], notes={1: "Pas abordé.", 2: "Pas abordé."})
    own = sheet([2, 2, 2]), sheet([2, 0, 0])
    assert found(sheet([9, 9, 2]), *own) == [("C1", 1)]
    assert found(undetermined, *own) == []


def test_one_changed_result_does_not_speak_for_another():
    own = sheet([2, 2, 2], [2, 2]), sheet([0, 0, 0], [0, 0])
    assert found(sheet([2, 2, 2], [2, 2], notes={2: "Exemple précis."}), *own) == [("C2", 4)]


def test_a_note_on_a_settled_criterion_explains():
    own = sheet([2, 2, 2]), sheet([2, 0, 0])
    assert found(sheet([2, 2, 2], notes={3: "Il l'a montré au dossier."}), *own) == []


def test_a_note_on_a_criterion_on_which_all_agreed_does_not_explain():
    own = sheet([2, 2, 2]), sheet([2, 0, 0])
    assert found(sheet([2, 2, 2], notes={1: "Très bien."}), *own) == [("C1", 2)]


@pytest.mark.parametrize("blank", ["", " ", "\n\t "])
def test_a_blank_note_does_not_explain(blank):
    own = sheet([2, 2, 2]), sheet([2, 0, 0])
    assert found(sheet([2, 2, 2], notes={2: blank}), *own) == [("C1", 2)]


def test_the_note_of_one_of_them_may_be_taken_over_as_the_explanation():
    own = sheet([2, 2, 2], notes={2: "Exemple précis."}), sheet([2, 0, 0], notes={2: "Sans chiffre."})
    assert found(sheet([2, 2, 2], notes={2: "Exemple précis."}), *own) == []


def test_where_both_leave_the_level_that_they_shared_the_notes_taken_over_do_not_explain():
    own = sheet([2, 2], notes={1: "Oui.", 2: "Oui."}), sheet([2, 2], notes={1: "Clair."})
    taken_over = {1: "Oui.\nClair.", 2: "Oui."}
    assert found(sheet([0, 0], notes=taken_over), *own) == [("C1", 1)]
    assert found(sheet([0, 0], notes=taken_over | {2: "Oui.\nÀ la relecture, non."}), *own) == []


def test_a_verdict_on_the_joint_sheet_carries_its_comment():
    own = sheet([2, 2, 2]), sheet([2, 0, 0])
    assert found(sheet([2, 0, 0], verdict=ACQUIRED), *own) == []


def test_a_verdict_of_one_own_sheet_counts_as_the_result_that_it_gave():
    own = sheet([2, 2, 2], verdict=NOT_ACQUIRED), sheet([2, 2, 2])
    assert found(sheet([2, 2, 2]), *own) == [("C1", 1)]
    assert found(sheet([2, 2, 2], verdict=NOT_ACQUIRED), *own) == []


def test_where_only_verdicts_differed_a_new_note_on_any_criterion_explains():
    own = sheet([2, 2, 2], notes={3: "Bien."}, verdict=NOT_ACQUIRED), sheet([2, 2, 2])
    assert found(sheet([2, 2, 2], notes={3: "Bien."}), *own) == [("C1", 1)]
    assert found(sheet([2, 2, 2], notes={2: "Le doute profite au candidat."}), *own) == []


def test_while_a_level_is_missing_nothing_is_asked():
    assert found(sheet([2, None, 2]), sheet([2, 2, 2]), sheet([2, 0, 0])) == []


def test_on_a_divergence_the_reasons_are_there_and_the_jury_decides():
    assert found(sheet([2, None, 0], divergent={2}), sheet([2, 2, 2]), sheet([2, 0, 0])) == []


def test_one_evaluator_of_three_with_another_result_is_enough():
    own = sheet([2, 2]), sheet([2, 2]), sheet([2, 0])
    assert found(sheet([2, 2]), *own) == [("C1", 2)]
    assert found(sheet([2, 2]), *own[:2]) == []


def test_without_own_sheets_there_is_nothing_to_compare():
    assert found(sheet([2, 0, 0])) == []


def test_what_all_share_is_the_level_and_the_notes_each_once():
    shared = compare_scores([sheet([2, 1], notes={1: " Oui. "}), sheet([2, 2], notes={1: "Oui.", 2: "Si."})])
    assert (shared[1].level, shared[1].note) == (LEVELS[2], "Oui.")
    assert (shared[2].level, shared[2].note) == (None, "")


def test_a_level_that_one_of_three_did_not_give_is_not_shared():
    assert compare_scores([sheet([2]), sheet([2]), sheet([1])])[1].level is None
    assert compare_scores([sheet([None]), sheet([None])])[1].level is None


def test_a_verdict_is_shared_when_every_sheet_overruled_alike():
    alike = sheet([0], verdict=ACQUIRED, comment="A."), sheet([0], verdict=ACQUIRED, comment="B.")
    assert compare_verdicts(alike) == {1: (ACQUIRED, "A.\nB.")}
    assert compare_verdicts([*alike, sheet([2])]) == {}
    assert compare_verdicts([alike[0], sheet([2], verdict=NOT_ACQUIRED)]) == {}
