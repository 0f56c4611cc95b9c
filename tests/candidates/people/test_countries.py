"""Countries come from one list; what was written otherwise, or no longer exists, leads to it."""

import pytest

from candidates.people.countries import (
    OTHER_NAMES,
    UnknownCountryError,
    find_country,
    is_listed_country,
    list_countries,
)


@pytest.mark.parametrize(
    ("text", "country"),
    [("FRANCE", "France"), ("cote d’ivoire", "Côte d'Ivoire"), ("le Maroc", "Maroc"), ("Viet-Nam", "Viêt Nam"),
     ("Zaïre", "Congo-Kinshasa"), ("Birmanie", "Myanmar (Birmanie)"), ("Guadeloupe", "France"), ("La Réunion", "France"),
     ("Angleterre", "Royaume-Uni"), ("", "")],
)  # fmt: skip
def test_a_country_is_recognised_as_people_write_it(text, country):
    assert find_country(text) == country


def test_a_country_that_became_several_proposes_them():
    with pytest.raises(UnknownCountryError, match="écrivez Tchéquie ou Slovaquie") as unknown:
        find_country("Tchécoslovaquie")
    assert unknown.value.proposals == ("Tchéquie", "Slovaquie")


def test_what_is_no_country_says_what_to_do():
    with pytest.raises(UnknownCountryError, match="choisissez-le dans la liste"):
        find_country("Lyon")
    assert not is_listed_country("Lyon")


def test_every_name_that_is_proposed_is_in_the_list():
    assert list_countries()[0] == "France"
    assert len(set(list_countries())) == len(list_countries()) > 190
    assert {name for names in OTHER_NAMES.values() for name in names} <= set(list_countries())
