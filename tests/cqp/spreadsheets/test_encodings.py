"""A CSV is read in the encoding in which its text is French."""

import pytest

from cqp.spreadsheets.encodings import encoding_of
from cqp.spreadsheets.reading import read

SHEETS = (
    "Civilité;Nom;Prénoms;Né(e) le\nMme;Petit;Zoé;03/11/1988\n",
    "Nom;Prénom\nN’Guessan;Maëlle\nLE BŒUF;HÉLÈNE\n",
    "Société;Lieu de naissance\nCafé « Ô »;Saint-Étienne\n",
    "N° bloc;Prenom\n1;Jose\n",
    "Nom;Prenom\nNúñez;Anaïs\nÉmile;Benoît\n",
    "Nom;Prenom\nGARÇON;NOËL\nD’Août;Ève\n",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16"])
@pytest.mark.parametrize("text", SHEETS)
def test_a_csv_of_any_usual_program_is_read_with_its_accents(text, encoding):
    rows = read(text.encode(encoding)).sheets[0].rows
    assert [list(row) for row in rows] == [line.split(";") for line in text.replace("\xa0", " ").splitlines()]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_an_accent_that_comes_late_is_seen(encoding):
    content = ("Nom;Prenom\n" + "Petit;Paul\n" * 40_000 + "Zoé;Hélène\n").encode(encoding)
    assert encoding_of(content) == encoding


def test_a_byte_that_was_lost_does_not_spoil_the_accents_of_the_others():
    content = "Nom;Prénom\nPetit;Zoé\nMartin;Hélène\n".encode().replace("Zoé".encode(), b"Zo\xc3")
    assert read(content).sheets[0].rows[1:] == [["Petit", "Zo\ufffd"], ["Martin", "Hélène"]]
