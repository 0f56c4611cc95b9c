"""Where a text is still to be found: in every column of every table, in every file. The proof of an erasure.

What is compressed (a PDF's pages, an office document) says nothing to such a search: those files are told one by one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection

# Longer than any needle, so that one across two pieces is found.
OVERLAP = 1024
PIECE = 1024 * 1024


def in_database(needles: Iterable[str]) -> dict[str, int]:
    """Return the columns in which one of the texts is found, whatever the case, and how many rows: {"cqp_mail.body": 2}.

    Bytes are left out. JSON is searched as it is kept, accents written out or not.
    """
    patterns = sorted({form for needle in needles if needle for form in _forms(needle)})
    if not patterns:
        return {}
    occurrences = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = list(_columns(cursor, table))
            if columns and _count(cursor, table, columns, patterns):
                counts = {column: _count(cursor, table, [column], patterns) for column in columns}
                occurrences.update({f"{table}.{column}": count for column, count in counts.items() if count})
    return occurrences


def _forms(needle: str) -> set[str]:
    return {needle, json.dumps(needle)[1:-1], json.dumps(needle, ensure_ascii=False)[1:-1]}


def _columns(cursor: Any, table: str) -> Iterator[str]:
    for column in connection.introspection.get_table_description(cursor, table):
        if connection.introspection.get_field_type(column.type_code, column) != "BinaryField":
            yield column.name


def _count(cursor: Any, table: str, columns: Sequence[str], patterns: Sequence[str]) -> int:
    quote, like = connection.ops.quote_name, "ILIKE" if connection.vendor == "postgresql" else "LIKE"
    clause = f"CAST({{}} AS TEXT) {like} %s ESCAPE '!'"
    clauses = [clause.format(quote(column)) for column in columns for _ in patterns]
    values = [f"%{_escaped(pattern)}%" for _ in columns for pattern in patterns]
    cursor.execute(f"SELECT COUNT(*) FROM {quote(table)} WHERE {' OR '.join(clauses)}", values)
    return cursor.fetchone()[0]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def in_files(needles: Iterable[str]) -> list[str]:
    """Return the paths of the kept files whose name or bytes hold one of the texts."""
    texts = list(needles)
    return [path for path in files_under("") if file_holds(path, texts)]


def files_under(folder: str) -> Iterator[str]:
    """Return the paths of the kept files under a folder, "" for all."""
    if folder and not default_storage.exists(folder):
        return
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}".lstrip("/")
    for name in folders:
        yield from files_under(f"{folder}/{name}".lstrip("/"))


def file_holds(path: str, needles: Iterable[str]) -> bool:
    """Tell whether a file's path or bytes hold one of the texts, as UTF-8 or UTF-16."""
    forms = [form for needle in needles if needle for form in (needle.encode(), needle.encode("utf-16-be"))]
    if any(form in path.encode() for form in forms):
        return True
    try:
        with default_storage.open(path) as content:
            tail = b""
            while piece := content.read(PIECE):
                if any(form in tail + piece for form in forms):
                    return True
                tail = piece[-OVERLAP:]
    except FileNotFoundError:  # deleted meanwhile
        pass
    return False
