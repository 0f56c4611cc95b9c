"""The figures of a session: by hand on small tables, then read from sheets and decisions."""

import io
from types import SimpleNamespace

import openpyxl
import pypdfium2
import pytest
from django.utils import timezone

from candidates.models import Organisation
from evaluations.figures import statistics
from evaluations.figures.queries import read_figures
from tests.evaluations.jury.scene import add_candidate, decided, make_scene, sitting

pytestmark = pytest.mark.database


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
    found = read_figures(scene.session.referentiel, [scene.session])
    first, second, _ = found.blocs
    assert (first.decided, first.acquired, first.rate) == (5, 3, 60)
    assert first.interval[0] < 60 < first.interval[1]
    assert (second.decided, second.rate, second.interval) == (0, None, None)
    bloc, competences = found.competences[0]
    assert bloc.number == 1
    assert {(one.people, one.rate, one.mean) for one in competences} == {(5, 60, 60)}
    criteria = [one for competence in competences for one in competence.criteria]
    assert len(criteria) == 25
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
    assert {row[5] for row in rows[1:]} == {"moins de 5"}
    assert {row[6] for row in rows[1:]} == {None}


@pytest.mark.django_db
@pytest.mark.parametrize("candidates", [1, 3])
def test_figures_ask_as_much_whatever_the_candidates(referentiel, candidates, django_assert_num_queries):
    scene = make_scene(referentiel, candidates=candidates)
    with django_assert_num_queries(5):
        read_figures(scene.session.referentiel, [scene.session])


def decided_scene(referentiel, *, candidates: int, level: int = 2):
    scene = sitting(make_scene(referentiel, candidates=candidates, level=level))
    for enrolment in scene.enrolments:
        decided(scene, enrolment.enrolment_blocs.get())
    return scene


def sheet_rows(response, name: str) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    return list(book[name].iter_rows(values_only=True))


@pytest.mark.django_db
def test_sessions_of_a_version_are_counted_together(client, referentiel):
    first, second = decided_scene(referentiel, candidates=3), decided_scene(referentiel, candidates=3, level=0)
    client.force_login(first.admin)
    url = f"/branche/referentiels/{referentiel.pk}/chiffres"
    page = client.get(f"{url}/").text
    assert "<td>6</td><td>3</td><td>50 %</td>" in "".join(page.split("  "))
    alone = client.get(f"{url}/", {"s": second.session.pk}).text
    assert "50 %" not in alone
    assert "moins de 5" in alone
    rows = sheet_rows(client.get(f"{url}.xlsx"), "Chiffres")
    assert (rows[1][1], rows[1][3], rows[1][5]) == (50, 50, 6)
    with pypdfium2.PdfDocument(client.get(f"{url}.pdf").content) as document:
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    text = " ".join(text.split())
    for words in ("Chiffres", first.session.title, second.session.title, "50 %", "masqué", "acquise par 50 %"):
        assert words in text, words


@pytest.mark.django_db
def test_an_evaluator_of_two_sessions_is_one_person(referentiel):
    scenes = [make_scene(referentiel, candidates=3) for _ in range(2)]
    for one, other in zip(scenes[0].evaluators, scenes[1].evaluators, strict=True):
        other.user = one.user
        other.save()
    found = read_figures(referentiel, [one.session for one in scenes])
    assert [one.interviews for one in found.severity] == [6, 6]


@pytest.mark.django_db
def test_a_centre_is_given_its_results_and_nothing_of_the_others(client, referentiel):
    scene = decided_scene(referentiel, candidates=8)
    values = {"branch": scene.session.branch, "kind": "training_centre"}
    large, small = (Organisation.objects.create(name=name, **values) for name in ("=Grand", "Petit"))
    for rank, enrolment in enumerate(scene.enrolments):
        enrolment.training_centre = large if rank < 6 else small
        enrolment.save()
    client.force_login(scene.admin)
    url = f"/branche/sessions/{scene.session.pk}/organismes/{large.pk}.xlsx"
    assert client.get(url).status_code == 404
    type(scene.session).objects.filter(pk=scene.session.pk).update(state="decided", published_at=timezone.now())
    response = client.get(url)
    people = sheet_rows(response, "Résultats")
    assert len(people) == 7
    assert {row[0] for row in people[1:]} == {one.candidate.birth_name for one in scene.enrolments[:6]}
    assert {row[4] for row in people[1:]} == {"acquis"}
    # Six of eight: the rate of the session would tell that of the two others.
    assert sheet_rows(response, "Chiffres")[1][2:] == (6, 100, None)
    response = client.get(f"/branche/sessions/{scene.session.pk}/organismes/{small.pk}.xlsx")
    assert sheet_rows(response, "Chiffres")[1][2:] == ("moins de 5", None, 100)
    page = client.get(f"/branche/sessions/{scene.session.pk}/chiffres/").text
    assert "=Grand (XLSX)" in page
