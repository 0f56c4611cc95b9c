"""Cells in which a formula failed (#N/A, #REF!): as texts, and as the cells of their own kind that workbooks have.

What reads workbooks for us gives the latter as empty cells: a name that could not be looked up would be no name at all.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO

from lxml import etree

from cqp.spreadsheets.formats import MAX_COLUMNS, XLSX

# Row and column, from 0.
type Place = tuple[int, int]

# As Excel, LibreOffice and Google show them, in French and in English.
ERRORS = {
    *("#N/A", "#N/D", "#REF!", "#VALEUR!", "#VALUE!", "#NOM?", "#NAME?", "#DIV/0!", "#NUL!", "#NULL!", "#NOMBRE!"),
    *("#NUM!", "#PROPAGATION!", "#EPARS!", "#SPILL!", "#CALC!", "#CHAMP!", "#FIELD!", "#CONNEXION!", "#CONNECT!"),
    *("#BLOQUE!", "#BLOCKED!", "#INCONNU!", "#UNKNOWN!", "#OCCUPE!", "#BUSY!", "#EXTERNAL!", "#GETTING_DATA"),
    *("#CHARGEMENT_DONNEES", "#ERREUR!", "#ERROR!"),
}
UNNAMED = "#ERREUR!"

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"


def is_error(text: str) -> bool:
    """Tell whether a cell shows that a formula failed. A row of # alone is a number that its column was too narrow for."""
    shown = text.upper().replace(" ", "").replace("É", "E")
    return shown in ERRORS or bool(re.fullmatch(r"ERR:\d{3}|#{3,300}", shown))


def find_error_cells(content: bytes, kind: str, heights: Mapping[str, int]) -> dict[str, dict[Place, str]]:
    """Return by sheet, then by place, what the cells of an XLSX or ODS show that hold an error. Raises ValueError.

    heights: of each sheet, how many of its rows are looked at.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _in_xlsx(archive, heights) if kind == XLSX else _in_ods(archive, heights)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, KeyError) as error:
        raise ValueError("The parts of the workbook cannot be read.") from error


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if is_error(text) else UNNAMED


def _elements(file: IO[bytes], *tags: str) -> Iterator[etree._Element]:
    """Yield the elements of these names as they end, each emptied once it was seen."""
    for _, element in etree.iterparse(file, tag=tags, resolve_entities=False, no_network=True):
        yield element
        element.clear()


def _parsed(archive: zipfile.ZipFile, name: str) -> etree._Element:
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))


def _in_xlsx(archive: zipfile.ZipFile, heights: Mapping[str, int]) -> dict[str, dict[Place, str]]:
    names = set(archive.namelist())
    targets: dict[str | None, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for relation in _parsed(archive, "xl/_rels/workbook.xml.rels"):
            target = posixpath.join("/xl", relation.get("Target", ""))
            targets[relation.get("Id")] = posixpath.normpath(target).removeprefix("/")
    sheets = {}
    for sheet in _parsed(archive, "xl/workbook.xml").iter(f"{SHEET}sheet", f"{STRICT}sheet"):
        links = [value for name, value in sheet.attrib.items() if name.endswith("}id")]
        path = targets.get(links[0]) if links else None
        if path in names and b't="e"' in archive.read(path):
            with archive.open(path) as file:
                name = sheet.get("name", "")
                sheets[name] = dict(_errors_of_a_sheet(file, heights.get(name, 0)))
    return sheets


def _errors_of_a_sheet(file: IO[bytes], height: int) -> Iterator[tuple[Place, str]]:
    for cell in _elements(file, f"{SHEET}c", f"{STRICT}c"):
        place = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", cell.get("r", "")) if cell.get("t") == "e" else None
        if place:
            row, column = int(place[2]) - 1, _rank(place[1])
            if 0 <= row < height and column < MAX_COLUMNS:
                value = next((child.text for child in cell if child.tag in (f"{SHEET}v", f"{STRICT}v")), None)
                yield (row, column), _shown(value or "")


def _rank(letters: str) -> int:
    """Return the rank of a column from 0: A is 0, AA is 26."""
    rank = 0
    for letter in letters:
        rank = rank * 26 + ord(letter) - ord("A") + 1
    return rank - 1


def _in_ods(archive: zipfile.ZipFile, heights: Mapping[str, int]) -> dict[str, dict[Place, str]]:
    if b'value-type="error"' not in archive.read("content.xml"):
        return {}
    sheets: dict[str, dict[Place, str]] = {}
    # Of the sheet whose rows are read: its rows so far, those that hold errors.
    number = 0
    rows: list[tuple[range, list[tuple[int, str]]]] = []
    with archive.open("content.xml") as file:
        for element in _elements(file, f"{TABLE}table-row", f"{TABLE}table"):
            if element.tag == f"{TABLE}table":
                name = element.get(f"{TABLE}name", "")
                sheets[name] = dict(_placed(rows, heights.get(name, 0)))
                number, rows = 0, []
                continue
            copies = _repeated(element, "rows")
            if errors := list(_errors_of_a_row(element)):
                rows.append((range(number, number + copies), errors))
            number += copies
    return sheets


def _placed(rows: list[tuple[range, list[tuple[int, str]]]], height: int) -> Iterator[tuple[Place, str]]:
    for numbers, errors in rows:
        for row in range(numbers.start, min(numbers.stop, height)):
            yield from (((row, column), text) for column, text in errors)


def _errors_of_a_row(row: etree._Element) -> Iterator[tuple[int, str]]:
    column = 0
    for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
        copies = _repeated(cell, "columns")
        if cell.get(VALUE_TYPE) == "error":
            text = _shown(" ".join("".join(line.itertext()) for line in cell.iterchildren(TEXT)))
            yield from ((rank, text) for rank in range(column, min(column + copies, MAX_COLUMNS)))
        column += copies


def _repeated(element: etree._Element, what: str) -> int:
    return int(element.get(f"{TABLE}number-{what}-repeated", "1"))
