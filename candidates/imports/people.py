"""Who of a file is known to the branch. All that may be asked is read at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from candidates.models import Candidate
from cqp.models import User
from cqp.text import fold
from referentiel.models import Branch

AT_ONCE = 500

type Birth = tuple[int, int | None, int | None]


class People:
    """The candidates of a branch, found by their identity or their address, and the accounts of some addresses."""

    def __init__(self, branch: Branch | int, emails: Iterable[str]) -> None:
        pk = branch if isinstance(branch, int) else branch.pk
        self.by_name: defaultdict[str, list[Candidate]] = defaultdict(list)
        self.by_user: dict[int, Candidate] = {}
        for candidate in Candidate.objects.filter(branch=pk, erased_at=None).select_related("user").order_by("pk"):
            self.by_name[fold(candidate.birth_name)].append(candidate)
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
            if sum(one == other for one, other in zip(birth, theirs, strict=True)) >= 1:
                return candidate
        return None

    def of_address(self, email: str) -> Candidate | None:
        user = self.accounts.get(email.lower())
        return self.by_user.get(user.pk) if user else None

    def _namesakes(self, birth_name: str, first_names: str) -> Iterator[Candidate]:
        given = fold(first_names).split()
        for candidate in self.by_name.get(fold(birth_name), ()):
            if same_given(given, fold(candidate.first_names).split()):
                yield candidate


def same_given(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether first names agree as far as both are given."""
    shorter = min(len(one), len(other))
    return bool(shorter) and list(one[:shorter]) == list(other[:shorter])


def _accounts(emails: set[str]) -> Iterator[User]:
    for some in batched(sorted(emails), AT_ONCE):
        yield from User.objects.filter(email__in=some)
