"""What a row of an import would do, and who of a file is known to the branch: all that may be asked is read at once."""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from candidates.models import Candidate
from cqp.core.text import normalise
from cqp.models import User
from cqp.spreadsheets.cells import as_text
from cqp.spreadsheets.columns import Problem, Row
from cqp.spreadsheets.dates import Birth
from referentiel.models import Bloc, Branch

AT_ONCE = 500
# What a row may do, when nothing is wrong with it and something is to be done.
ACTS = ("create", "enrol", "update")


class People:
    """The candidates of a branch, found by their identity or their address, and the accounts of some addresses."""

    def __init__(self, branch: Branch | int, emails: Iterable[str]) -> None:
        pk = branch if isinstance(branch, int) else branch.pk
        self.by_name: defaultdict[str, list[Candidate]] = defaultdict(list)
        self.by_user: dict[int, Candidate] = {}
        for candidate in Candidate.objects.filter(branch=pk, erased_at=None).select_related("user").order_by("pk"):
            self.by_name[normalise(candidate.birth_name)].append(candidate)
            if candidate.user_id:
                self.by_user[candidate.user_id] = candidate
        self.accounts = {user.email.lower(): user for user in _accounts({email.lower() for email in emails})}

    def same(self, birth_name: str, first_names: str, birth: Birth) -> Candidate | None:
        """Return who has this name, these first names (one may have more of them) and this birth date."""
        for candidate in self._namesakes(birth_name, first_names):
            if (candidate.birth_year, candidate.birth_month, candidate.birth_day) == birth:
                return candidate
        return None

    def alike(self, birth_name: str, first_names: str, birth: Birth) -> Candidate | None:
        """Return who has this name and these first names, and another birth date that may be the same, mistyped."""
        for candidate in self._namesakes(birth_name, first_names):
            theirs = (candidate.birth_year, candidate.birth_month, candidate.birth_day)
            if any(mine == other for mine, other in zip(birth, theirs, strict=True)):
                return candidate
        return None

    def of_address(self, email: str) -> Candidate | None:
        user = self.accounts.get(email.lower())
        return self.by_user.get(user.pk) if user else None

    def _namesakes(self, birth_name: str, first_names: str) -> Iterator[Candidate]:
        given_names = normalise(first_names).split()
        for candidate in self.by_name.get(normalise(birth_name), ()):
            if are_same_given_names(given_names, normalise(candidate.first_names).split()):
                yield candidate


def are_same_given_names(names: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether first names, folded, agree as far as both are written."""
    shorter = min(len(names), len(other))
    return bool(shorter) and list(names[:shorter]) == list(other[:shorter])


def _accounts(emails: set[str]) -> Iterator[User]:
    for batch in batched(sorted(emails), AT_ONCE):
        yield from User.objects.filter(email__in=batch)


def bloc_numbers(blocs: Iterable[Bloc]) -> str:
    """Return `1, 3`."""
    return ", ".join(str(bloc.number) for bloc in blocs)


@dataclass(frozen=True)
class Doubt:
    """A warning of a row, and whether a person agreed to it. `id` changes with what is written and how it is read."""

    id: str
    problem: Problem
    is_accepted: bool


@dataclass
class RowPlan:
    """`act`: "create", "enrol" (a known person), "update", "same" (nothing changes), "choose" (who is it?) or "refused".

    changes: (what, before, after), as people read them. arguments: for the service that does the act on `target`.
    """

    row: Row
    act: str = "refused"
    who: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    twin: Candidate | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    target: Any = None
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """`act`, or "check": what it would do waits for a person to agree to how the row was read."""
        waits = self.act in ACTS and any(not doubt.is_accepted for doubt in self.doubts)
        return "check" if waits else self.act

    def read_doubts(self, accepted: Container[str]) -> None:
        """Say of each warning of the row whether it was agreed to. accepted: the ids that were."""
        for problem in self.row.warnings:
            text = f"{problem.key}|{problem.written}|{problem.message}"
            key = f"{self.row.number}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
            self.doubts.append(Doubt(key, problem, key in accepted))

    def ignore(self, key: str, label: str, value: Any, stays: Any) -> None:
        """Warn that a value of the row is not taken over, and what stands instead."""
        stays_text = as_text(stays if stays is not None else "")
        message = f"ignoré : la branche a « {stays_text} »" if stays_text else "ignoré : complétez la fiche elle-même"
        self.row.warnings.append(Problem(key, as_text(value)[:80], message, label))

    @property
    def birth_text(self) -> str:
        """The birth date of the row, as far as it is written."""
        year, month, day = self.row.values["birth"]
        return "/".join([*(f"{n:02d}" for n in (day, month) if n), str(year)])

    def refuse(self, *problems: Problem) -> None:
        self.row.errors.extend(problems)
        self.act = "refused"
