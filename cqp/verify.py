"""Everything that proves something is computed again: chains, projections, hashes of documents, checkpoints, triggers.

An app adds its checks to CHECKS. Nothing here writes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from cqp import chain, triggers
from cqp.checkpoints import broken_checkpoints
from cqp.models import Checkpoint, Document, JournalEntry, JournalStream
from cqp.seals import Says, check_seal

BATCH = 2_000


@dataclass
class Report:
    """What a check looked at, and what does not hold, in French."""

    name: str
    examined: int = 0
    faults: list[str] = field(default_factory=list)


class Noted:
    """What the checkpoints noted of the chains, to be met again: {(chain, number of an entry): its hash}."""

    def __init__(self) -> None:
        self.left: dict[tuple[str, int], str] = {}
        for heads in Checkpoint.objects.values_list("heads", flat=True).iterator():
            self.left |= {(name, seq): head for name, (seq, head) in heads.items()}

    def meet(self, name: str, seq: int, found: str) -> str:
        """Return what is wrong with an entry that a checkpoint noted; "" when it is the same, or was not noted."""
        noted = self.left.pop((name, seq), found)
        return "" if noted == found else f"{name}, entrée {seq} : ce n'est plus celle du point de contrôle"

    def missing(self, belongs: Callable[[str], bool]) -> list[str]:
        gone = sorted(one for one in self.left if belongs(one[0]))
        return [f"{name}, entrée {seq} : un point de contrôle l'avait notée, elle n'est plus là" for name, seq in gone]


def verify_chains(
    report: Report,
    entries: Iterable[Any],
    heads: dict[str, tuple[int, str]],
    noted: Noted,
    *,
    name_of: Callable[[Any], str],
    each: Callable[[str, Any], None] = lambda name, entry: None,
) -> None:
    """Verify chains that come one after the other, entries in order. `heads`: (length, hash of the last) by chain."""

    def watched(name: str, of_one: Iterable[Any]) -> Iterator[Any]:
        for entry in of_one:
            report.examined += 1
            if fault := noted.meet(name, entry.seq, entry.hash):
                report.faults.append(fault)
            each(name, entry)
            yield entry

    for name, of_one in groupby(entries, key=name_of):
        length, head = heads.pop(name, (0, chain.GENESIS))
        broken = chain.broken_links(watched(name, of_one), head=head, length=length)
        report.faults += [f"{name} : {fault}" for fault in broken]
    report.faults += [f"{name} : ses {length} entrées ont disparu" for name, (length, _) in heads.items() if length]


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


def _journal(noted: Noted) -> Report:
    report = Report("Journal")
    rows = JournalEntry.objects.order_by("stream", "seq").values_list(
        *("stream", "seq", "prev", "mac", "hash", "salt", "payload", "actor", "verb", "at")
    )
    entries = (
        Entry(
            *(stream, seq, prev, mac, found, salt, payload),
            {"stream": stream, "seq": seq, "actor": actor, "verb": verb, "at": at.isoformat()},
        )
        for stream, seq, prev, mac, found, salt, payload, actor, verb, at in rows.iterator(chunk_size=BATCH)
    )
    heads = {name: (seq, head) for name, seq, head in JournalStream.objects.values_list("name", "seq", "head")}
    verify_chains(report, entries, heads, noted, name_of=lambda entry: entry.name)
    report.faults += noted.missing(lambda name: not name.startswith("sheet:"))
    return report


def _documents(noted: Noted) -> Report:
    report = Report("Documents")
    for document in Document.objects.exclude(sha256="").exclude(bytes=None).order_by("pk").iterator(chunk_size=20):
        report.examined += 1
        if hashlib.sha256(bytes(document.bytes or b"")).hexdigest() != document.sha256:
            report.faults.append(f"{document.reference} : son contenu n'est plus celui de son empreinte")
        elif document.seal:
            found = check_seal(bytes(document.bytes or b""))
            if found.says != Says.INTACT or found.certificate is None or found.certificate.fingerprint != document.seal:
                report.faults.append(f"{document.reference} : son sceau ne tient plus")
    return report


def _checkpoints(noted: Noted) -> Report:
    return Report("Points de contrôle", Checkpoint.objects.count(), list(broken_checkpoints()))


def _triggers(noted: Noted) -> Report:
    found = triggers.check_installed([DEFAULT_DB_ALIAS])
    return Report("Verrous de la base", len(triggers.FREEZES), [one.msg for one in found])


# A function of what the checkpoints noted; each is called once.
CHECKS: list[Callable[[Noted], Report]] = [_triggers, _checkpoints, _journal, _documents]


def verify() -> Iterator[Report]:
    noted = Noted()
    for check in CHECKS:
        yield check(noted)
