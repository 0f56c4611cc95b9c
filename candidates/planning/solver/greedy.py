"""A first plan, made candidate by candidate, without any library: those who are hardest to place first."""

import random
from collections import defaultdict
from collections.abc import Sequence

from candidates.planning.solver.problem import Person, Placed, Plan, Problem, Room, Span, Task, row_length


class Board:
    """What is taken so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rules = problem, problem.rules
        self.row = row_length(problem)
        self.people: dict[int, list[Span]] = {person.key: list(person.busy) for person in problem.people}
        self.starts: defaultdict[int, list[int]] = defaultdict(list)
        self.rooms: dict[str, list[Span]] = {room.name: list(room.busy) for room in problem.rooms}
        self.candidates: defaultdict[int, list[Span]] = defaultdict(list)
        self.teams: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
        self.load = {person.key: person.load for person in problem.people}
        self.plan: list[Placed] = []

    def place(self, task: Task, start: int) -> Placed | None:
        """Place a task at a time, where there is a room and enough people; None where there are not."""
        span = Span(start, start + task.minutes)
        stay = Span(start, start + task.minutes + self.rules.scoring)
        rest = Span(span.start - self.rules.rest, span.end + self.rules.rest)
        if any(rest.meets(taken) for taken in self.candidates[task.candidate]):
            return None
        room = next(
            (
                room
                for room in self.problem.rooms
                if room.remote == task.remote and self._room_is_free(room, span, stay)
            ),
            None,
        )
        if room is None:
            return None
        people = self._team(task, span)
        if people is None:
            return None
        placed = Placed(task.key, start, room.name, tuple(sorted(people)))
        self._take(task, placed, span)
        return placed

    def take_back(self, task: Task) -> None:
        placed = next(placed for placed in self.plan if placed.task == task.key)
        self._release(task, placed, Span(placed.start, placed.start + task.minutes))

    def _release(self, task: Task, placed: Placed, span: Span) -> None:
        self.plan.remove(placed)
        self.rooms[placed.room].remove(self._held(span))
        self.candidates[task.candidate].remove(span)
        self.teams[task.candidate].remove(placed.people)
        for key in placed.people:
            self.people[key].remove(self._held(span))
            self.starts[key].remove(span.start)
            self.load[key] -= 1

    def give(self, giver: Person, taker: Person) -> bool:
        """Give one of a person's interviews to another who may and can hold it. Same pairs stay same pairs."""
        if self.rules.pairs == "same":
            return False
        for placed in [placed for placed in self.plan if giver.key in placed.people]:
            task = self.problem.by_key[placed.task]
            span = Span(placed.start, placed.start + task.minutes)
            pair = (task.candidate, taker.key)
            if taker.key in placed.people or taker not in self.problem.able(task) or pair in self.problem.warned:
                continue
            theirs = {key for team in self.teams[task.candidate] for key in team}
            if self.rules.pairs == "different" and taker.key in theirs:
                continue
            if self._is_free(taker, span):
                people = tuple(sorted({*placed.people, taker.key} - {giver.key}))
                self._release(task, placed, span)
                self._take(task, Placed(task.key, placed.start, placed.room, people), span)
                return True
        return False

    def _held(self, span: Span) -> Span:
        return Span(span.start, span.end + self.rules.scoring)

    def _take(self, task: Task, placed: Placed, span: Span) -> None:
        self.plan.append(placed)
        self.rooms[placed.room].append(self._held(span))
        self.candidates[task.candidate].append(span)
        self.teams[task.candidate].append(placed.people)
        for key in placed.people:
            self.people[key].append(self._held(span))
            self.starts[key].append(span.start)
            self.load[key] += 1

    def _room_is_free(self, room: Room, span: Span, stay: Span) -> bool:
        return any(hours.holds(span) for hours in room.hours) and not any(
            stay.meets(taken) for taken in self.rooms[room.name]
        )

    def _team(self, task: Task, span: Span) -> list[int] | None:
        """Return the least loaded who may and can; None when they are too few."""
        able = self.problem.able(task)
        others = self.teams[task.candidate]
        if self.rules.pairs == "different":
            taken = {key for team in others for key in team}
            able = [person for person in able if person.key not in taken]
        elif self.rules.pairs == "same" and others and len(others[0]) == task.evaluators:
            able = [person for person in able if person.key in others[0]]
        free = [person for person in able if self._is_free(person, span)]
        if len(free) < task.evaluators:
            return None
        warned = self.problem.warned
        free.sort(key=lambda person: ((task.candidate, person.key) in warned, self.load[person.key], len(person.blocs)))
        return [person.key for person in free[: task.evaluators]]

    def _is_free(self, person: Person, span: Span) -> bool:
        if not any(hours.holds(span) for hours in person.hours):
            return False
        if any(self._held(span).meets(taken) for taken in self.people[person.key]):
            return False
        day = self.problem.days[self.problem.day_of(span.start)]
        of_day = [start for start in self.starts[person.key] if day.parts[0].start <= start < day.parts[-1].end]
        if person.at_most_per_day and len(of_day) >= person.at_most_per_day:
            return False
        in_a_row = self.rules.in_a_row
        ordered = sorted([*of_day, span.start])
        return all(after - first >= self.row for first, after in zip(ordered, ordered[in_a_row:], strict=False))


def first_plan(problem: Problem, seed: int = 0) -> Plan:
    """Return a plan without a clash, of as many tasks as were found a place: maybe not all."""
    chance = random.Random(seed)
    board = Board(problem)
    by_candidate: defaultdict[int, list[Task]] = defaultdict(list)
    for task in problem.tasks:
        by_candidate[task.candidate].append(task)
    order = sorted(
        by_candidate.values(),
        key=lambda tasks: (
            -sum(task.minutes for task in tasks),
            min(len(problem.able(task)) for task in tasks),
            chance.random(),
        ),
    )
    for tasks in order:
        _place_candidate(board, tasks, chance)
    _even_out(board)
    return board.plan


def _even_out(board: Board) -> None:
    """Give interviews of the most loaded to the least loaded, at the same time and place, while it brings them nearer."""
    problem = board.problem
    while True:
        ranked = sorted(problem.people, key=lambda person: board.load[person.key])
        for low in ranked:
            high = next(
                (
                    person
                    for person in reversed(ranked)
                    if board.load[person.key] > board.load[low.key] + 1 and board.give(person, low)
                ),
                None,
            )
            if high:
                break
        else:
            return


def _place_candidate(board: Board, tasks: Sequence[Task], chance: random.Random) -> None:
    """Place a candidate's interviews on one day if any day can hold them, else wherever there is a place."""
    problem = board.problem
    ordered = sorted(tasks, key=lambda task: (len(problem.able(task)), chance.random()))
    starts = {task.key: problem.starts(task) for task in tasks}
    weight = [
        sum(1 for placed in board.plan if problem.day_of(placed.start) == rank) for rank in range(len(problem.days))
    ]
    days = sorted(range(len(problem.days)), key=lambda rank: (weight[rank], rank))
    for rank in days if len(tasks) > 1 else ():
        settled = []
        for task in ordered:
            of_day = [start for start in starts[task.key] if problem.day_of(start) == rank]
            if not any(board.place(task, start) for start in of_day):
                break
            settled.append(task)
        if len(settled) == len(ordered):
            return
        for task in settled:
            board.take_back(task)
    for task in ordered:
        for rank in days:
            of_day = [start for start in starts[task.key] if problem.day_of(start) == rank]
            if any(board.place(task, start) for start in of_day):
                break
