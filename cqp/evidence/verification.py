"""Everything that proves something is computed again: chains, projections, hashes of documents, checkpoints, triggers.

A package declares its checks (`cqp.evidence.hooks`). Nothing here writes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from cqp.evidence import chain, triggers
from cqp.evidence.checkpoints import broken_checkpoints
from cqp.evidence.documents import find_content_fault
from cqp.evidence.hooks import NotedHeads, Report, checks, emptied_entries
from cqp.models import Checkpoint, Document, JournalEntry, JournalStream

BATCH = 2_000


def verify_chains(
    report: Report,
    entries: Iterable[Any],
    heads: dict[str, tuple[int, str]],
    noted: NotedHeads,
    *,
    name_of: Callable[[Any], str],
    each: Callable[[str, Any], None] = lambda name, entry: None,
) -> None:
    """Verify chains that come one after the other, entries in order. `heads`: (length, hash of the last) by chain."""

    emptied = _read_emptied()

    def watched(name: str, of_chain: Iterable[Any]) -> Iterator[Any]:
        for entry in of_chain:
            report.examined += 1
            if entry.payload is None and entry.seq not in emptied[name]:
                report.faults.append(
                    f"{name}, entrée {entry.seq} : son contenu a été vidé, sans effacement qui le dise"
                )
            elif (entry.payload is None) != (entry.salt is None):
                report.faults.append(f"{name}, entrée {entry.seq} : son sel et son contenu ne vont pas ensemble")
            if fault := noted.meet(name, entry.seq, entry.hash):
                report.faults.append(fault)
            each(name, entry)
            yield entry

    for name, of_chain in groupby(entries, key=name_of):
        length, head = heads.pop(name, (0, chain.GENESIS))
        broken = chain.broken_links(watched(name, of_chain), head=head, length=length)
        report.faults += [f"{name} : {fault}" for fault in broken]
    report.faults += [f"{name} : ses {length} entrées ont disparu" for name, (length, _) in heads.items() if length]


def _read_emptied() -> dict[str, set[int]]:
    """Return the ranks of the entries that erasures emptied, by chain."""
    emptied: dict[str, set[int]] = defaultdict(set)
    for read in emptied_entries:
        for name, ranks in read():
            emptied[name] |= set(ranks)
    return emptied


@dataclass(slots=True)
class Entry:
    """An entry of a chain, as light as it can be. `ids` is what identifies it there."""

    name: str
    seq: int
    prev: str
    mac: str
    hash: str
    salt: str | None
    payload: Any
    ids: Mapping[str, Any]

    def chain_ids(self) -> Mapping[str, Any]:
        return self.ids


def check_journal(noted: NotedHeads) -> Report:
    report = Report("Journal")
    rows = JournalEntry.objects.order_by("stream", "seq").values_list(
        *("stream", "seq", "prev", "mac", "hash", "salt", "payload", "actor", "verb", "at")
    )
    entries = (
        Entry(
            *(stream, seq, prev, mac, entry_hash, salt, payload),
            {"stream": stream, "seq": seq, "actor": actor, "verb": verb, "at": at.isoformat()},
        )
        for stream, seq, prev, mac, entry_hash, salt, payload, actor, verb, at in rows.iterator(chunk_size=BATCH)
    )
    heads = {}
    for stream in JournalStream.objects.iterator(chunk_size=BATCH):
        heads[stream.name] = (stream.seq, stream.head)
        if stream.seq and not chain.is_signed(stream):
            report.faults.append(f"{stream.name} : la fin de la chaîne n'est pas signée par ce site")
    verify_chains(report, entries, heads, noted, name_of=lambda entry: entry.name)
    report.faults += noted.missing(lambda name: not name.startswith(("sheet:", "rows:")))
    return report


def check_documents(noted: NotedHeads) -> Report:
    report = Report("Documents")
    documents = Document.objects.filter(erased_at=None).exclude(sha256="").defer("bytes", "context").order_by("pk")
    for document in documents.iterator(chunk_size=BATCH):
        report.examined += 1
        if fault := find_content_fault(document):
            report.faults.append(f"{document.reference} : {fault}")
    return report


def check_checkpoints(noted: NotedHeads) -> Report:
    return Report("Points de contrôle", Checkpoint.objects.count(), list(broken_checkpoints()))


def check_triggers(noted: NotedHeads) -> Report:
    return Report(
        "Verrous de la base",
        len(triggers.list_declared(connection.vendor)),
        list(triggers.list_differences(connection)),
    )


def verify() -> Iterator[Report]:
    """Yield the report of each check, all of one moment: the site may write meanwhile."""
    with _one_moment():
        noted = NotedHeads()
        for check in checks:
            yield check(noted)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read all from one snapshot, where the database gives one without keeping writers out: PostgreSQL."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
