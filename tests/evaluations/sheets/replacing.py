"""What the tests of a replaced evaluator share."""

from evaluations.sheets.replacement import replace_evaluator
from tests.evaluations.sheets.scribe import score_all, sign


def replace(running, newcomer, *, leaving=None, **more):
    place = (leaving or running.bea_sheet).assignment
    place.refresh_from_db()
    return replace_evaluator(assignment=place, by=running.admin, appointment=newcomer, reason="Malade.", **more)


def signed(user, sheet, level: int = 2):
    score_all(user, sheet, level)
    return sign(user, sheet)
