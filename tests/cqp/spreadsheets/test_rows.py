"""Rows as people leave them: repeated, painted, prepared with formulas; and the column that is added beside them."""

import io
from itertools import pairwise

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from cqp.spreadsheets import cells
from cqp.spreadsheets.columns import check_rows, understand
from cqp.spreadsheets.formats import LAST_COLUMN
from cqp.spreadsheets.headings import Column, find_table, propose
from cqp.spreadsheets.reading import Sheet, SpreadsheetRefused, read
from cqp.spreadsheets.writing import annotate
from tests.cqp.spreadsheets.sheets import recalculated

COLUMNS = [Column("name", "Nom", cells.name_cell(100), required=True), Column("age", "Âge", cells.integer_cell(0, 99))]
RED = PatternFill("solid", fgColor="FF0000")


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def understood(*rows):
    table = find_table(Sheet("", [["Nom", "Âge", "Note"], *rows]), COLUMNS)
    return understand(table, propose(table, COLUMNS), COLUMNS)


def test_a_row_that_says_the_same_again_counts_once_with_a_warning():
    rows = understood(["Petit", 30, "a"], ["Martin", 30], ["Petit", 30, "b"], ["Petit", 30], ["Petit", 31])
    assert [row.number for row in rows] == [2, 3, 6]
    assert [problem.message for row in rows for problem in row.warnings] == [
        "les lignes 4, 5 disent la même chose : elle compte une fois"
    ]


def test_a_row_that_is_repeated_without_end_is_said_in_a_line():
    (row,) = understood(*(["Petit", 30] for _ in range(100)))
    assert row.warnings[0].message == (
        "les lignes 3, 4, 5, 6, 7 et 94 autres disent la même chose : elle compte une fois"
    )


def test_the_same_cells_below_merged_ones_are_not_the_same_row():
    filled = Column("bloc", "Bloc", cells.name_cell(9), fills_down=True)
    columns = [filled, Column("criterion", "Critère", cells.name_cell(9))]
    table = find_table(Sheet("", [["Bloc", "Critère"], ["1", "a"], ["", "b"], ["2", "a"], ["", "b"]]), columns)
    assert len(understand(table, propose(table, columns), columns)) == 4


def test_a_row_with_nothing_in_the_columns_that_are_read_is_left_out():
    assert [row.number for row in understood(["", "", 1], [0, 0, 2], ["Petit", "", 3], ["", 30, 4])] == [4, 5]


@pytest.mark.parametrize("content", [b"Nom;Age\n", b"Liste\n\nNom;Age\n;\n", b"Nom;Age\n#N/A;#N/A\n"])
def test_a_header_alone_is_refused_with_what_to_do(content):
    with pytest.raises(SpreadsheetRefused, match="n'a que des titres"):
        check_rows(content, COLUMNS)
    check_rows(content + b"Petit;30\n", COLUMNS)


def test_a_sheet_of_titles_beside_one_of_people_is_read():
    book = openpyxl.Workbook()
    book.active.append(["Nom"])
    book.create_sheet("Liste").append(["Nom"])
    with pytest.raises(SpreadsheetRefused, match="n'a que des titres"):
        check_rows(saved(book), COLUMNS)
    book["Liste"].append(["Petit"])
    check_rows(saved(book), COLUMNS)


@pytest.mark.parametrize("extension", ["xlsx", "ods"])
def test_rows_painted_or_prepared_with_formulas_cost_nothing(extension):
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Age"])
    book.active.append(["Petit", 30])
    for row in range(3, 7_000):
        book.active.cell(row, 1).value = f'=IF(C{row}="","",C{row})'
        book.active.cell(row, 2).fill = RED
    content = recalculated(saved(book), extension)
    assert [list(row) for row in read(content).sheets[0].rows] == [["Nom", "Age"], ["Petit", 30]]


def test_rows_far_apart_keep_their_numbers():
    content = b"Nom\n" + b"\n" * 6_000 + b"Petit\n"
    rows = read(content).sheets[0].rows
    assert (len(rows), rows[6_001], rows[3_000]) == (6_002, ["Petit"], [])


def painted_to_the_edge() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = "Liste"
    book.active.append(["Nom", "Né le"])
    book.active.append(["Petit", 1888])
    for column in range(1, LAST_COLUMN + 1):
        book.active.cell(1, column).fill = RED
    return book


@pytest.mark.parametrize("extension", ["xlsx", "ods"])
def test_the_column_of_errors_stands_beside_the_others_on_a_sheet_painted_to_its_edge(extension):
    content = saved(painted_to_the_edge())
    if extension == "ods":
        content = recalculated(content, "ods")
    book = read(content)
    again = annotate(content, book, "Liste", {1: "À corriger", 2: "vérifiez"})
    assert read(again).sheets[0].rows == [["Nom", "Né le", "À corriger"], ["Petit", 1888, "vérifiez"]]


def test_the_column_of_errors_covers_nothing_that_is_filled_merged_or_failed():
    book = painted_to_the_edge()
    sheet = book.active
    sheet["XFD2"], sheet["D2"] = "seul", "#REF!"
    sheet["D2"].data_type = "e"
    sheet.merge_cells("E1:F2")
    content = saved(book)
    again = annotate(content, read(content), "Liste", {1: "À corriger", 2: "vérifiez"})
    sheet = openpyxl.load_workbook(io.BytesIO(again)).active
    assert (sheet["G1"].value, sheet["G2"].value, sheet["XFD2"].value) == ("À corriger", "vérifiez", "seul")


def test_widths_of_several_columns_at_once_stay_one_piece():
    book = painted_to_the_edge()
    group = book.active.column_dimensions["B"]
    group.min, group.max, group.width = 2, LAST_COLUMN, 12
    content = saved(book)
    again = annotate(content, read(content), "Liste", {1: "À corriger"})
    widths = openpyxl.load_workbook(io.BytesIO(again)).active.column_dimensions
    spans = sorted((width.min, width.max) for width in widths.values())
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_a_csv_with_separators_at_the_end_of_its_lines_gets_its_column_beside_the_others():
    content = b"Nom;Age;;;;\nPetit;1888;;;;\n"
    again = annotate(content, read(content), "", {1: "A corriger", 2: "non"})
    assert again.decode("utf-8-sig") == "Nom;Age;A corriger\r\nPetit;1888;non\r\n"
