"""The list of communes that is shipped: recognised as people write, searched as they type."""

import pytest
from django.urls import reverse

from candidates.people.communes import SeveralCommunesError, find_commune, get_commune, get_index, suggest_communes
from candidates.people.departments import find_department
from tests.factories import make_user


def texts(communes):
    return [str(commune) for commune in communes]


def test_every_commune_of_the_official_code_is_there_arrondissements_and_former_ones_too():
    assert len(get_index().ordered) > 37_000
    assert get_commune("75105").name == "Paris 5e Arrondissement"
    assert get_commune("2a004").name == "Ajaccio"
    assert get_commune("01033").name == "Valserhône"
    assert find_commune("Bellegarde-sur-Valserine").insee == "01033"
    assert find_commune("Arbignieu").insee == "01015"


@pytest.mark.parametrize(
    ("typed", "insee"),
    [
        ("Lyon", "69123"),
        ("  LYON  ", "69123"),
        ("69000 Lyon", "69123"),
        ("Lyon 3", "69383"),
        ("lyon 3ème arrondissement", "69383"),
        ("LYON 03", "69383"),
        ("Paris XIVe", "75114"),
        ("PARIS 14", "75114"),
        ("75014 Paris", "75114"),
        ("Paris (75014)", "75114"),
        ("paris 75", "75056"),
        ("Paris 1er", "75101"),
        ("13002 Marseille", "13202"),
        ("Saint-Denis (93)", "93066"),
        ("ST DENIS 93", "93066"),
        ("93 - Saint-Denis", "93066"),
        ("Saint-Denis (Seine-Saint-Denis)", "93066"),
        ("St-Denis (La Réunion)", "97411"),
        ("97400 saint denis", "97411"),
        ("Saint-Étienne", "42218"),
        ("SAINT ETIENNE", "42218"),
        ("Havre (Le)", "76351"),
        ("havre", "76351"),
        ("L'HAY LES ROSES", "94038"),
        ("Villeneuve s/ Lot", "47323"),
        ("Ste Foy lès Lyon", "69202"),
        ("Ajaccio (2a)", "2A004"),
        ("Nouméa", "98818"),
        ("Cayenne", "97302"),
    ],
)
def test_a_commune_is_recognised_as_people_write_it(typed, insee):
    commune = find_commune(typed)
    assert commune is not None
    assert commune.insee == insee


@pytest.mark.parametrize(
    ("department", "postal_code", "insee"),
    [("93", "", "93066"), ("974", "", "97411"), ("Seine-Saint-Denis", "", "93066"), ("", "93200", "93066")],
)
def test_a_departement_or_a_postal_code_beside_it_tells_namesakes_apart(department, postal_code, insee):
    assert find_commune("SAINT DENIS", department=department, postal_code=postal_code).insee == insee


@pytest.mark.parametrize("typed", ["Saint-Denis", "Marseille 13", "Valence"])
def test_a_name_that_several_communes_bear_is_asked_about(typed):
    with pytest.raises(SeveralCommunesError):
        find_commune(typed)


@pytest.mark.parametrize("typed", ["", "Châlons-sur-Marne", "Abidjan", "%_", "(", ")", "93", "x" * 5000, "(((((" * 50])
def test_what_is_no_commune_is_none(typed):
    assert find_commune(typed) is None


def test_a_departement_that_is_none_finds_nothing():
    assert find_commune("Lyon", department="Bavière") is None
    assert find_commune("Lyon", department="13") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("1", "01"), ("2a", "2A"), ("93", "93"), ("93 - Seine-Saint-Denis", "93"), ("RHONE", "69"), ("974", "974"),
     ("99", ""), ("", ""), ("Bavière", ""), ("Côte d'Or", "21"), ("69 Isère", "")],
)  # fmt: skip
def test_a_departement_is_read_by_its_number_or_its_name(text, code):
    assert find_department(text) == code


@pytest.mark.parametrize(
    ("typed", "first"),
    [("saint-denis", "Saint-Denis (11)"), ("saint denis 93", "Saint-Denis (93)"), ("havre", "Le Havre (76)"),
     ("lyon", "Lyon (69)"), ("paris 14", "Paris 14e Arrondissement (75)")],
)  # fmt: skip
def test_the_likeliest_commune_is_offered_first(typed, first):
    assert texts(suggest_communes(typed))[0] == first


@pytest.mark.parametrize("typed", ["l", "%_", "zz", "", "\x00"])
def test_nothing_is_offered_for_what_begins_no_name(typed):
    assert suggest_communes(typed) == []


def test_at_most_twenty_communes_are_offered():
    assert len(suggest_communes("saint")) == 20


@pytest.mark.django_db
def test_the_page_answers_what_is_typed_and_browsers_may_keep_it(client, django_assert_num_queries):
    client.force_login(make_user())
    url = reverse("candidate:communes")
    with django_assert_num_queries(2):
        response = client.get(url, {"q": "ajaccio"})
    assert response.json() == {"communes": ["Ajaccio (2A)"]}
    assert response.headers["Cache-Control"] == "private, max-age=86400"
    for nothing in ({}, {"q": ""}, {"q": "\x00"}, {"q": "x" * 5000}):
        assert client.get(url, nothing).json() == {"communes": []}
