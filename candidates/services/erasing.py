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
from candidates.services.accounts import has_another_role
from cqp import personal_data
from cqp.models import Document, JournalEntry, Operation, StoredFile, User

SOMEBODY = "[personne effacée]"


@dataclass(frozen=True)
class Names:
    """What the person is found by. `full` are names with a first name, `addresses` their e-mails, `last` their last names."""

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
    chains: int = 0
    faults: list[str] = field(default_factory=list)

    def empty(self, rows: QuerySet, **more: Any) -> None:
        self.counts[rows.model._meta.label] += personal_data.empty(rows, **more)

    def drop(self, rows: QuerySet) -> None:
        assert personal_data.FIELDS[rows.model._meta.label].gone, rows.model
        _, counts = rows.delete()
        self.counts.update(counts)

    def drop_files(self, rows: QuerySet[StoredFile]) -> None:
        """Drop the rows, which nothing points at any more, and note what is theirs in the store."""
        found = StoredFile.objects.filter(pk__in=[row.pk for row in rows])
        for stored in found:
            self.paths += [str(stored.file.name), stored.reading_path, f"{stored.page_path(1).rpartition('/')[0]}/"]
        self.drop(found)

    def empty_documents(self, rows: QuerySet[Document]) -> None:
        """Empty documents, but their number and hash."""
        found = rows.filter(erased_at=None)
        self.documents += [{"reference": one.reference, "sha256": one.sha256} for one in found]
        self.empty(found, erased_at=timezone.now())

    def empty_operations(self, streams: list[str]) -> None:
        self.empty(Operation.objects.filter(stream__in=streams))

    def check(self, name: str, faults: list[str]) -> None:
        """Note whether a chain holds. `faults` says what does not."""
        self.chains += 1
        self.faults += [f"{name}: {fault}" for fault in faults]


def erasing(candidate: Candidate) -> Erasing:
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
    told = JournalEntry.objects.filter(verb="enrolment.created", payload__candidate=candidate.pk)
    return told.values_list("stream", flat=True).iterator()


def names_of(candidate: Candidate, streams: set[str]) -> Names:
    user, given = candidate.user, candidate.first_names.replace(",", " ").split()
    first = {candidate.first_names, " ".join(given), given[0]}
    last = {candidate.birth_name, candidate.used_name}
    addresses = set()
    if user:
        first.add(user.first_name)
        last.add(user.last_name)
        addresses = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    moves = JournalEntry.objects.filter(stream__in=streams, verb="enrolment.address_changed", payload__isnull=False)
    for told in moves.values_list("payload", flat=True):
        addresses |= {str(told[end]) for end in ("from", "to")} if told else set()
    pairs = itertools.product(first - {""}, last - {""})
    full = frozenset(name for one, two in pairs for name in (f"{one} {two}", f"{two} {one}"))
    return Names(full, frozenset(addresses), frozenset(last - {""}), shared=_has_namesake(candidate, given[0], last))


def _has_namesake(candidate: Candidate, given: str, last: set[str]) -> bool:
    names = [name for name in last if name]
    of_candidates = Q(birth_name__in=names) | Q(used_name__in=names)
    others = Candidate.objects.exclude(pk=candidate.pk).filter(of_candidates, first_names__istartswith=given)
    people = User.objects.exclude(candidacies=candidate).filter(last_name__in=names, first_name__istartswith=given)
    return others.exists() or people.exists()


def unnamed(value: Any, names: Names) -> Any:
    """Return a JSON value without the person's names and addresses."""
    if isinstance(value, str):
        for name in sorted(names.all, key=len, reverse=True):
            value = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SOMEBODY, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, dict):
        return {key: unnamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [unnamed(one, names) for one in value]
    return value


def mentions(value: Any, needles: frozenset[str]) -> bool:
    """Tell whether a JSON value holds one of the texts, whatever the case."""
    said = json.dumps(value, ensure_ascii=False).casefold()
    return any(json.dumps(needle, ensure_ascii=False)[1:-1].casefold() in said for needle in needles)
