"""Around a migration: what it rewrites is bound anew, what did not hold before is left to be found."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection

from candidates.models import Candidate
from cqp.evidence import checkpoints, migrating, triggers
from cqp.evidence.hooks import Evident, evident
from cqp.evidence.migrating import NotBoundError, bind_after_migrate, note_before_migrate
from cqp.evidence.row_verification import list_row_faults
from cqp.models import JournalEntry, JournalStream, RowChain, RowEntry
from tests.evaluations.privacy.story import make_story
from tests.factories import make_candidate

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LAST = [config for config in apps.get_app_configs() if config.models_module][-1]


@pytest.fixture(autouse=True)
def checkpoint_file(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoints, "file_of_checkpoints", lambda: tmp_path / "checkpoints.jsonl")


@pytest.fixture
def candidates(referentiel, binding) -> list[Candidate]:
    candidates = [make_candidate(referentiel.branch) for _ in range(3)]
    binding()
    triggers.drop_all(connection)
    yield candidates
    triggers.install_all(connection)
    migrating.FAULTS.clear()


def rename(candidate: Candidate, name: str) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(birth_name=name)


def faults() -> set[str]:
    return set(list_row_faults(evident.for_key("candidates.Candidate")))


def test_rows_that_a_migration_rewrote_hold_and_those_altered_before_do_not(candidates):
    altered, rewritten, _ = candidates
    rename(altered, "Altérée")
    note_before_migrate(plan=["a migration"])
    rename(rewritten, "Réécrite")
    bind_after_migrate(LAST)
    assert faults() == {str(altered.pk)}


def test_a_migration_with_nothing_to_do_binds_nothing(candidates):
    rename(candidates[0], "Altérée")
    note_before_migrate(plan=[])
    bind_after_migrate(LAST)
    assert faults() == {str(candidates[0].pk)}


def test_fields_that_change_bind_all_but_what_was_altered(candidates, monkeypatch):
    bound = evident.for_key("candidates.Candidate")
    rename(candidates[0], "Altérée")
    note_before_migrate(plan=["a migration"])
    fewer = Evident(bound.model, tuple(name for name in bound.fields if name != "birth_place"))
    entries = [replace(entry, item=fewer) if entry.key == bound.model else entry for entry in evident.entries]
    monkeypatch.setattr(evident, "entries", entries)
    bind_after_migrate(LAST)
    assert faults() == {str(candidates[0].pk)}


def test_whoever_changes_the_fields_of_a_chain_has_nothing_bound_anew(candidates):
    rename(candidates[0], "Altérée")
    RowChain.objects.filter(name="candidates_candidate").update(fields=["birth_name"])
    for plan in ([], ["a migration"]):
        note_before_migrate(plan=plan)
        bind_after_migrate(LAST)
    assert {"", str(candidates[0].pk)} <= faults()


def forget() -> None:
    """Leave the database as it was before rows were bound."""
    RowEntry.objects.all()._raw_delete("default")
    RowChain.objects.all()._raw_delete("default")
    JournalStream.objects.update(signature="")


def test_a_database_of_before_is_bound_whole_its_signed_sheets_included(referentiel, binding):
    make_story(referentiel)
    binding()
    triggers.drop_all(connection)
    forget()
    triggers.install_all(connection)
    bind_after_migrate(LAST)
    assert [fault for bound in evident for fault in list_row_faults(bound).values()] == []


def test_a_database_whose_chains_do_not_hold_is_not_bound(referentiel, binding):
    make_story(referentiel)
    binding()
    triggers.drop_all(connection)
    forget()
    JournalEntry.objects.filter(seq=1).update(verb="session.reecrite")
    triggers.install_all(connection)
    with pytest.raises(NotBoundError, match="its hash is wrong"):
        bind_after_migrate(LAST)
    assert not RowChain.objects.exists()
