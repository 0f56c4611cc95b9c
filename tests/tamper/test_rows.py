"""Every evident field of every model, every row taken away or added: refused by the database, or found by `verify`.

The database's locks are dropped, as by its owner: they are not what finds.
"""

import pytest
from django.db import DatabaseError, transaction

from cqp.evidence.hooks import evident
from cqp.evidence.row_verification import list_row_faults
from tests.tamper.rows import list_all

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tamper(part: slice) -> list[str]:
    """Make each alteration and take it back; return those that nothing found, or whose fault does not name the row."""
    missed = []
    alterations = list_all()
    assert len(alterations) > 200
    for bound, alteration in alterations[part]:
        try:
            with transaction.atomic():
                key = alteration.act()
                faults = list_row_faults(bound)
                row = alteration.row or key
                if row not in faults or bound.table not in faults[row]:
                    missed.append(f"{alteration.name}: {sorted(faults.values())[:2]}")
                transaction.set_rollback(True)
        except DatabaseError:
            continue  # refused
    return missed


def test_a_third_of_the_alterations_of_rows_are_found(story):
    assert [fault for bound in evident for fault in list_row_faults(bound).values()] == []
    assert tamper(slice(0, None, 3)) == []


@pytest.mark.slow
def test_all_alterations_of_rows_are_found(story):
    assert tamper(slice(None)) == []
