"""What a spreadsheet of a session means: the columns of each kind of import, and what its rows would do.

Nothing is written here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from candidates.imports import candidates, evaluators, held_blocs
from candidates.imports.planned import Planned
from candidates.models import Import, Session
from cqp.imports import Column, Row


@dataclass(frozen=True)
class Kind:
    """columns(session); plan(session, rows, choices), whose queries do not depend on the number of rows."""

    title: str
    columns: Callable[[Session], list[Column]]
    plan: Callable[[Session, Sequence[Row], Mapping[str, str]], list[Planned]]


KINDS: dict[str, Kind] = {
    Import.Kind.CANDIDATES: Kind("Inscrire des candidats", candidates.columns, candidates.plan),
    Import.Kind.EVALUATORS: Kind("Nommer des évaluateurs", evaluators.columns, evaluators.plan),
    Import.Kind.HELD_BLOCS: Kind("Noter des blocs déjà acquis", held_blocs.columns, held_blocs.plan),
}
