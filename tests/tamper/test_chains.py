"""Alterations of chains, projections, documents and checkpoints: each is found, and the sentence says what and where."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from candidates.models import Erasure
from cqp.evidence.verification import verify
from evaluations.models import Revision, ScoringSheet
from tests.tamper import chains

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def list_faults() -> list[str]:
    """Return what does not hold, but for the locks, which are dropped."""
    return [fault for report in verify() for fault in report.faults if "le verrou" not in fault]


@pytest.mark.parametrize(
    "list_alterations",
    [
        chains.list_journal_alterations,
        chains.list_sheet_alterations,
        chains.list_row_alterations,
        chains.list_other_alterations,
    ],
)
def test_each_alteration_is_found(story, list_alterations):
    assert list_faults() == []
    missed = []
    for name, act, expected in list_alterations():
        try:
            with transaction.atomic():
                act()
                faults = list_faults()
                if not any(expected in fault for fault in faults):
                    missed.append(f"{name}: {faults[:3]}")
                transaction.set_rollback(True)
        except DatabaseError:
            continue  # refused
    assert missed == []


def test_an_invented_erasure_hides_nothing(story):
    """A row of an erasure, with a report that covers a sheet, and that sheet emptied."""
    sheet = ScoringSheet.objects.filter(seq__gt=1).first()
    ranks = list(sheet.revisions.values_list("seq", flat=True))
    report = {"emptied": {sheet.chain_name: ranks}}
    Erasure.objects.bulk_create([Erasure(candidate=story.candidate, at=timezone.now(), reason="x", report=report)])
    Revision.objects.filter(sheet=sheet).update(payload=None, salt=None)
    sheet.scores.update(level=None, note="")
    assert any("l'application ne l'a pas écrite" in fault and "candidates_erasure" in fault for fault in list_faults())


def test_a_checkpoint_and_its_copy_taken_away_are_missed_by_the_backup(story, checkpoint_file):
    kept_elsewhere = checkpoint_file.read_text()
    chains.Checkpoint.objects.all()._raw_delete("default")
    checkpoint_file.write_text("")
    assert list_faults() == []  # What `docs/evidence.md` says: the backup alone knows.
    checkpoint_file.write_text(kept_elsewhere)
    assert any("n'est plus dans la base" in fault for fault in list_faults())


def test_somebody_who_writes_by_sql_leaves_a_mark(story):
    """With the locks in place, and without the site."""
    from cqp.evidence import triggers

    triggers.install_all(connection)
    token, connection.binding_token = connection.binding_token, "another"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE candidates_candidate SET birth_name = 'Autre'")
        if connection.vendor == "postgresql":
            cursor.execute("UPDATE cqp_rowmark SET transaction = '1'")
    connection.binding_token = token
    faults = list_faults()
    assert any("candidates_candidate" in fault and "par autre chose que l'application" in fault for fault in faults)
    assert any("ce n'est plus ce que l'application avait écrit (candidates_candidate)" in fault for fault in faults)
    triggers.drop_all(connection)
