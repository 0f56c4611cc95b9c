"""Evident rows are bound when a transaction ends, whoever writes; what is left unbound, or declared nowhere, is said."""

import pytest
from django.core.checks import Error
from django.db import IntegrityError, transaction

from candidates.models import Candidate
from cqp.evidence import keys, rows
from cqp.evidence.hooks import evident, plain
from cqp.evidence.row_verification import list_row_faults
from cqp.models import RowEntry, RowMark
from tests.factories import make_candidate

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CANDIDATE = "candidates_candidate"


@pytest.fixture
def candidate(referentiel, binding) -> Candidate:
    candidate = make_candidate(referentiel.branch)
    binding()
    return candidate


def entries() -> list[str]:
    return list(RowEntry.objects.filter(chain=CANDIDATE).order_by("seq").values_list("mac", flat=True))


def faults() -> dict[str, str]:
    return list_row_faults(evident.for_key("candidates.Candidate"))


def test_a_write_of_any_kind_is_bound_once_when_its_block_ends(candidate):
    before = len(entries())
    with transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(birth_name="Autre")
        candidate.refresh_from_db()
        candidate.first_names = "Léa, Rose"
        candidate.save()
        assert len(entries()) == before
    assert len(entries()) == before + 1
    assert faults() == {}
    assert not RowMark.objects.exists()


def test_a_field_that_proves_nothing_and_a_change_taken_back_add_nothing(candidate):
    before = entries()
    with transaction.atomic():
        candidate.save()
    with transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(birth_name="Autre")
        transaction.set_rollback(True)
    with transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(birth_name="Autre")
        Candidate.objects.filter(pk=candidate.pk).update(birth_name=candidate.birth_name)
    assert entries() == before
    assert faults() == {}


def test_a_row_that_is_deleted_has_its_end(candidate):
    with transaction.atomic():
        candidate.delete()
    assert entries()[-1] == ""
    assert faults() == {}


def test_an_old_key_still_checks_and_a_new_one_binds(candidate, settings):
    old = settings.SECRET_KEY
    settings.EVIDENCE_KEYS = ["nouvelle", old]
    assert faults() == {}
    with transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(birth_name="Autre")
    assert entries()[-1].startswith(keys.get_current_key())
    assert faults() == {}
    settings.EVIDENCE_KEYS = ["nouvelle"]
    assert "n'est pas signée" not in str(faults())
    settings.EVIDENCE_KEYS = ["une troisième"]
    assert "avec une clé que ce site n'a pas" in str(faults())


def test_a_chain_is_not_changed_even_by_the_site(candidate):
    for change in (lambda: RowEntry.objects.update(mac=""), lambda: RowEntry.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_model_that_nobody_declared_is_an_error(monkeypatch):
    assert rows.check_models() == []
    monkeypatch.setattr(evident, "entries", [entry for entry in evident.entries if entry.key != "evaluations.Decision"])
    [error] = rows.check_models()
    assert isinstance(error, Error)
    assert "evaluations.Decision: does it prove something?" in error.msg
    plain.register("Twice.", key="candidates.Candidate")
    assert any("evident and plain" in error.msg for error in rows.check_models())
    plain.entries.pop()
