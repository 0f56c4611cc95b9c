"""What the two sides of a box know of spreadsheets: the formats, what is too much, what is said, what a cell is."""

import datetime as dt
import math
import re
from typing import Any

from cqp.core.text import clean_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CSV = "text/csv"
EXTENSIONS = {CSV: "csv", ODS: "ods", XLSX: "xlsx"}

MAX_BYTES = 10 * 10**6
MAX_UNPACKED = 150 * 10**6
MAX_ROWS = 5_000
MAX_COLUMNS = 200
# As far as a workbook goes: XFD1048576.
LAST_COLUMN = 16_384
LAST_ROW = 1_048_576
SEPARATORS = (";", ",", "\t", "|")

# What a spreadsheet takes for a formula when a text begins with it.
ACTING = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60

# A cell: a text without spaces around it ("" when empty), a number, a truth, a date, a time.
type Cell = str | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta

TOO_HEAVY = "Ce fichier pèse plus de 10 Mo. Enregistrez seulement la feuille des personnes dans un nouveau classeur."
EMPTY = "Ce fichier est vide. Vérifiez qu'il est bien enregistré, puis envoyez-le de nouveau."
LOCKED = (
    "Ce classeur est protégé par un mot de passe. Ouvrez-le, retirez le mot de passe, enregistrez-le au format .xlsx, puis "
    "envoyez-le."
)
OLD = "Ce classeur est dans l'ancien format .xls. Ouvrez-le, enregistrez-le au format .xlsx, puis envoyez-le."
WEB_PAGE = (
    "Ce fichier est une page web, même s'il a un nom de tableur. Ouvrez-le avec votre tableur, enregistrez-le au format "
    ".xlsx, puis envoyez-le."
)
DAMAGED = (
    "Ce fichier est abîmé : il ne peut pas être lu. Ouvrez-le, enregistrez-le au format .xlsx, "
    "puis envoyez-le de nouveau."
)
UNKNOWN = "Ce fichier n'est pas un tableau. Envoyez un fichier .xlsx (Excel), .ods (LibreOffice) ou .csv."
TOO_MANY = "Ce tableau a plus de 5 000 lignes. Coupez-le en plusieurs fichiers, et envoyez-les l'un après l'autre."
NOTHING = "Aucune feuille de ce fichier n'a de ligne remplie."
HEADER_ALONE = (
    "Ce tableau n'a que des titres. Remplissez au moins une ligne dessous, enregistrez-le, puis envoyez-le de nouveau."
)
NO_ROOM = "Toutes les colonnes de ce tableau sont remplies. Supprimez-en une, puis envoyez-le de nouveau."
TOO_COMPLEX = (
    "Enregistrez seulement la feuille des personnes dans un nouveau classeur, sans mise en forme, puis envoyez-le."
)


def clean(cell: Cell) -> Cell:
    """Return a cell without what is not seen: spaces around, control characters, the `.0` of a whole number."""
    if isinstance(cell, str):
        return re.sub(r"[^\S\n]+", " ", re.sub(r"[\u200b\ufeff]", "", clean_text(cell))).strip()
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return int(cell)
    return cell


def pack(cell: Any) -> Any:
    """Return a cell as JSON holds it."""
    match cell:
        case dt.datetime() | dt.date() | dt.time():
            return [type(cell).__name__, cell.isoformat()]
        case dt.timedelta():
            return ["timedelta", cell.total_seconds()]
        case _:
            return cell


def unpack(packed: Any) -> Cell:
    """Return the cell that `pack` gave."""
    if not isinstance(packed, list):
        cell: Cell = packed
        return cell
    name, value = packed
    if name == "timedelta":
        return dt.timedelta(seconds=value)
    kinds: dict[str, Any] = {"datetime": dt.datetime, "date": dt.date, "time": dt.time}
    read: Cell = kinds[name].fromisoformat(value)
    return read


def put(cell: Any, value: Any) -> None:
    """Write a value in its own type; a moment loses its zone, which a spreadsheet cannot say."""
    if isinstance(value, dt.datetime):
        value = value.replace(tzinfo=None)
    if isinstance(value, str):
        value = str(clean(value))[:32_000]
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(ACTING)
    elif isinstance(value, dt.date):
        cell.number_format = "DD/MM/YYYY HH:MM" if isinstance(value, dt.datetime) else "DD/MM/YYYY"
    elif isinstance(value, dt.time):
        cell.number_format = "HH:MM"
