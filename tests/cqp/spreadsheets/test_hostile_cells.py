"""Cells that no person writes are read, or refused with what to do: never an error of the site."""

import io
import zipfile

import openpyxl
import pytest

from cqp.spreadsheets import cells, dates
from cqp.spreadsheets.reading import SpreadsheetRefused, read


def xlsx(value: str) -> bytes:
    """A workbook whose one number is written as said."""
    book, made, changed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["Nom", 7])
    book.save(made)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b"<v>7</v>", f"<v>{value}</v>".encode()))
    return changed.getvalue()


@pytest.mark.parametrize(("value", "shown"), [("NaN", "nan"), ("INF", "inf"), ("1e999", "inf"), ("-1e999", "-inf")])
def test_what_is_no_number_is_a_text_that_every_column_refuses(value, shown):
    cell = read(xlsx(value)).sheets[0].rows[0][1]
    assert cell == shown
    for reads in (cells.integer_cell(0, 9), dates.date_cell, dates.birth_cell, dates.time_cell, cells.insee_cell):
        with pytest.raises(cells.CellError):
            reads(cell)


@pytest.mark.parametrize(
    "value", ["9" * 5000, "²", "1 1 " + "9" * 5000, "9" * 5000 + " 1 2020", "-1", "", "12" + " " * 5000]
)
def test_figures_without_end_are_refused_with_what_to_write(value):
    for reads in (cells.integer_cell(0, 9), dates.date_cell, dates.birth_cell, cells.insee_cell):
        with pytest.raises(cells.CellError):
            reads(value)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_as_long_as_the_file_is_read_and_its_column_says_how_long_it_may_be(quote):
    rows = read(f"Nom;x\n{quote}{'a' * 200_000};2\n".encode()).sheets[0].rows
    with pytest.raises(cells.CellError, match="100 au plus"):
        cells.name_cell(100)(rows[1][0])


def test_a_cell_holds_nothing_unseen():
    rows = read("Nom;x\na\x07b\x0bc\u2028d;2\n".encode()).sheets[0].rows
    assert rows[1][0] == "ab\nc\nd"


@pytest.mark.parametrize("files", [{}, {"META-INF/manifest.xml": "<manifest/>"}, {"content.xml": ""}])
def test_an_ods_with_hardly_anything_in_it_is_refused(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        for name, text in files.items():
            archive.writestr(name, text)
    with pytest.raises(SpreadsheetRefused):
        read(made.getvalue())
