"""Reading the référentiel on screen: what a person finds on the page, and what it costs to show it."""

import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from referentiel.models import Activity, Bloc, Competence, Criterion, Referentiel
from tests.factories import make_candidate

pytestmark = pytest.mark.django_db

PERCENT = {"competence_percent": 70, "minimum_addressed_percent": 60, "bloc_percent": 70}


@pytest.fixture
def reader(branch):
    """A candidate of the branch."""
    return make_candidate(branch).user


@pytest.fixture
def client(client, reader):
    client.force_login(reader)
    return client


def draft(branch, code: str, blocs: int = 0, **values) -> Referentiel:
    values = {"rule_parameters": PERCENT} | values
    referentiel = Referentiel.objects.create(branch=branch, code=code, version="1", title=f"Titre {code}", **values)
    for number in range(1, blocs + 1):
        bloc = Bloc.objects.create(referentiel=referentiel, number=number, code=f"BC{number}", title="Bloc")
        for position in (1, 2):
            activity = Activity.objects.create(bloc=bloc, position=position, code=f"{number}.{position}", title="A")
            competence = Competence.objects.create(activity=activity, position=1, code="C1", statement="Savoir")
            Criterion.objects.create(competence=competence, position=1, text="Critère")
    return referentiel


def page(client, referentiel) -> str:
    response = client.get(reverse("referentiel:detail", args=[referentiel.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_reader_finds_every_text_of_the_referentiel(client, referentiel):
    html = page(client, referentiel)
    for bloc in referentiel.blocs.all():
        assert escape(bloc.title) in html
        for paragraph in bloc.modality.split("\n\n"):
            assert escape(paragraph) in html
        for item in bloc.trame_items.all():
            assert escape(item.text) in html
        for activity in bloc.activities.all():
            assert escape(activity.title) in html
            for competence in activity.competences.all():
                assert escape(competence.statement) in html
                assert escape(competence.criteria_heading) in html
                for criterion in competence.criteria.all():
                    assert escape(criterion.text) in html


def test_a_reader_finds_the_scale_and_the_rule_in_words_to_be_approved(client, referentiel):
    html = page(client, referentiel)
    assert "à valider par la CPNEFP" in html
    assert "acquise à partir de 70&nbsp;% des points des critères abordés" in html
    assert "moins de 60&nbsp;% de ses critères" in html
    assert "validé à partir de 70&nbsp;% de ses points" in html
    assert re.search(r"Non abordé</th> <td>sort du total</td> <td>obligatoire</td>", html)


def test_the_contents_lead_to_parts_that_are_on_the_page(client, referentiel):
    html = page(client, referentiel)
    targets = re.findall(r'href="#([^"]+)"', html.split('<nav aria-labelledby="sommaire">')[1].split("</nav>")[0])
    assert len(targets) == 3 + 8 + 2
    assert all(html.count(f'id="{target}"') == 1 for target in targets)


def test_headings_go_down_one_level_at_a_time(client, referentiel):
    article = page(client, referentiel).split('<article class="referentiel">')[1].split("</article>")[0]
    levels = [int(level) for level in re.findall(r"<h(\d)", article)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_evaluators_guide_is_not_shown_to_readers(client, referentiel):
    html = page(client, referentiel)
    assert "Proposition à valider par la branche" not in html


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {
                "rule": "competence_percent",
                "rule_parameters": {"competence_percent": 50, "minimum_addressed_percent": 0},
            },
            "validé si toutes ses compétences sont acquises",
        ),
        (
            {"rule": "fixed_count", "rule_parameters": {"required_criteria": 3, "required_competences": 0}},
            "assez de ses critères ont le niveau le plus haut : 3, ou tous s’il y en a moins",
        ),
        (
            {
                "rule": "bloc_points",
                "rule_parameters": {"competence_percent": 70, "minimum_addressed_percent": 60, "bloc_percent": 55},
            },
            "validé à partir de 55&nbsp;% de ses points, quelles que soient ses compétences",
        ),
        ({"separate_sheets": False}, "remplissent ensemble une grille commune"),
        ({"bloc_validity_months": 60}, "Un bloc acquis le reste 60&nbsp;mois."),
    ],
    ids=["competence_percent", "fixed_count", "bloc_points", "joint_sheet", "validity"],
)
def test_another_referentiel_reads_by_its_own_rules(client, reader, branch, values, sentence):
    branch.administrators.add(reader)
    html = page(client, draft(branch, "AUTRE", **values))
    assert sentence in html
    assert "Brouillon" in html


def test_a_draft_of_another_branch_is_not_found(client, branch):
    hidden = draft(branch, "CACHE")
    assert client.get(reverse("referentiel:detail", args=[hidden.pk])).status_code == 404
    assert hidden.title not in client.get(reverse("referentiel:list")).content.decode()


def test_the_list_leads_to_each_referentiel(client, referentiel):
    html = client.get(reverse("referentiel:list")).content.decode()
    assert reverse("referentiel:detail", args=[referentiel.pk]) in html


def test_the_list_costs_the_same_with_one_and_with_three(client, reader, branch):
    branch.administrators.add(reader)
    url = reverse("referentiel:list")
    one = queries_of(client, url)
    for code in ("DEUX", "TROIS"):
        draft(branch, code)
    assert queries_of(client, url) == one


def test_a_page_costs_the_same_with_one_bloc_and_with_three(client, reader, branch):
    branch.administrators.add(reader)
    one, three = draft(branch, "UN", blocs=1), draft(branch, "TROIS", blocs=3)
    cost = queries_of(client, reverse("referentiel:detail", args=[one.pk]))
    assert queries_of(client, reverse("referentiel:detail", args=[three.pk])) == cost


def test_the_pages_are_read_only(client, referentiel):
    for url in (reverse("referentiel:list"), reverse("referentiel:detail", args=[referentiel.pk])):
        assert client.post(url).status_code == 405
