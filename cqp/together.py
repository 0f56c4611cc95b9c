"""Several small lists, read from the database in one query.

A page that shows a person's whole case reads a dozen short lists. Each costs a round trip to the database; together they
cost one: every list is a column of a single row, as JSON. The querysets stay what they are, and give what they would give
by themselves: instances, with what `select_related` and `annotate` add, or `values` and `values_list`.
"""

import json
from collections.abc import Callable
from itertools import chain
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

# PostgreSQL takes a hundred arguments, an older SQLite as many and a few.
MOST_ARGUMENTS = 50

type Row = list[Any]


class _Answered(Query):
    """A query whose rows are known: its compiler asks the database nothing."""

    answered: SQLCompiler

    def get_compiler(self, *args: Any, **kwargs: Any) -> SQLCompiler:
        return self.answered


def read_together(*querysets: models.QuerySet[Any, Any]) -> list[list[Any]]:
    """Return the rows of each queryset, in its order, from one query. Made for lists of some hundred rows at most.

    All are on the same database. A binary column cannot be read so: raises the database's error.
    """
    connection = connections[querysets[0].db]
    asked = [queryset.query.get_compiler(connection=connection) for queryset in querysets]
    parts = {compiler: part for compiler in asked if (part := _part(compiler))}
    told: dict[SQLCompiler, list[Row]] = {}
    if parts:
        sql = "SELECT " + ", ".join(f"({one})" for one, _ in parts.values())
        with connection.cursor() as cursor:
            cursor.execute(sql, list(chain.from_iterable(params for _, params in parts.values())))
            answer = cursor.fetchone()
        told = {compiler: _rows(compiler, column) for compiler, column in zip(parts, answer, strict=True)}
    return [
        _instances(queryset, compiler, told.get(compiler, []))
        for queryset, compiler in zip(querysets, asked, strict=True)
    ]


def _part(compiler: SQLCompiler) -> tuple[str, tuple[Any, ...]] | None:
    """Return a list as the SQL of one JSON value, with its parameters; None for what is empty by its conditions."""
    try:
        inner, params = compiler.as_sql(with_col_aliases=True)
    except EmptyResultSet:
        return None
    quote, postgresql = compiler.quote_name, compiler.connection.vendor == "postgresql"
    build, gather = ("json_build_array", "json_agg") if postgresql else ("json_array", "json_group_array")
    names = []
    for expression, _, alias in compiler.select or ():
        # JSON inside JSON: the column's own text, which its field reads.
        as_text = "::text" if postgresql and isinstance(expression.output_field, models.JSONField) else ""
        names.append(f"read_row.{quote(alias)}{as_text}")
    groups = [names[start : start + MOST_ARGUMENTS] for start in range(0, len(names), MOST_ARGUMENTS)]
    row = ", ".join(f"{build}({', '.join(group)})" for group in groups)
    return f"SELECT {gather}({build}({row})) FROM ({inner}) AS read_row", tuple(params)


def _rows(compiler: SQLCompiler, column: Any) -> list[Row]:
    """Return the rows of a JSON value as the database's driver would have given them."""
    if column is None:
        return []
    # SQLite, and PostgreSQL as Django sets it up or not, give the text or what it says.
    rows = [list(chain.from_iterable(groups)) for groups in (json.loads(column) if isinstance(column, str) else column)]
    if compiler.connection.vendor == "postgresql":
        # The driver gives dates, decimals and the like; JSON has their text. On SQLite, texts are what the driver gives.
        readers = _readers(compiler)
        for row in rows:
            for place, read in readers:
                if row[place] is not None:
                    row[place] = read(row[place])
    return rows


def _readers(compiler: SQLCompiler) -> list[tuple[int, Callable[[Any], Any]]]:
    fields = [(place, expression.output_field) for place, (expression, *_) in enumerate(compiler.select or ())]
    plain = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.JSONField)
    return [(place, field.to_python) for place, field in fields if not isinstance(field, plain)]


def _instances(queryset: models.QuerySet[Any, Any], compiler: SQLCompiler, rows: list[Row]) -> list[Any]:
    """Let the queryset make what it makes, of rows already read."""
    compiler.execute_sql = lambda *args, **kwargs: [rows]  # type: ignore[method-assign]
    found = queryset.all()
    found._query = found.query.chain(klass=_Answered)
    found._query.answered = compiler
    return list(found)
