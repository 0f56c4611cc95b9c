"""The problem as constraints for CP-SAT (OR-Tools, an extra): it completes and evens out the first plan."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from candidates.planning.solver.problem import Placed, Plan, Problem, Room, Span, Task, loads, row_length

# What a plan costs: an interview without a place, a candidate who comes on two days, a person more than one apart, a warning.
MISSING, SPLIT, UNEVEN, WARNED = 1_000, 20, 10, 5


@dataclass(frozen=True)
class SearchResult:
    """A plan, and whether nothing better exists (`proven`)."""

    plan: Plan
    proven: bool = False


def cost(problem: Problem, plan: Plan) -> int:
    """Return what a plan costs: 0 for a perfect one."""
    days = defaultdict(set)
    for placed in plan:
        days[problem.by_key[placed.task].candidate].add(problem.day_of(placed.start))
    split = sum(len(of_candidate) - 1 for of_candidate in days.values()) if problem.rules.one_day else 0
    warned = sum(
        (problem.by_key[placed.task].candidate, key) in problem.warned for placed in plan for key in placed.people
    )
    missing = len(problem.tasks) - len(plan)
    return MISSING * missing + SPLIT * split + UNEVEN * _unevenness(problem, plan) + WARNED * warned


def _unevenness(problem: Problem, plan: Plan) -> int:
    """Return by how much the loads of those who can come as much differ by more than one."""
    groups: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    load = loads(problem, plan)
    for person in problem.people:
        groups[_group(person)].append(load[person.key])
    return sum(max(0, max(group) - min(group) - 1) for group in groups.values())


def _group(person: Any) -> tuple[Any, ...]:
    return (person.hours, person.at_most_per_day)


ATTEMPTS = 30


class PlanModel:
    """Each task has a presence, a start, a group of rooms, people; intervals keep people and rooms from being taken twice."""

    def __init__(self, problem: Problem, hint: Plan) -> None:
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.problem, self.hint = problem, hint
        self.model = cp_model.CpModel()
        self.there: dict[int, Any] = {}
        self.start: dict[int, Any] = {}
        self.takes: dict[tuple[int, int], Any] = {}
        self.day: dict[tuple[int, int], Any] = {}
        self.groups = _room_groups(problem.rooms)
        self.group: dict[tuple[int, int], Any] = {}
        for task in problem.tasks:
            self._add_task(task)
        self._add_people()
        self._add_rooms()
        self._add_candidates()
        self._add_objective()
        self._add_hint()

    def _add_task(self, task: Task) -> None:
        cp, model, problem = self.cp, self.model, self.problem
        there = self.there[task.key] = model.new_bool_var(f"there {task.key}")
        starts = problem.starts(task)
        if not starts:
            model.add(there == 0)
            starts = [0]
        start = self.start[task.key] = model.new_int_var_from_domain(cp.Domain.from_values(starts), f"start {task.key}")
        taken = []
        for person in problem.able(task):
            takes = self.takes[task.key, person.key] = model.new_bool_var(f"{task.key} by {person.key}")
            taken.append(takes)
            spans = [[hours.start, hours.end - task.minutes] for hours in person.hours if hours.minutes >= task.minutes]
            if not spans:
                model.add(takes == 0)
            else:
                domain = cp.Domain.from_intervals(spans)
                model.add_linear_expression_in_domain(start, domain).only_enforce_if(takes)
        model.add(sum(taken) == task.evaluators * there)
        for rank, day in enumerate(problem.days):
            on = self.day[task.key, rank] = model.new_bool_var(f"{task.key} on {rank}")
            model.add(start >= day.parts[0].start).only_enforce_if(on)
            model.add(start < day.parts[-1].end).only_enforce_if(on)
        model.add_exactly_one([self.day[task.key, rank] for rank in range(len(problem.days))])

    def _interval(self, task: Task, minutes: int, present: Any) -> Any:
        return self.model.new_optional_fixed_size_interval_var(self.start[task.key], minutes, present, "")

    def _fixed(self, span: Span) -> Any:
        return self.model.new_fixed_size_interval_var(span.start, span.minutes, "")

    def _add_people(self) -> None:
        rules, row = self.problem.rules, row_length(self.problem)
        for person in self.problem.people:
            own = [
                (task, self.takes[task.key, person.key])
                for task in self.problem.tasks
                if (task.key, person.key) in self.takes
            ]
            intervals = [self._interval(task, task.minutes + rules.scoring, takes) for task, takes in own]
            self.model.add_no_overlap(
                [*intervals, *(self._fixed(_before(span, rules.scoring)) for span in person.busy)]
            )
            rows = [self._interval(task, row, takes) for task, takes in own]
            self.model.add_cumulative(rows, [1] * len(rows), rules.in_a_row)
            if person.at_most_per_day:
                for rank in range(len(self.problem.days)):
                    both = [self._both(takes, self.day[task.key, rank]) for task, takes in own]
                    self.model.add(sum(both) <= person.at_most_per_day)

    def _both(self, first: Any, second: Any) -> Any:
        both = self.model.new_bool_var("")
        self.model.add_bool_or(first.negated(), second.negated(), both)
        return both

    def _add_rooms(self) -> None:
        """Rooms of a kind open at the same hours are one resource of so many places: which is which is told afterwards."""
        scoring = self.problem.rules.scoring
        intervals: defaultdict[int, list[Any]] = defaultdict(list)
        for task in self.problem.tasks:
            chosen = []
            for number, (hours, rooms) in enumerate(self.groups):
                is_there = (
                    self.there[task.key]
                    if len(self.groups) == 1 and rooms[0].remote == task.remote
                    else self.model.new_bool_var(f"{task.key} in {number}")
                )
                self.group[task.key, number] = is_there
                chosen.append(is_there)
                spans = [[span.start, span.end - task.minutes] for span in hours if span.minutes >= task.minutes]
                if spans and rooms[0].remote == task.remote:
                    domain = self.cp.Domain.from_intervals(spans)
                    self.model.add_linear_expression_in_domain(self.start[task.key], domain).only_enforce_if(is_there)
                else:
                    self.model.add(is_there == 0)
                intervals[number].append(self._interval(task, task.minutes + scoring, is_there))
            if chosen != [self.there[task.key]]:
                self.model.add(sum(chosen) == self.there[task.key])
        for number, (_, rooms) in enumerate(self.groups):
            taken = [self._fixed(_before(span, scoring)) for room in rooms for span in room.busy]
            every = [*intervals[number], *taken]
            self.model.add_cumulative(every, [1] * len(every), len(rooms))

    def _add_candidates(self) -> None:
        rules = self.problem.rules
        by_candidate: defaultdict[int, list[Task]] = defaultdict(list)
        for task in self.problem.tasks:
            by_candidate[task.candidate].append(task)
        self.splits: list[Any] = []
        for tasks in by_candidate.values():
            self.model.add_no_overlap(
                [self._interval(task, task.minutes + rules.rest, self.there[task.key]) for task in tasks]
            )
            if len(tasks) > 1:
                self._add_pairs(tasks)
                if rules.one_day:
                    self._add_split(tasks)

    def _add_pairs(self, tasks: Sequence[Task]) -> None:
        for person in self.problem.people:
            own = [self.takes[task.key, person.key] for task in tasks if (task.key, person.key) in self.takes]
            if self.problem.rules.pairs == "different" and len(own) > 1:
                self.model.add_at_most_one(own)
            elif self.problem.rules.pairs == "same" and len({task.evaluators for task in tasks}) == 1:
                there = [self.there[task.key] for task in tasks]
                full = [self.takes.get((task.key, person.key), 0) for task in tasks]
                for earlier, later, both in zip(full, full[1:], itertools.pairwise(there), strict=False):
                    self.model.add(earlier == later).only_enforce_if(list(both))

    def _add_split(self, tasks: Sequence[Task]) -> None:
        used = []
        for rank in range(len(self.problem.days)):
            on = self.model.new_bool_var("")
            self.model.add_max_equality(on, [self.day[task.key, rank] for task in tasks])
            used.append(on)
        split = self.model.new_int_var(0, len(used) - 1, "")
        self.model.add(split == sum(used) - 1)
        self.splits.append(split)

    def _add_objective(self) -> None:
        groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
        most = len(self.problem.tasks) + max((person.load for person in self.problem.people), default=0)
        for person in self.problem.people:
            own = [takes for (_, key), takes in self.takes.items() if key == person.key]
            groups[_group(person)].append(sum(own) + person.load)
        uneven = []
        for group in groups.values():
            low, high, over = (self.model.new_int_var(0, most, "") for _ in range(3))
            for load in group:
                self.model.add(low <= load)
                self.model.add(high >= load)
            self.model.add(over >= high - low - 1)
            uneven.append(over)
        warned = [
            takes
            for (task, key), takes in self.takes.items()
            if (self.problem.by_key[task].candidate, key) in self.problem.warned
        ]
        missing = len(self.problem.tasks) - sum(self.there.values())
        self.model.minimize(MISSING * missing + SPLIT * sum(self.splits) + UNEVEN * sum(uneven) + WARNED * sum(warned))

    def _add_hint(self) -> None:
        by_task = {placed.task: placed for placed in self.hint}
        for task in self.problem.tasks:
            placed = by_task.get(task.key)
            self.model.add_hint(self.there[task.key], placed is not None)
            if placed is None:
                continue
            self.model.add_hint(self.start[task.key], placed.start)
            for person in self.problem.able(task):
                self.model.add_hint(self.takes[task.key, person.key], person.key in placed.people)

    def solve(
        self,
        seconds: float,
        workers: int,
        seed: int,
        effort: float,
        on_better: Callable[[Plan], None],
        is_stopped: Callable[[], bool],
    ) -> SearchResult:
        model, cp = self, self.cp
        callback: Any = cp.CpSolverSolutionCallback
        best = [self.hint]

        class Watch(callback):
            def on_solution_callback(self) -> None:
                plan = model.read(self.value)
                if cost(model.problem, plan) < cost(model.problem, best[0]):
                    best[0] = plan
                    on_better(plan)
                if cost(model.problem, best[0]) == 0:
                    self.stop_search()

        solver = cp.CpSolver()
        solver.parameters.max_time_in_seconds = max(1.0, seconds)
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = seed
        if effort:
            solver.parameters.max_deterministic_time = effort
        watch = Watch()
        solver.best_bound_callback = lambda bound: solver.stop_search() if is_stopped() else None
        status = solver.solve(self.model, watch)
        return SearchResult(best[0], status == cp.OPTIMAL)

    def read(self, value: Callable[[Any], int]) -> Plan:
        """Return the plan of a solution, each task in a room of its own."""
        plan = []
        free_from: dict[str, list[Span]] = {
            room.name: [_before(span, self.problem.rules.scoring) for span in room.busy] for room in self.problem.rooms
        }
        present = [task for task in self.problem.tasks if value(self.there[task.key])]
        for task in sorted(present, key=lambda task: value(self.start[task.key])):
            start = value(self.start[task.key])
            number = next(n for n in range(len(self.groups)) if value(self.group[task.key, n]))
            stay = Span(start, start + task.minutes + self.problem.rules.scoring)
            room = next(
                (r for r in self.groups[number][1] if not any(stay.meets(taken) for taken in free_from[r.name])), None
            )
            if room is None:
                continue  # rooms that are busy at different times: the places are enough, not one of them for so long
            free_from[room.name].append(stay)
            people = [key for (of, key), takes in self.takes.items() if of == task.key and value(takes)]
            plan.append(Placed(task.key, start, room.name, tuple(sorted(people))))
        return plan


def _room_groups(rooms: Sequence[Room]) -> list[tuple[tuple[Span, ...], list[Room]]]:
    groups: defaultdict[tuple[tuple[Span, ...], bool], list[Room]] = defaultdict(list)
    for room in rooms:
        groups[room.hours, room.remote].append(room)
    return [(hours, those) for (hours, _), those in groups.items()]


def _before(span: Span, minutes: int) -> Span:
    """Return the span during which what is followed by so many minutes may not be under way."""
    return Span(span.start - minutes, span.end) if minutes else span
