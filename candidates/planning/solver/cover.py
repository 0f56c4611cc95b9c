"""Somebody cannot come: others take their interviews over, at the same time and in the same room. Nothing else moves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from candidates.planning.solver.problem import Person, Placed, Problem, Span, row_length


@dataclass(frozen=True)
class Cover:
    """Who takes over what: {task: person}; and the tasks that nobody can take."""

    takes: Mapping[int, int]
    left: Sequence[int]


def cover(problem: Problem, plan: Sequence[Placed], absent: int, away: Span, reserves: Collection[int]) -> Cover:
    """Return who takes over the absent person's interviews during `away`: reserves first, then the least loaded.

    As many as can be are covered (augmenting paths over who is free when); two that overlap are two people's.
    """
    state = _State(problem, plan, absent, away, frozenset(reserves))
    for task in sorted(state.affected, key=lambda key: (len(state.free[key]), state.affected[key].start)):
        state.assign(task, set())
    return Cover(dict(state.taken), [key for key in state.affected if key not in state.taken])


class _State:
    def __init__(
        self, problem: Problem, plan: Sequence[Placed], absent: int, away: Span, reserves: frozenset[int]
    ) -> None:
        self.problem, self.scoring = problem, problem.rules.scoring
        self.row = row_length(problem)
        self.spans: dict[int, list[Span]] = {person.key: list(person.busy) for person in problem.people}
        self.load = {person.key: person.load for person in problem.people}
        self.affected: dict[int, Span] = {}
        self.with_whom: dict[int, tuple[int, ...]] = {}
        for placed in plan:
            span = Span(placed.start, placed.start + problem.by_key[placed.task].minutes)
            if absent in placed.people and span.meets(away):
                self.affected[placed.task] = span
                self.with_whom[placed.task] = placed.people
            for key in placed.people:
                self.spans[key].append(span)
                self.load[key] += 1
        self.taken: dict[int, int] = {}
        self.free = {key: self._who(key, absent, reserves) for key in self.affected}

    def _who(self, task: int, absent: int, reserves: frozenset[int]) -> list[int]:
        able = [
            person.key
            for person in self.problem.able(self.problem.by_key[task])
            if person.key != absent and person.key not in self.with_whom[task] and self._can_come(person, task)
        ]
        warned = self.problem.warned
        candidate = self.problem.by_key[task].candidate
        return sorted(able, key=lambda key: ((candidate, key) in warned, key not in reserves, self.load[key], key))

    def _can_come(self, person: Person, task: int) -> bool:
        span = self.affected[task]
        if not any(hours.holds(span) for hours in person.hours):
            return False
        return not any(self._too_near(span, other) for other in self.spans[person.key])

    def _too_near(self, span: Span, other: Span) -> bool:
        return Span(span.start, span.end + self.scoring).meets(Span(other.start, other.end + self.scoring))

    def assign(self, task: int, tried: set[tuple[int, int]]) -> bool:
        """Give a task to somebody, whose other tasks taken over may go to somebody else."""
        for key in self.free[task]:
            if (task, key) in tried:
                continue
            tried.add((task, key))
            in_the_way = [
                other
                for other, whose in self.taken.items()
                if whose == key and self._too_near(self.affected[task], self.affected[other])
            ]
            before = dict(self.taken)
            for other in in_the_way:
                del self.taken[other]
            self.taken[task] = key
            if all(self.assign(other, tried) for other in in_the_way):
                return True
            self.taken = before
        return False
