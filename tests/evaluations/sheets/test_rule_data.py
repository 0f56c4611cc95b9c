import json

from evaluations.models import ScoringSheet
from evaluations.sheets.form_rows import rule_data
from evaluations.sheets.queries import sheet_view
from referentiel.models import ScaleLevel


def on_the_device(sheet):
    """The rule as the page of a sheet gives it to the device."""
    return json.loads(json.dumps(rule_data(sheet_view(ScoringSheet.objects.with_context().get(pk=sheet.pk)))))


def test_the_device_gets_the_thresholds_and_the_points_of_the_scale(running):
    assert on_the_device(running.alix_sheet) == {
        "rule": "bloc_percent",
        "full_points": 2,
        "competence_percent": 70,
        "minimum_addressed_percent": 60,
        "bloc_percent": 70,
        "required_criteria": 0,
        "required_competences": 0,
        "points": {
            str(level.value): level.points
            for level in ScaleLevel.objects.filter(referentiel=running.session.referentiel)
        },
    }
    assert None in on_the_device(running.alix_sheet)["points"].values()


def test_a_branch_that_asks_for_more_is_obeyed_on_the_device(running):
    view = sheet_view(ScoringSheet.objects.with_context().get(pk=running.alix_sheet.pk))
    view.bloc.referentiel.rule = "fixed_count"
    view.bloc.referentiel.rule_parameters = {"required_criteria": 3}

    assert rule_data(view) | {"points": {}} == {
        "rule": "fixed_count",
        "full_points": 2,
        "competence_percent": 70,
        "minimum_addressed_percent": 60,
        "bloc_percent": 70,
        "required_criteria": 3,
        "required_competences": 0,
        "points": {},
    }
