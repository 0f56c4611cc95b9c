"""What is to be planned, with whom and where. Times are whole minutes from an origin: no zone, no summer time."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, order=True)
class Span:
    """From `start` to `end`, excluded."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        return self.end - self.start

    def meets(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Day:
    """A day of interviews: its name in words, and its parts, between which there is lunch."""

    name: str
    parts: tuple[Span, ...]


@dataclass(frozen=True)
class Task:
    """An interview to plan: of a bloc, for a candidate, with so many evaluators, for so many minutes."""

    key: int
    candidate: int
    bloc: int
    minutes: int
    evaluators: int
    name: str
    remote: bool = False


@dataclass(frozen=True)
class Person:
    """An evaluator: their blocs, when they can come, when they are taken. `load`: interviews that stay theirs."""

    key: int
    name: str
    blocs: frozenset[int]
    hours: tuple[Span, ...]
    busy: tuple[Span, ...] = ()
    at_most_per_day: int = 0
    load: int = 0


@dataclass(frozen=True)
class Room:
    name: str
    hours: tuple[Span, ...]
    busy: tuple[Span, ...] = ()
    remote: bool = False


@dataclass(frozen=True)
class Rules:
    """In minutes: `scoring` after an interview, `pause` after `in_a_row` of them, `rest` of a candidate, `step` of the clock.

    pairs: "any", "same" (a candidate's blocs have the same evaluators) or "different" (no evaluator twice).
    """

    scoring: int = 10
    in_a_row: int = 4
    pause: int = 15
    rest: int = 15
    step: int = 5
    pairs: str = "any"
    one_day: bool = True


@dataclass(frozen=True)
class Problem:
    """forbidden, warned: pairs of a candidate and a person. busy: when candidates are taken."""

    days: Sequence[Day]
    tasks: Sequence[Task]
    people: Sequence[Person]
    rooms: Sequence[Room]
    rules: Rules = field(default_factory=Rules)
    forbidden: frozenset[tuple[int, int]] = frozenset()
    warned: frozenset[tuple[int, int]] = frozenset()
    busy: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[int, Task]:
        return {task.key: task for task in self.tasks}

    @cached_property
    def person(self) -> dict[int, Person]:
        return {person.key: person for person in self.people}

    def able(self, task: Task) -> list[Person]:
        """Return who may evaluate: the bloc is theirs, and nothing keeps them from the candidate."""
        return [
            person
            for person in self.people
            if task.bloc in person.blocs and (task.candidate, person.key) not in self.forbidden
        ]

    def starts(self, task: Task) -> list[int]:
        """Return when the task may begin: on the clock's steps, within a part of a day, its candidate free."""
        step, taken = self.rules.step, self.busy.get(task.candidate, ())
        starts = []
        for day in self.days:
            for part in day.parts:
                for start in range(part.start, part.end - task.minutes + 1, step):
                    if not any(Span(start, start + task.minutes).meets(span) for span in taken):
                        starts.append(start)
        return starts

    def day_of(self, minute: int) -> int:
        """Return the rank of the day that holds a moment, -1 for none."""
        for rank, day in enumerate(self.days):
            if day.parts[0].start <= minute < day.parts[-1].end:
                return rank
        return -1


@dataclass(frozen=True)
class Placed:
    """A task in the plan: when it begins, where, with whom."""

    task: int
    start: int
    room: str
    people: tuple[int, ...]


type Plan = Sequence[Placed]


def loads(problem: Problem, plan: Iterable[Placed]) -> dict[int, int]:
    """Return how many interviews each person has, those that stay theirs included."""
    counts = {person.key: person.load for person in problem.people}
    for placed in plan:
        for key in placed.people:
            counts[key] += 1
    return counts


def clashes(problem: Problem, plan: Plan) -> list[str]:
    """Return in words what no plan may have; an empty list for a good one. It shares no code with what makes plans."""
    rules, faults = problem.rules, []
    by_person: defaultdict[int, list[tuple[Span, Task]]] = defaultdict(list)
    by_room: defaultdict[str, list[tuple[Span, Task]]] = defaultdict(list)
    by_candidate: defaultdict[int, list[tuple[Span, Placed]]] = defaultdict(list)
    rooms = {room.name: room for room in problem.rooms}
    if len({placed.task for placed in plan}) != len(plan):
        faults.append("une même épreuve est planifiée deux fois")
    for placed in plan:
        task = problem.by_key[placed.task]
        span = Span(placed.start, placed.start + task.minutes)
        if not any(part.holds(span) for day in problem.days for part in day.parts):
            faults.append(f"{task.name} : hors des heures de la session")
        if not any(hours.holds(span) for hours in rooms[placed.room].hours):
            faults.append(f"{task.name} : {placed.room} n'est pas ouverte")
        if rooms[placed.room].remote != task.remote:
            faults.append(f"{task.name} : {placed.room} ne convient pas")
        if any(span.meets(busy) for busy in rooms[placed.room].busy):
            faults.append(f"{task.name} : {placed.room} est prise")
        if len(set(placed.people)) != task.evaluators:
            faults.append(f"{task.name} : {len(set(placed.people))} évaluateurs au lieu de {task.evaluators}")
        for key in placed.people:
            person = problem.person[key]
            if task.bloc not in person.blocs or (task.candidate, key) in problem.forbidden:
                faults.append(f"{task.name} : {person.name} ne peut pas l'évaluer")
            if not any(hours.holds(span) for hours in person.hours) or any(span.meets(busy) for busy in person.busy):
                faults.append(f"{task.name} : {person.name} n'est pas là")
            by_person[key].append((span, task))
        if any(span.meets(busy) for busy in problem.busy.get(task.candidate, ())):
            faults.append(f"{task.name} : le candidat est pris")
        by_room[placed.room].append((span, task))
        by_candidate[task.candidate].append((span, placed))
    for spans in (*by_person.values(), *by_room.values()):
        faults += _too_near(spans, rules.scoring)
    for placed_spans in by_candidate.values():
        faults += _too_near([(span, problem.by_key[placed.task]) for span, placed in placed_spans], rules.rest)
        faults += _wrong_pairs(problem, [placed for _, placed in placed_spans])
    for key, spans in by_person.items():
        faults += _too_many(problem, problem.person[key], sorted(span.start for span, _ in spans))
    return faults


def _too_near(spans: Sequence[tuple[Span, Task]], gap: int) -> list[str]:
    ordered = sorted(spans, key=lambda pair: pair[0])
    return [
        f"{second.name} commence trop tôt après {first.name}"
        for (earlier, first), (later, second) in itertools.pairwise(ordered)
        if later.start < earlier.end + gap
    ]


def _wrong_pairs(problem: Problem, plan: Sequence[Placed]) -> list[str]:
    name = problem.by_key[plan[0].task].name
    teams = [frozenset(placed.people) for placed in plan]
    if problem.rules.pairs == "different" and sum(map(len, teams)) != len(frozenset().union(*teams)):
        return [f"{name} : un évaluateur a deux blocs du candidat"]
    sizes = {len(team) for team in teams}
    if problem.rules.pairs == "same" and len(sizes) == 1 and len(set(teams)) > 1:
        return [f"{name} : les blocs du candidat n'ont pas les mêmes évaluateurs"]
    return []


def _too_many(problem: Problem, person: Person, starts: Sequence[int]) -> list[str]:
    faults = []
    for day in problem.days:
        of_day = [start for start in starts if day.parts[0].start <= start < day.parts[-1].end]
        if person.at_most_per_day and len(of_day) > person.at_most_per_day:
            faults.append(f"{person.name} : {len(of_day)} entretiens le {day.name}")
        for first, after in zip(of_day, of_day[problem.rules.in_a_row :], strict=False):
            if after - first < row_length(problem):
                faults.append(f"{person.name} : pas de pause le {day.name}")
    return faults


def row_length(problem: Problem) -> int:
    """Return the minutes that `in_a_row` interviews and the pause take at least: the next one begins no earlier.

    The shortest interview counts, so that a pause is there whatever their lengths.
    """
    rules = problem.rules
    shortest = min((task.minutes for task in problem.tasks), default=0)
    return rules.in_a_row * (shortest + rules.scoring) + rules.pause
