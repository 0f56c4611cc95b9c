"""Who votes on a candidate, who presides, what a vote gives. Pure.

Sources: the référentiel's and the session's own rules (`referentiel.jury_rules.rules`); for a candidate by VAE,
article L6412-3 of the code du travail and décret 2024-332 (two members at least, one of them qualified, the president's
casting vote).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cqp.core.refusals import RefusedError
from referentiel.jury_rules.rules import ACQUIRED, COLLEGES, NOT_ACQUIRED, JuryRules

VAE = "vae"
VAE_MEMBERS = 2


@dataclass(frozen=True)
class Seat:
    """A member of the jury. `key` is the appointment's; `sex` "F", "M" or ""."""

    key: int
    name: str
    college: str
    is_substitute: bool = False
    is_qualified: bool = False
    sex: str = ""


@dataclass(frozen=True)
class Bench:
    """Who sits on one candidate. `votes_by_seat`: the voices of each member who votes, proxies included."""

    votes_by_seat: Mapping[Seat, int]
    silent: tuple[Seat, ...]
    away: tuple[Seat, ...]
    president: Seat | None
    tie: str
    problems: tuple[str, ...] = field(default=())

    @property
    def total(self) -> int:
        return sum(self.votes_by_seat.values())

    def as_payload(self) -> dict[str, Any]:
        """Return what a decision keeps of it: keys of appointments."""
        return {
            "voting": sorted(seat.key for seat in self.votes_by_seat),
            "recused": sorted(seat.key for seat in self.away),
            "president": self.president.key if self.president else None,
        }


def bench(
    rules: JuryRules,
    seats: Iterable[Seat],
    *,
    present: Collection[int],
    recused: Collection[int] = (),
    proxies: Mapping[int, int] | None = None,
    president: int | None = None,
    turn: str = "",
    is_vae: bool = False,
) -> Bench:
    """Return who sits on a candidate, and what the rules miss.

    `present`, `recused` and `president` are keys of seats; `proxies` gives, for an absent member, who holds their proxy;
    `turn` is the college that presides under the alternation. A substitute votes for a member of their college who neither
    sits nor is represented. Where the president is recused, the first member of the same college presides.
    """
    seats = sorted(seats, key=lambda seat: (seat.college, seat.is_substitute, seat.name, seat.key))
    here = [seat for seat in seats if seat.key in present and seat.key not in recused]
    away = tuple(seat for seat in seats if seat.key in present and seat.key in recused)
    voters = [seat for seat in here if not seat.is_substitute]
    voting = {seat.key for seat in voters}
    proxy_count: Counter[int] = Counter()
    represented = set()
    for giver, holder in sorted((proxies or {}).items()):
        counts = rules.proxies_per_member and giver not in present and giver not in recused and holder in voting
        if counts and proxy_count[holder] < rules.proxies_per_member:
            proxy_count[holder] += 1
            represented.add(giver)
    vacant = Counter(
        seat.college
        for seat in seats
        if not seat.is_substitute and seat.key not in voting and seat.key not in represented
    )
    silent = []
    for seat in (seat for seat in here if seat.is_substitute):
        if vacant[seat.college] > 0:
            vacant[seat.college] -= 1
            voters.append(seat)
        else:
            silent.append(seat)
    votes_by_seat = {seat: 1 + proxy_count[seat.key] for seat in voters}
    presides = _president(voters, here, away, president)
    tie = "president" if is_vae else rules.tie
    problems = _problems(rules, voters, presides, turn, is_vae=is_vae)
    return Bench(votes_by_seat, tuple(silent), away, presides, tie, tuple(problems))


def _president(voters: list[Seat], here: list[Seat], away: tuple[Seat, ...], president: int | None) -> Seat | None:
    for seat in voters:
        if seat.key == president:
            return seat
    college = next((seat.college for seat in away if seat.key == president), None)
    return next((seat for seat in voters if seat.college == college), None) if college is not None else None


def _problems(rules: JuryRules, voters: list[Seat], president: Seat | None, turn: str, *, is_vae: bool) -> list[str]:
    problems = []
    count, required = len(voters), max(rules.minimum_members, VAE_MEMBERS if is_vae else 1)
    if count < required:
        whose = " (loi, VAE)" if is_vae and required > rules.minimum_members else ""
        problems.append(
            f"{count} présent{'s' if count > 1 else ''} qui vote{'nt' if count > 1 else ''}, {required} requis{whose}."
        )
    per_college = Counter(seat.college for seat in voters)
    for college, name in COLLEGES.items():
        if per_college[college] < rules.minimum_per_college:
            problems.append(f"Collège des {name} : {per_college[college]} présent, {rules.minimum_per_college} requis.")
    if is_vae and not any(seat.is_qualified for seat in voters):
        problems.append("VAE : un membre au moins doit être qualifié au titre de la certification.")
    college_due = turn if rules.presidency == "alternating" else rules.presidency
    if president is None and (is_vae or rules.presidency != "free"):
        problems.append("Aucun président ne siège : désignez-le.")
    elif president and college_due in COLLEGES and president.college != college_due:
        problems.append(f"La présidence revient au collège des {COLLEGES[college_due]}.")
    return problems


@dataclass(frozen=True)
class Vote:
    """Voices for the bloc acquired, against it, and abstentions. `president` is the president's own: for or against."""

    in_favour: int
    against: int
    abstained: int = 0
    president: bool | None = None

    @property
    def total(self) -> int:
        return self.in_favour + self.against + self.abstained

    @property
    def is_tied(self) -> bool:
        return self.in_favour == self.against


class VoteRefused(RefusedError):
    """The vote gives nothing. `message` says in French why."""


def resolve_vote(vote: Vote, bench: Bench) -> str | None:
    """Return what a vote gives, an outcome; None without an absolute majority, when nothing but an adjournment is left.

    Raises VoteRefused: not as many voices as there are, or a tie that waits for the president's voice.
    """
    if min(vote.in_favour, vote.against, vote.abstained) < 0 or vote.total != bench.total:
        count = bench.total
        raise VoteRefused(f"Le vote compte {vote.total} voix, il y en a {count} pour ce candidat.")
    if vote.is_tied:
        if bench.tie != "president":
            return bench.tie
        if bench.president is None:
            raise VoteRefused("Les voix sont partagées et aucun président ne siège : désignez-le, sa voix l'emporte.")
        if vote.president is None:
            raise VoteRefused("Les voix sont partagées : dites comment a voté le président, sa voix l'emporte.")
        return ACQUIRED if vote.president else NOT_ACQUIRED
    if 2 * vote.in_favour > vote.total:
        return ACQUIRED
    return NOT_ACQUIRED if 2 * vote.against > vote.total else None


def balance(seats: Iterable[Seat]) -> tuple[int, int, int]:
    """Return how many women, men, and members whose sex nobody noted."""
    count = Counter(seat.sex for seat in seats)
    return count["F"], count["M"], count[""]
