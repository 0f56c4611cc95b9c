"""The journal: who did what, when, in a chain per stream."""

from typing import Any

from django.db import transaction

from cqp.evidence import chain
from cqp.models import JournalEntry, JournalStream, User


def record(stream: str, verb: str, payload: dict[str, Any], *, by: User | None) -> JournalEntry:
    """Add one entry to `stream` ("session:4", "enrolment:12") and return it.

    `by` is None only where no person acted (a scheduled task). Must run in the transaction of what it tells: the
    stream's row is locked first, so that two writers of one stream queue and writers of two streams do not.
    """
    with transaction.atomic(durable=False):
        JournalStream.objects.get_or_create(name=stream)
        head = JournalStream.objects.select_for_update().get(name=stream)
        entry = JournalEntry(stream=head, actor=by, verb=verb, payload=payload)
        chain.append(head, entry)
        entry.save(force_insert=True)
        head.save(update_fields=chain.HEAD_FIELDS)
    return entry


def broken(stream: str) -> list[str]:
    """Return what does not hold in a stream's chain; an empty list if it verifies."""
    head = JournalStream.objects.get(name=stream)
    return chain.broken_links(head.entries.order_by("seq").iterator(), head=head.head, length=head.seq)
