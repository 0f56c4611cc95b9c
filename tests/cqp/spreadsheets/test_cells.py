"""Cells as people write them."""

import datetime as dt

import pytest

from cqp.spreadsheets import cells, dates
from cqp.spreadsheets.cells import CellError, Proposed


@pytest.mark.parametrize(
    ("cell", "birth"),
    [
        ("03/11/1988", (1988, 11, 3)),
        ("3.11.1988", (1988, 11, 3)),
        ("1988-11-03", (1988, 11, 3)),
        ("1988-11-03 00:00:00", (1988, 11, 3)),
        ("3 novembre 1988", (1988, 11, 3)),
        ("1er août 1979", (1979, 8, 1)),
        (dt.datetime(1988, 11, 3, tzinfo=dt.UTC), (1988, 11, 3)),
        (dt.date(1988, 11, 3), (1988, 11, 3)),
        ("00/11/1988", (1988, 11, None)),
        ("11/1988", (1988, 11, None)),
        ("00/00/1988", (1988, None, None)),
        ("1988", (1988, None, None)),
        (1988, (1988, None, None)),
        ("03.11.1988", (1988, 11, 3)),
        ("3 NOV. 1988", (1988, 11, 3)),
        ("jeudi 3 novembre 1988", (1988, 11, 3)),
        ("jeu. 3 nov. 1988", (1988, 11, 3)),
        ("mar. 5 mars 1985", (1985, 3, 5)),
        ("née le 3 novembre 1988", (1988, 11, 3)),
        ("03-Aug-1988", (1988, 8, 3)),
        ("03/11/1988 00:00", (1988, 11, 3)),
        ("1988-11-03T00:00:00.000Z", (1988, 11, 3)),
    ],
)
def test_a_birth_date_is_read_as_people_write_it(cell, birth):
    assert dates.birth_cell(cell) == birth


@pytest.mark.parametrize(
    ("cell", "birth", "message"),
    [
        ("3-11-88", (1988, 11, 3), "une année à deux chiffres : lue 03/11/1988"),
        ("3-nov-88", (1988, 11, 3), "une année à deux chiffres : lue 03/11/1988"),
        ("05/02/04", (2004, 2, 5), "une année à deux chiffres : lue 05/02/2004"),
        ("11/88", (1988, 11, None), "une année à deux chiffres : lue 11/1988"),
        ("03/11/00 00:00", (2000, 11, 3), "une année à deux chiffres : lue 03/11/2000"),
        ("32450", (1988, 11, 3), "un numéro de jour de tableur : lue 03/11/1988"),
        (32450, (1988, 11, 3), "un numéro de jour de tableur : lue 03/11/1988"),
        (32450.0, (1988, 11, 3), "un numéro de jour de tableur : lue 03/11/1988"),
        ("lundi 3 novembre 1988", (1988, 11, 3), "ce jour est un jeudi : lue 03/11/1988"),
    ],
)
def test_a_birth_date_that_could_be_another_is_proposed_with_how_it_was_read(cell, birth, message):
    assert dates.birth_cell(cell) == Proposed(birth, message)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("03/11/1888", "l'âge serait hors de 15 à 100 ans"),
        ("03/11/2030", "l'âge serait hors de 15 à 100 ans"),
        ("31/02/1988", "cette date n'existe pas"),
        ("11/25/1988", "cette date n'existe pas"),
        ("hier", "écrivez la date comme 03/11/1988"),
        ("12", "écrivez la date comme 03/11/1988"),
        ("03/00/1988", "le mois manque"),
        ("1/2/3/1988", "écrivez la date comme 03/11/1988"),
        (12.5, "écrivez la date comme 03/11/1988"),
        (True, "écrivez la date comme 03/11/1988"),
        ("99999", "écrivez la date comme 03/11/1988"),
        ("nul 3 novembre 1988", "écrivez la date comme 03/11/1988"),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused_with_what_to_write(cell, words):
    with pytest.raises(CellError, match=words):
        dates.birth_cell(cell)


