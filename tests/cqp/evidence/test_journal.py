"""The journal holds together, and says so when it does not."""

import pytest
from django.db import IntegrityError, connection, transaction

from cqp.evidence import chain, journal, triggers
from cqp.models import JournalEntry
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def fill(stream="session:1", entries=3):
    user = make.make_user()
    for n in range(entries):
        journal.record(stream, "test.done", {"n": n, "name": "N'Guessan"}, by=user)


def test_each_stream_has_its_own_chain():
    fill("session:1")
    fill("enrolment:9", 2)
    assert list(JournalEntry.objects.filter(stream="session:1").values_list("seq", flat=True)) == [1, 2, 3]
    assert journal.broken("session:1") == journal.broken("enrolment:9") == []


def test_an_entry_cannot_be_changed_or_deleted():
    fill()
    for write in (
        lambda: JournalEntry.objects.update(verb="x"),
        lambda: JournalEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="trace"), transaction.atomic():
            write()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"verb": "other"}, "hash is wrong"),
        ({"actor": None}, "hash is wrong"),
        ({"payload": {"n": 9}}, "content was altered"),
        ({"prev": "0" * 64}, "does not follow"),
        ({"seq": 7}, "where 2 was expected"),
    ],
)
def test_whatever_is_altered_behind_the_triggers_is_found(change, found):
    fill()
    triggers.drop_all(connection)
    JournalEntry.objects.filter(seq=2).update(**change)
    assert any(found in fault for fault in journal.broken("session:1"))


def test_content_written_anew_with_its_digest_is_found():
    fill()
    triggers.drop_all(connection)
    entry = JournalEntry.objects.get(seq=2)
    content = {"n": 9}
    JournalEntry.objects.filter(seq=2).update(payload=content, mac=chain.payload_mac(entry.salt, content))
    assert any("hash is wrong" in fault for fault in journal.broken("session:1"))


def test_a_cut_tail_is_found():
    fill()
    triggers.drop_all(connection)
    JournalEntry.objects.filter(seq=3).delete()
    assert any("ends at 2" in fault for fault in journal.broken("session:1"))


def test_an_erased_payload_leaves_a_chain_that_verifies():
    fill()
    triggers.drop_all(connection)
    JournalEntry.objects.filter(seq=2).update(payload=None, salt=None)
    assert journal.broken("session:1") == []
