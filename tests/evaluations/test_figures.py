"""The figures of a session: by hand on small tables, then read from sheets and decisions."""

import io
from types import SimpleNamespace

import openpyxl
import pytest

from evaluations import statistics
from evaluations.figures import read_figures
from tests.evaluations.jury_scene import add_candidate, decided, make_scene, sitting


def test_wilsons_interval_is_that_of_the_formula():
    low, high = statistics.wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert statistics.wilson(0, 5)[0] == 0
    assert statistics.wilson(5, 5)[1] == 1
    with pytest.raises(ValueError, match="Nobody"):
        statistics.wilson(0, 0)


def test_kappa_is_one_for_the_same_zero_for_chance_and_negative_for_the_contrary():
    assert statistics.kappa([[5, 0, 0], [0, 5, 0], [0, 0, 5]]) == 1
    assert statistics.kappa([[1, 1], [1, 1]]) == 0
    assert statistics.kappa([[0, 5], [5, 0]]) == -1
    assert statistics.kappa([[9, 0], [0, 0]]) is None
    assert statistics.kappa([]) is None


def test_kappa_by_hand():
    # Rows 6, 4; columns 5, 5; seen: 3 apart of 10; expected: (6 × 5 + 4 × 5) / 10 = 5; 1 - 3 / 5.
    assert statistics.kappa([[4, 2], [1, 3]]) == pytest.approx(0.4)
    # Three levels. Seen: 2 × 1 + 1 × 4 = 6. Rows 4, 3, 3; columns 4, 4, 2: expected
    # (4·4·1 + 4·2·4 + 3·4·1 + 3·2·1 + 3·4·4 + 3·4·1) / 10 = 126 / 10; 1 - 6 / 12.6.
    assert statistics.kappa([[3, 1, 0], [0, 2, 1], [1, 1, 1]]) == pytest.approx(1 - (1 + 1 + 4 + 1) / 12.6)


def test_the_interval_of_kappa_holds_it_and_is_always_the_same():
    tables = [[[4, 2], [1, 3]], [[5, 1], [0, 4]], [[3, 2], [2, 3]]] * 4
    low, high = statistics.kappa_interval(tables)
    assert low < statistics.kappa(statistics.added(tables)) < high
    assert statistics.kappa_interval(tables) == (low, high)
    assert statistics.kappa_interval([]) is None


def test_a_criterion_that_goes_with_the_rest_one_against_it_and_one_that_never_varies():
    points = {n: {1: n % 3, 2: n % 3, 3: n % 3, 4: 2 - n % 3, 5: 2} for n in range(9)}
    assert statistics.item_rest(points, 1) == pytest.approx(1)
    assert statistics.item_rest(points, 4) == pytest.approx(-1)
    assert statistics.item_rest(points, 5) is None


def test_a_mean_has_its_interval():
    assert statistics.mean_interval([1.0, 1.0, 1.0]) == (1, 1, 1)
    mean, low, high = statistics.mean_interval([0.0, 1.0])
    assert (mean, round(low, 2), round(high, 2)) == (0.5, -0.48, 1.48)
    with pytest.raises(ValueError, match="Two values"):
        statistics.mean_interval([1.0])


@pytest.fixture
def scene(referentiel) -> SimpleNamespace:
    """Five candidates at their jury, three of whom get everything and two nothing."""
    scene = make_scene(referentiel, candidates=3)
    for _ in range(2):
        add_candidate(scene, blocs=[1], level=0)
    return scene


@pytest.mark.django_db
def test_figures_are_read_from_the_sheets_and_the_decisions(scene):
    sitting(scene)
    for enrolment in scene.enrolments:
        decided(scene, enrolment.enrolment_blocs.get())
    found = read_figures(scene.session)
    first, second, _ = found.blocs
    assert (first.decided, first.acquired, first.rate) == (5, 3, 60)
    assert first.interval[0] < 60 < first.interval[1]
    assert (second.decided, second.rate, second.interval) == (0, None, None)
    bloc, criteria = found.criteria[0]
    assert bloc.number == 1
    assert all((one.people, one.mean) == (5, 60) for one in criteria)
    assert all(one.discrimination == pytest.approx(1) and not one.is_doubtful for one in criteria)
    assert (found.agreement.interviews, found.agreement.exact, found.agreement.kappa) == (5, 100, 1)
    assert [(one.interviews, one.mean) for one in found.severity] == [(5, 0), (5, 0)]


@pytest.mark.django_db
def test_small_groups_are_not_told_on_the_page_nor_in_the_spreadsheet(client, referentiel):
    scene = make_scene(referentiel, candidates=2)
    client.force_login(scene.admin)
    page = client.get(f"/branche/sessions/{scene.session.pk}/chiffres/").text
    assert "moins de 5" in page
    assert "100" not in page.split("Réussite par bloc")[1]
    content = client.get(f"/branche/sessions/{scene.session.pk}/chiffres.xlsx").content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert len(rows) == 73
    assert {row[4] for row in rows[1:]} == {"moins de 5"}
    assert {row[5] for row in rows[1:]} == {None}


@pytest.mark.django_db
@pytest.mark.parametrize("candidates", [1, 3])
def test_figures_ask_as_much_whatever_the_candidates(referentiel, candidates, django_assert_num_queries):
    scene = make_scene(referentiel, candidates=candidates)
    with django_assert_num_queries(4):
        read_figures(scene.session)
