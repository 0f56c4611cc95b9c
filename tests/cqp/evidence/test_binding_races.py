"""Rows that are really committed: alone, and by two at once."""

import threading

import pytest
from django.db import connection, transaction

from candidates.models import Candidate
from cqp.evidence.hooks import evident
from cqp.evidence.row_verification import list_row_faults
from cqp.models import RowChain, RowEntry, RowMark
from tests.factories import make_candidate

pytestmark = pytest.mark.database
CANDIDATE = "candidates_candidate"


def faults() -> dict[str, str]:
    return list_row_faults(evident.for_key("candidates.Candidate"))


def test_a_write_outside_any_transaction_gets_one(committed_referentiel):
    candidate = make_candidate(committed_referentiel.branch)
    Candidate.objects.filter(pk=candidate.pk).update(birth_name="Seule")
    assert faults() == {}
    assert not RowMark.objects.exists()


def test_two_who_write_the_same_tables_in_another_order_both_get_through(committed_referentiel):
    """Chains are locked in one order, whatever the order of the writes."""
    one, two = make_candidate(committed_referentiel.branch), make_candidate(committed_referentiel.branch)
    barrier, failures = threading.Barrier(2), []

    def write(first: Candidate) -> None:
        barrier.wait()
        try:
            for n in range(5):
                with transaction.atomic():
                    Candidate.objects.filter(pk=first.pk).update(birth_place=f"Lyon {n}")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(row,)) for row in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert faults() == {}
    assert RowChain.objects.get(name=CANDIDATE).seq == RowEntry.objects.filter(chain=CANDIDATE).count()
