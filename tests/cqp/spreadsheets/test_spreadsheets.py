"""Spreadsheets as people have them, read; and given back."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from cqp.spreadsheets import formats
from cqp.spreadsheets.formats import CSV, ODS, XLSX
from cqp.spreadsheets.reading import SpreadsheetRefused, read
from cqp.spreadsheets.writing import annotate, write_xlsx
from tests.cqp.files.uploads import make_ole
from tests.cqp.spreadsheets.sheets import libreoffice, xlsx

ROWS = [["Nom", "Né le"], ["N'Guessan", "03/11/1988"], ["Nguyễn", "05/02/1990"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_whatever_its_encoding_and_its_separator(encoding, separator):
    text = "\r\n".join(separator.join(row) for row in ROWS)
    book = read(text.encode(encoding))
    assert book.type == CSV
    assert book.sheets[0].rows == ROWS


def test_a_csv_of_excel_in_french_is_read():
    book = read("Nom;Prénom\r\nd’Ornano-Le Bœuf;Zoé\r\n".encode("cp1252"))
    assert book.sheets[0].rows == [["Nom", "Prénom"], ["d’Ornano-Le Bœuf", "Zoé"]]
    assert (book.encoding, book.separator) == ("cp1252", ";")


def test_a_semicolon_in_quotes_and_a_comma_in_a_name_do_not_cut():
    book = read('Nom;Adresse\n"Martin, Léa";"12; rue"\n"Petit, Jean";"x"\n'.encode())
    assert book.sheets[0].rows[1] == ["Martin, Léa", "12; rue"]


def test_what_libreoffice_writes_is_read_as_it_is_seen():
    table = "Nom;Né le;Minutes;Code\nN'Guessan;03/11/1988;10;01234\n"
    for extension, kind in (("xlsx", XLSX), ("ods", ODS)):
        book = read(libreoffice(table, extension))
        assert book.type == kind
        header, row = book.sheets[0].rows
        assert header == ["Nom", "Né le", "Minutes", "Code"]
        assert row == ["N'Guessan", dt.date(1988, 11, 3), 10, 1234]


def test_the_sheets_that_hold_nothing_are_left_out_and_the_rows_keep_their_numbers():
    book = openpyxl.Workbook()
    book.create_sheet("Liste").append([])
    book["Liste"]["B3"] = "Nom"
    out = io.BytesIO()
    book.save(out)
    (sheet,) = read(out.getvalue()).sheets
    assert (sheet.name, sheet.rows) == ("Liste", [[], [], ["", "Nom"]])


def test_a_formula_is_not_evaluated():
    rows = read(xlsx([["Nom"], ['=HYPERLINK("http://example.org")'], ["=1+1"]])).sheets[0].rows
    assert rows == [["Nom"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"  \n ", "est vide"),
        (b";;;\n;;\n", "Aucune feuille"),
        (make_ole("EncryptedPackage"), "protégé par un mot de passe"),
        (make_ole("Workbook"), "ancien format .xls"),
        (make_ole("WordDocument"), "pas un tableau"),
        (b"\xef\xbb\xbf<html><table><tr><td>Nom</td></tr></table></html>", "page web"),
        ("<html><table></table></html>".encode("utf-16"), "page web"),
        (b"%PDF-1.7", "n'est pas un tableau"),
        (b"\x89PNG\r\n", "n'est pas un tableau"),
        (b"PK\x03\x04 cut short", "abîmé"),
        (b"Nom\n" + b"a\n" * 100_000, "plus de 5 000 lignes"),
        (b"a" * (formats.MAX_BYTES + 1), "plus de 10 Mo"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content, words):
    with pytest.raises(SpreadsheetRefused, match=words):
        read(content)


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in entries.items():
            zipped.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_archives_that_are_no_tables_or_that_are_locked_or_swell_are_refused():
    manifest = {"META-INF__manifest.xml": b"<encryption-data/>"}
    for content, words in (
        (archive(word__document=b"x"), "n'est pas un tableau"),
        (archive(**{"xl__workbook.xml": b"<x/>"}), "abîmé"),
        (archive(mimetype=ODS.encode(), **manifest), "mot de passe"),
        (archive(**{"xl__workbook.xml": b"0" * (formats.MAX_UNPACKED + 1)}), "plus de 5 000 lignes"),
    ):
        with pytest.raises(SpreadsheetRefused, match=words):
            read(content)


def test_100_000_rows_of_a_workbook_are_refused():
    with pytest.raises(SpreadsheetRefused, match="plus de 5 000 lignes"):
        read(xlsx([["Nom"], *([f"Nom {n}"] for n in range(100_000))]))


def test_an_export_keeps_texts_as_texts_and_dates_as_dates():
    content = write_xlsx("A/B", ["Nom", "Le"], [["=1+1", dt.date(2026, 11, 3)], ["+33 6", None], ["a\x00b", 7]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet.title == "A-B"
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s", "s"]
    assert [cell.quotePrefix for cell in sheet["A"]] == [False, True, True, False]
    assert sheet["A4"].value == "ab"
    assert sheet["B2"].value == dt.datetime(2026, 11, 3)  # noqa: DTZ001
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("extension", ["xlsx", "ods", "csv"])
def test_a_file_comes_back_as_it_was_with_a_column_more(extension):
    text = "Liste du centre\n\nNom;Né le\nMartin;1888\nPetit;03/11/1988\n"
    content = text.encode("cp1252") if extension == "csv" else libreoffice(text, extension)
    book = read(content)
    again = read(annotate(content, book, book.sheets[0].name, {3: "À corriger", 4: "né(e) en 1888 : vérifiez"}))
    assert again.type == book.type
    before, after = book.sheets[0].rows, again.sheets[0].rows
    assert [[c for c in row if c != ""] for row in after[:3]] == [
        ["Liste du centre"],
        [],
        ["Nom", "Né le", "À corriger"],
    ]
    assert after[3][:2] == before[3][:2]
    assert after[3][2] == "né(e) en 1888 : vérifiez"
    assert [c for c in after[4] if c != ""] == [c for c in before[4] if c != ""]
