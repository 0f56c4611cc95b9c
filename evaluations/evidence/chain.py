"""Adding revisions to a sheet's chain, in memory: the caller writes."""

from typing import Any

from cqp.evidence import chain
from cqp.models import User
from evaluations.models import Revision, ScoringSheet

# Kinds that change what a signature is worth.
CONTENT = frozenset({"score", "note", "verdict", "diverge", "agree", "recheck", "reopen", "source"})


def revise(sheet: ScoringSheet, kind: str, payload: dict[str, Any], *, by: User | None) -> Revision:
    """Return the next revision of `sheet`, unsaved, and move the sheet's `seq`, `head` and `content_seq` on.

    The sheet must be locked. `by` is None for what the application does itself (levels on which both sheets agree).
    """
    revision = Revision(sheet=sheet, actor=by, kind=kind, payload=payload)
    chain.append(sheet, revision)
    if kind in CONTENT:
        sheet.content_seq = revision.seq
    return revision


def broken(sheet: ScoringSheet) -> list[str]:
    """Return what does not hold in a sheet's chain; an empty list if it verifies."""
    return chain.broken_links(sheet.revisions.order_by("seq").iterator(), head=sheet.head, length=sheet.seq)
