"""A cell whose formula failed is an error, in every format: never an empty cell, never a name."""

import io

import openpyxl
import pytest

from cqp.spreadsheets import cells
from cqp.spreadsheets.columns import understand
from cqp.spreadsheets.error_cells import is_error
from cqp.spreadsheets.headings import Column, find_table
from cqp.spreadsheets.reading import read
from tests.cqp.spreadsheets.sheets import libreoffice

NAME = Column("name", "Nom", cells.name_cell(100))


def workbook() -> bytes:
    """A workbook of openpyxl's with typed errors."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Notes"
    book.active.append(["rien"])
    sheet = book.create_sheet("Personnes & co")
    sheet.append(["Nom", "Âge"])
    sheet.append(["Petit", 30])
    sheet.append(["", 31])
    for place, error in (("A3", "#REF!"), ("B2", "#N/A"), ("AB2", "#DIV/0!")):
        sheet[place] = error
        sheet[place].data_type = "e"
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    ["#N/A", "#n/a", "#REF!", "#VALEUR!", "#NOM?", "#DIV/0!", "#NUL!", "#NOMBRE!", "Err:502", "Err :502", "########"],
)
def test_what_a_spreadsheet_shows_for_an_error_is_known(text):
    assert is_error(text)


@pytest.mark.parametrize("text", ["#1", "#", "Petit", "N/A", "Err", "1#2"])
def test_what_a_person_writes_is_no_error(text):
    assert not is_error(text)


def test_typed_errors_of_a_workbook_are_read_where_they_stand():
    rows = read(workbook()).sheets[1].rows
    assert [list(row[:2]) for row in rows[:3]] == [["Nom", "Âge"], ["Petit", "#N/A"], ["#REF!", 31]]
    assert (len(rows), rows[1][27]) == (3, "#DIV/0!")


@pytest.mark.parametrize("extension", ["xlsx", "ods"])
def test_the_errors_of_libreoffice_are_read_where_they_stand(extension):
    content = libreoffice("Nom;x\nPetit;=1/0\n\n\n=NA();=foo(1)\nMartin;\n", extension)
    assert [list(row) for row in read(content).sheets[0].rows if any(cell != "" for cell in row)] == [
        ["Nom", "x"],
        ["Petit", "#DIV/0!"],
        ["#N/A", "#NAME?"],
        ["Martin", ""],
    ]


@pytest.mark.parametrize("content", [b"Nom;x\n#N/A;1\n#VALEUR!;2\n", None])
def test_an_error_is_no_name(content):
    sheet = read(content or workbook()).sheets[-1]
    rows = understand(find_table(sheet, [NAME]), {"name": 0}, [NAME])
    problems = [(row.errors[0].written, row.errors[0].message) for row in rows if row.errors]
    message = "la formule de cette case a échoué : écrivez la valeur elle-même"
    assert problems == ([("#N/A", message), ("#VALEUR!", message)] if content else [("#REF!", message)])


def test_formulas_that_go_on_below_the_last_person_are_no_rows():
    lines = ["Nom;Age", "Petit;=1/0", "=NA();=1/0", "=NA();"]
    for extension in ("xlsx", "ods"):
        rows = read(libreoffice("\n".join(lines), extension)).sheets[0].rows
        assert [list(row) for row in rows] == [["Nom", "Age"], ["Petit", "#DIV/0!"]]
    assert len(read(b"Nom;Age\nPetit;1\n#N/A;#N/A\n").sheets[0].rows) == 2
