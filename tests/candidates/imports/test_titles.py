"""Columns are proposed from the titles and values that training centres write."""

import pytest

from candidates.imports.candidate_columns import columns
from candidates.imports.services import preview_import, set_columns, start_import
from cqp.spreadsheets.headings import find_table, propose
from cqp.spreadsheets.reading import Sheet
from tests import factories as make

pytestmark = pytest.mark.django_db


def proposed(session, *rows: list[str]) -> dict[str, int]:
    understood = columns(session)
    return propose(find_table(Sheet("", rows), understood), understood)


def key(session, number: int) -> str:
    return f"bloc_{make.bloc(session.referentiel, number).pk}"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mél", "email"),
        ("Civ.", "sex"),
        ("Prénoms (état civil)", "first_names"),
        ("Date naiss. (jj/mm/aaaa)", "birth"),
        ("Naissance (date)", "birth"),
        ("Lieu naiss.", "birth_place"),
        ("Nom (naissance)", "birth_name"),
        ("Nom (d'usage)", "used_name"),
        ("Nom marital", "used_name"),
        ("Mail (formateur)", "referent_trainer_email"),
        ("N° bloc", "blocs"),
        ("Parcours", "access_route"),
        ("Type de contrat", "access_route"),
    ],
)
def test_a_title_is_known_as_training_centres_write_it(session, title, name):
    assert proposed(session, ["Remarque", title], ["rien", "x"]) == {name: 1}


def test_a_column_for_each_bloc_is_known_and_one_for_a_bloc_that_there_is_not_is_left(session):
    titles = ["Bloc n°1", "BC02", "Bloc n°7"]
    assert proposed(session, ["Nom", "Prénom", *titles]) == {
        "birth_name": 0,
        "first_names": 1,
        key(session, 1): 2,
        key(session, 2): 3,
    }


def test_titles_on_two_lines_are_read_together(session):
    rows = [
        ["Liste des candidats"],
        ["Civ.", "Nom", "Prénom", "Naissance", "", "Mél"],
        ["", "", "", "Date", "Lieu", ""],
        ["Mme", "Petit", "Zoé", "03/11/1988", "Lyon", "zoe@example.org"],
    ]
    table = find_table(Sheet("", rows), columns(session))
    assert (table.header, len(table.rows)) == (3, 1)
    assert propose(table, columns(session)) == {
        "sex": 0,
        "birth_name": 1,
        "first_names": 2,
        "birth": 3,
        "birth_place": 4,
        "email": 5,
    }


def test_a_first_person_is_no_second_line_of_titles(session):
    table = find_table(Sheet("", [["Nom", "Prénom"], ["Petit", "Zoé"]]), columns(session))
    assert (table.header, len(table.rows)) == (1, 1)


def test_addresses_tell_their_column_unless_there_are_two(session):
    one, two = ["Nom", "Contact", "Autre"], ["Petit", "zoe@example.org", "06"]
    assert proposed(session, one, two)["email"] == 1
    assert "email" not in proposed(session, one, [*two[:2], "centre@example.org"])


def test_a_list_of_a_training_centre_is_read_as_it_is(session, admin):
    content = (
        "Civ.;Nom;Prénoms (état civil);Date naiss. (jj/mm/aaaa);Mél;Parcours;Bloc 1;Bloc 2;Bloc 3\n"
        "Melle;Petit;Zoé;3 NOV. 1988;zoe@example.org;contrat pro;✓;;oui\n"
    )
    import_ = start_import(session=session, kind="candidates", name="x.csv", content=content.encode(), by=admin)
    (plan,) = preview_import(import_).plans
    assert (plan.stage, plan.changes) == ("create", [("Blocs", "", "1, 3")])
    assert plan.arguments["details"].access_route == "professionalisation_contract"
    listed = content.replace(";Bloc 1;Bloc 2;Bloc 3", ";N° bloc").replace("✓;;oui", "1-2-3")
    import_ = start_import(session=session, kind="candidates", name="x.csv", content=listed.encode(), by=admin)
    assert preview_import(import_).plans[0].changes == [("Blocs", "", "1, 2, 3")]
    set_columns(import_=import_, mapping=None, sheet="", header=1, by=admin)
    short = listed.replace("1-2-3", "1-3")
    import_ = start_import(session=session, kind="candidates", name="x.csv", content=short.encode(), by=admin)
    assert preview_import(import_).plans[0].row.errors[0].key == "blocs"
