"""What a spreadsheet of a session means: the columns of each kind of import, and what its rows would do.

Nothing is written here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from candidates.imports import candidate_rows, evaluator_rows, held_bloc_rows
from candidates.imports.rows import RowPlan
from candidates.models import Import, Session
from cqp.spreadsheets.columns import Row
from cqp.spreadsheets.headings import Column


@dataclass(frozen=True)
class Kind:
    """columns(session); plan_rows(session, rows, choices), whose queries do not depend on the number of rows."""

    title: str
    columns: Callable[[Session], list[Column]]
    plan_rows: Callable[[Session, Sequence[Row], Mapping[str, str]], list[RowPlan]]


KINDS: dict[str, Kind] = {
    Import.Kind.CANDIDATES: Kind("Inscrire des candidats", candidate_rows.columns, candidate_rows.plan_rows),
    Import.Kind.EVALUATORS: Kind("Nommer des évaluateurs", evaluator_rows.columns, evaluator_rows.plan_rows),
    Import.Kind.HELD_BLOCS: Kind("Noter des blocs déjà acquis", held_bloc_rows.columns, held_bloc_rows.plan_rows),
}
