"""What is at hand while a person is erased: who they are, what was emptied, which files go, which chains must still hold."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.utils import timezone

from candidates.models import Candidate, Enrolment
from candidates.people.accounts import has_another_role
from cqp.models import Document, JournalEntry, Operation, StoredFile, User
from cqp.privacy import fields, hooks

SOMEBODY = "[personne effacée]"


@dataclass(frozen=True)
class Names:
    """What names the person. `full` are names with a first name, `addresses` their e-mails, `last` their last names."""

    full: frozenset[str]
    addresses: frozenset[str]
    last: frozenset[str]
    # Somebody else has the same name: what names them elsewhere may be about the other.
    shared: bool

    @property
    def all(self) -> frozenset[str]:
        return self.full | self.addresses | self.last

    @property
    def certain(self) -> frozenset[str]:
        """What names nobody else."""
        return self.addresses if self.shared else self.full | self.addresses


@dataclass
class Erasing:
    """The erasure of one candidate, under way in one transaction."""

    candidate: Candidate
    keeps_account: bool
    names: Names
    enrolments: list[int]
    # Of the journal: those of the enrolments, also of one that was withdrawn since.
    streams: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    # In the file store; one that ends with "/" is a folder.
    paths: list[str] = field(default_factory=list)
    documents: list[dict[str, str]] = field(default_factory=list)
    # Ranks of the entries that were emptied, by chain: `verify` accepts no other.
    emptied: dict[str, list[int]] = field(default_factory=dict)
    chains: int = 0
    faults: list[str] = field(default_factory=list)

    def empty(self, rows: QuerySet, **more: Any) -> None:
        self.counts[rows.model._meta.label] += fields.empty(rows, **more)

    def empty_chain(self, name: str, entries: QuerySet) -> None:
        """Empty entries of one chain."""
        ranks = entries.filter(payload__isnull=False).order_by("seq").values_list("seq", flat=True)
        self.emptied[name] = sorted({*self.emptied.get(name, []), *ranks})
        self.empty(entries)

    def drop(self, rows: QuerySet) -> None:
        assert hooks.fields.for_key(rows.model._meta.label).is_deleted, rows.model
        _, counts = rows.delete()
        self.counts.update(counts)

    def drop_files(self, rows: QuerySet[StoredFile]) -> None:
        """Drop the rows, which nothing points at any more, and note what is theirs in the store."""
        files = StoredFile.objects.filter(pk__in=[row.pk for row in rows])
        for stored in files:
            self.paths += [str(stored.file.name), stored.reading_path, f"{stored.page_path(1).rpartition('/')[0]}/"]
        self.drop(files)

    def empty_documents(self, rows: QuerySet[Document]) -> None:
        """Empty documents, but their number and hash."""
        documents = rows.filter(erased_at=None)
        self.documents += [{"reference": document.reference, "sha256": document.sha256} for document in documents]
        self.empty(documents, erased_at=timezone.now())

    def empty_operations(self, streams: list[str]) -> None:
        self.empty(Operation.objects.filter(stream__in=streams))

    def check(self, name: str, faults: list[str]) -> None:
        """Note whether a chain holds. `faults` says what does not."""
        self.chains += 1
        self.faults += [f"{name}: {fault}" for fault in faults]


def begin_erasure(candidate: Candidate) -> Erasing:
    enrolments = list(candidate.enrolments.values_list("pk", flat=True))
    streams = {Enrolment(pk=pk).stream for pk in enrolments} | set(_streams_of_old(candidate))
    return Erasing(
        candidate=candidate,
        keeps_account=candidate.user is not None and has_another_role(candidate.user, candidate),
        names=names_of(candidate, streams),
        enrolments=enrolments,
        streams=sorted(streams),
    )


def _streams_of_old(candidate: Candidate) -> Iterator[str]:
    """The journal keeps who was enrolled, also once the enrolment was withdrawn."""
    entries = JournalEntry.objects.filter(verb="enrolment.created", payload__candidate=candidate.pk)
    return entries.values_list("stream", flat=True).iterator()


def names_of(candidate: Candidate, streams: set[str]) -> Names:
    user, first_names = candidate.user, candidate.first_names.replace(",", " ").split()
    first = {candidate.first_names, " ".join(first_names), first_names[0]}
    last = {candidate.birth_name, candidate.used_name}
    addresses = set()
    if user:
        first.add(user.first_name)
        last.add(user.last_name)
        addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    moves = JournalEntry.objects.filter(stream__in=streams, verb="enrolment.address_changed", payload__isnull=False)
    for payload in moves.values_list("payload", flat=True):
        addresses |= {str(payload[end]) for end in ("from", "to")} if payload else set()
    pairs = itertools.product(first - {""}, last - {""})
    full = frozenset(
        name for first_name, last_name in pairs for name in (f"{first_name} {last_name}", f"{last_name} {first_name}")
    )
    return Names(
        full, frozenset(addresses), frozenset(last - {""}), shared=_has_namesake(candidate, first_names[0], last)
    )


def _has_namesake(candidate: Candidate, first_name: str, last: set[str]) -> bool:
    names = [name for name in last if name]
    of_candidates = Q(birth_name__in=names) | Q(used_name__in=names)
    others = Candidate.objects.exclude(pk=candidate.pk).filter(of_candidates, first_names__istartswith=first_name)
    people = User.objects.exclude(candidacies=candidate).filter(last_name__in=names, first_name__istartswith=first_name)
    return others.exists() or people.exists()


def unnamed(value: Any, names: Names) -> Any:
    """Return a JSON value without the person's names and addresses."""
    if isinstance(value, str):
        for name in sorted(names.all, key=len, reverse=True):
            value = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SOMEBODY, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, dict):
        return {key: unnamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [unnamed(item, names) for item in value]
    return value


def mentions(value: Any, needles: frozenset[str]) -> bool:
    """Tell whether a JSON value holds one of the texts, whatever the case."""
    text = json.dumps(value, ensure_ascii=False).casefold()
    return any(json.dumps(needle, ensure_ascii=False)[1:-1].casefold() in text for needle in needles)
