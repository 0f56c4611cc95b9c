"""The journal: who did what, when, in a chain per stream."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from cqp import chain
from cqp.models import JournalEntry, JournalStream, User


def record(stream: str, verb: str, payload: dict[str, Any], *, by: User | None) -> JournalEntry:
    """Add one entry to `stream` ("session:4", "enrolment:12") and return it.

    `by` is None only where no person acted (a scheduled task). Must run in the transaction of what it tells: the
    stream's row is locked first, so that two writers of one stream queue and writers of two streams do not.
    """
    with transaction.atomic(durable=False):
        JournalStream.objects.get_or_create(name=stream)
        head = JournalStream.objects.select_for_update().get(name=stream)
        salt = chain.new_salt()
        entry = JournalEntry(
            stream=head,
            seq=head.seq + 1,
            actor=by,
            verb=verb,
            payload=payload,
            salt=salt,
            mac=chain.payload_mac(salt, payload),
            prev=head.head,
            at=timezone.now(),
        )
        entry.hash = chain.link(entry.prev, entry.chain_ids(), entry.mac)
        entry.save(force_insert=True)
        head.seq, head.head = entry.seq, entry.hash
        head.save(update_fields=["seq", "head"])
    return entry


def broken(stream: str) -> list[str]:
    """Return what does not hold in a stream's chain; an empty list if it verifies."""
    head = JournalStream.objects.get(name=stream)
    return chain.broken_links(head.entries.order_by("seq").iterator(), head=head.head, length=head.seq)
