"""Birthplaces that nobody could match: fifty are settled on one page, and what is chosen is journalled."""

import pytest
from django.urls import reverse

from candidates.models import Candidate
from candidates.people.birthplaces import list_unsettled, propose_communes
from cqp.models import JournalEntry
from tests.factories import make_admin, make_branch, make_enrolment, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.database]

URL = "/branche/lieux-de-naissance/"


@pytest.fixture
def enrolment(referentiel):
    return born(make_enrolment(make_session(referentiel)), "Saint-Denis")


@pytest.fixture
def admin(client, enrolment):
    client.force_login(make_admin(enrolment.session.branch))
    return client


def born(enrolment, place, insee="", country="France"):
    Candidate.objects.filter(pk=enrolment.candidate_id).update(
        birth_place=place, birth_insee=insee, birth_country=country
    )
    enrolment.candidate.refresh_from_db()
    return enrolment


def birthplace(enrolment):
    candidate = Candidate.objects.get(pk=enrolment.candidate_id)
    return candidate.birth_place, candidate.birth_insee, candidate.birth_country


def text(response):
    return " ".join(response.text.replace("&#x27;", "'").split())


def test_a_proposal_is_chosen_and_the_change_has_its_entry(admin, enrolment):
    assert reverse("branch:birthplaces") == URL
    assert "Saint-Denis (974)" in text(admin.get(URL))
    response = admin.post(URL, {f"proposal-{enrolment.candidate_id}": "Saint-Denis (974)"}, follow=True)
    assert "1 lieu de naissance enregistré." in text(response)
    assert "Tous les lieux de naissance sont reconnus." in text(response)
    assert birthplace(enrolment) == ("Saint-Denis", "97411", "France")
    entry = JournalEntry.objects.get(stream=enrolment.stream, verb="enrolment.changed")
    assert entry.payload == {"birth_insee": ["", "97411"]}


def test_what_names_one_commune_is_chosen_beforehand_and_a_person_confirms_it(admin, enrolment):
    assert " checked" not in admin.get(URL).text
    born(enrolment, "NANTES")
    assert 'value="Nantes (44)" checked' in admin.get(URL).text
    assert birthplace(enrolment)[1] == ""


def test_proposals_are_searched_for_the_rows_of_the_page_alone(admin, enrolment, monkeypatch):
    searched = []
    monkeypatch.setattr("candidates.people.views_branch.PER_PAGE", 1)
    monkeypatch.setattr("candidates.people.birthplaces.propose_communes", lambda text: searched.append(text) or [])
    born(make_enrolment(enrolment.session), "Nantes")
    assert "2 personnes" in admin.get(URL).text
    assert len(searched) == 1


def test_another_commune_or_another_country_is_written(admin, enrolment):
    abroad = born(make_enrolment(enrolment.session), "Abidjan")
    admin.post(
        URL,
        {
            f"proposal-{enrolment.candidate_id}": "Saint-Denis (974)",
            f"other-{enrolment.candidate_id}": "Paris 14e",
            f"country-{abroad.candidate_id}": "Cote d'Ivoire",
        },
    )
    assert birthplace(enrolment) == ("Paris 14e Arrondissement", "75114", "France")
    assert birthplace(abroad) == ("Abidjan", "", "Côte d'Ivoire")


def test_what_does_not_fit_comes_back_and_the_rest_is_saved(admin, enrolment):
    wrong = born(make_enrolment(enrolment.session), "Nulle-Part")
    response = admin.post(
        URL,
        {f"proposal-{enrolment.candidate_id}": "Saint-Denis (93)", f"other-{wrong.candidate_id}": "Valence"},
    )
    assert response.status_code == 422
    assert "Plusieurs communes portent ce nom : Valence (16)" in text(response)
    assert 'value="Valence"' in text(response)
    assert birthplace(enrolment)[1] == "93066"
    assert birthplace(wrong) == ("Nulle-Part", "", "France")


def test_a_country_in_no_list_is_settled_too(admin, enrolment):
    born(enrolment, "Prague", country="Tchécoslovaquie")
    assert "Tchécoslovaquie" in text(admin.get(URL))
    response = admin.post(URL, {f"country-{enrolment.candidate_id}": "URSS"})
    assert "écrivez Russie" in text(response)
    admin.post(URL, {f"country-{enrolment.candidate_id}": "Tchéquie"})
    assert birthplace(enrolment) == ("Prague", "", "Tchéquie")


def test_nothing_chosen_changes_nothing(admin, enrolment):
    assert "rien n'est changé" in text(admin.post(URL, {f"country-{enrolment.candidate_id}": "France"}, follow=True))
    admin.post(URL, {"proposal-": "x", "proposal-abc": "x", "proposal-²": "x", f"other-{enrolment.candidate_id}": " "})
    assert birthplace(enrolment) == ("Saint-Denis", "", "France")


def test_the_people_of_another_branch_are_out_of_reach(client, enrolment):
    client.force_login(make_admin(make_branch()))
    assert "Saint-Denis" not in client.get(URL).text
    client.post(URL, {f"proposal-{enrolment.candidate_id}": "Saint-Denis (93)"})
    assert birthplace(enrolment)[1] == ""


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_three_as_for_one(admin, enrolment, count, django_assert_num_queries):
    for _ in range(count - 1):
        born(make_enrolment(enrolment.session), "Saint-Denis")
    admin.get(URL)
    with django_assert_num_queries(5):
        admin.get(URL)
    assert len(list_unsettled([enrolment.session.branch])) == count


@pytest.mark.parametrize(
    ("typed", "first"), [("Nantes Cedex", "Nantes (44)"), ("ROUEN (hôpital)", "Rouen (76)"), ("Lyon", "Lyon (69)")]
)
def test_what_stands_around_a_name_does_not_hide_it(typed, first):
    assert str(propose_communes(typed)[0]) == first