def test_an_address_loses_its_spaces_and_what_is_not_one_is_refused():
    assert cells.email_cell(" Lea.Nguessan@Example.org ") == "lea.nguessan@example.org"
    for written, address in (
        ("Lea.Nguessan @Example.org", "lea.nguessan@example.org"),
        ("mailto:lea@example.org;", "lea@example.org"),
        ("Camille Petit <c@example.fr>", "c@example.fr"),
        ("'c@example.fr' <C@example.fr>;", "c@example.fr"),
    ):
        assert cells.email_cell(written) == Proposed(address, f"adresse lue « {address} »")
    for wrong in ("lea", "lea@", "lea@example", "a@b.fr, c@d.fr", "a@b.fr <c@d.fr>", "<a@b.fr> <c@d.fr>"):
        with pytest.raises(CellError, match="adresse électronique"):
            cells.email_cell(wrong)


def test_lost_zeros_are_given_back():
    assert cells.insee_cell(1234) == "01234"
    assert cells.insee_cell("2a004") == "2A004"
    with pytest.raises(CellError, match="cinq caractères"):
        cells.insee_cell("123")


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("9h", dt.time(9)),
        ("9 h 30", dt.time(9, 30)),
        ("09:30", dt.time(9, 30)),
        ("9:30:00", dt.time(9, 30)),
        (0.5, dt.time(12)),
        (dt.time(14, 5), dt.time(14, 5)),
        ("14", dt.time(14)),
    ],
)
def test_a_time_is_read_as_people_write_it(cell, time):
    assert dates.time_cell(cell) == time


def test_a_time_that_is_none_is_refused():
    for wrong in ("25h", "9h75", "midi"):
        with pytest.raises(CellError, match="écrivez l'heure"):
            dates.time_cell(wrong)


@pytest.mark.parametrize("cell", ["Oui", "OUI.", "o", "x", "X", "✓", "✔️", "☑", "vrai", "V", "1", 1, True, "coché", "ü"])
def test_a_yes_is_read_in_every_usual_form(cell):
    assert cells.yes_cell(cell) is True


@pytest.mark.parametrize("cell", ["NON", "n", "-", "—", "☐", "faux", "F", "0", 0, False, "aucun", "Néant", ""])
def test_a_no_is_read_in_every_usual_form(cell):
    assert cells.yes_cell(cell) is False


@pytest.mark.parametrize("cell", ["peut-être", "✗", "?", "😀", "oui, 10 minutes"])
def test_what_is_neither_yes_nor_no_is_refused(cell):
    with pytest.raises(CellError, match="oui ou non"):
        cells.yes_cell(cell)


def test_minutes_and_lists():
    minutes = cells.integer_cell(0, 120, "minutes")
    assert [minutes(cell) for cell in (10, "10", "10 min", "10 minutes", "10mn", "10 min.", "10'")] == [10] * 7
    assert [minutes(cell) for cell in ("non", "Aucun", "-", False, 0)] == [0] * 5
    for yes in ("oui", "x", True):
        with pytest.raises(CellError, match="écrivez combien"):
            minutes(yes)
    assert minutes("1") == 1
    with pytest.raises(CellError, match="nombre entier de 1 à 40"):
        cells.integer_cell(1, 40)("non")
    for wrong in (-5, "1/3", 10.5, 200):
        with pytest.raises(CellError, match="nombre entier de 0 à 120"):
            minutes(wrong)
    assert cells.list_cell("1, 2 et 3") == ["1", "2", "3"]
    assert cells.list_cell(1.2) == ["1", "2"]
    assert cells.list_cell(2) == ["2"]


def test_a_date_before_1900_of_an_excel_workbook_is_told():
    with pytest.raises(cells.CellError, match="pas d'année après 1900"):
        dates.birth_cell(dt.time(0))
