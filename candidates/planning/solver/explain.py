"""Why not everything can be planned, and how much is missing: bounds that no plan can pass, in words."""

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from candidates.planning.solver.problem import Day, Person, Plan, Problem, Room, Span, Task, row_length

NAMED = 5  # at most, in a sentence


def reasons(problem: Problem, plan: Plan = ()) -> list[str]:
    """Return what forbids a whole plan, in French; an empty list where nothing is known to. Nothing is searched for."""
    if not problem.tasks:
        return []
    causes = _without_people(problem) + _without_time(problem)
    causes += _rooms(problem) + _people(problem)
    placed = {placed.task for placed in plan}
    left = [task for task in problem.tasks if task.key not in placed]
    if plan and left and not causes:
        names = ", ".join(task.name for task in left[:NAMED])
        more = f" et {len(left) - NAMED} autres" if len(left) > NAMED else ""
        causes.append(
            f"{_count(len(left), 'entretien')} sans place dans le meilleur planning trouvé : {names}{more}. "
            "Ajoutez une salle, un évaluateur ou une heure, ou cherchez de nouveau."
        )
    return causes


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def _without_people(problem: Problem) -> list[str]:
    causes = []
    for task in problem.tasks:
        able = problem.able(task)
        if len(able) < task.evaluators:
            who = f" ({', '.join(person.name for person in able)})" if able else ""
            causes.append(
                f"{task.name} : il faut {_count(task.evaluators, 'évaluateur')}, {len(able) or 'aucun'} n'est possible{who}, "
                "à cause des blocs ou des incompatibilités."
            )
    return causes


def _without_time(problem: Problem) -> list[str]:
    return [
        f"{task.name} : aucune heure de la session ne convient (durée {task.minutes} min, ou candidat déjà pris)."
        for task in problem.tasks
        if not problem.starts(task)
    ]


def _fit(spans: Sequence[Span], parts: Sequence[Span], minutes: int, gap: int) -> int:
    """Return how many stays of so many minutes, with a gap between two, fit in the parts of a day during these spans."""
    fit = 0
    for part in parts:
        for span in spans:
            length = min(part.end, span.end) - max(part.start, span.start)
            if length >= minutes:
                fit += (length + gap) // (minutes + gap)
    return fit


def _shortest(tasks: Sequence[Task]) -> int:
    return min(task.minutes for task in tasks)


def room_places(problem: Problem, room: Room, day: Day) -> int:
    places = _fit(room.hours, day.parts, _shortest(problem.tasks), problem.rules.scoring)
    taken = sum(any(span.meets(part) for part in day.parts) for span in room.busy)
    return max(0, places - taken)


def _rooms(problem: Problem) -> list[str]:
    return [cause for remote in (False, True) for cause in _rooms_of_a_kind(problem, remote=remote)]


def _rooms_of_a_kind(problem: Problem, *, remote: bool) -> list[str]:
    """Compare the interviews on the spot, or at a distance, with what their rooms hold."""
    needed = sum(task.remote == remote for task in problem.tasks)
    rooms = [room for room in problem.rooms if room.remote == remote]
    what = " à distance" if remote else ""
    places = [sum(room_places(problem, room, day) for room in rooms) for day in problem.days]
    missing = needed - sum(places)
    if missing <= 0:
        return []
    of_a_room = [
        _fit([Span(day.parts[0].start, day.parts[-1].end)], day.parts, _shortest(problem.tasks), problem.rules.scoring)
        for day in problem.days
    ]
    if not sum(of_a_room):
        return ["Aucun jour d'entretiens n'a d'heures où un entretien tienne."]
    if not rooms:
        return [
            f"Aucune salle{what} : il en faut {math.ceil(needed / sum(of_a_room))} chaque jour pour "
            f"{_count(needed, 'entretien')}{what}."
        ]
    every_day = math.ceil(missing / sum(of_a_room))
    thinnest = min(range(len(problem.days)), key=lambda rank: (places[rank] / (of_a_room[rank] or 1), rank))
    that_day = math.ceil(missing / (of_a_room[thinnest] or 1))
    remedies = [f"il manque {_count(every_day, 'salle')}{what} chaque jour"] if len(problem.days) > 1 else []
    remedies.append(f"il manque {_count(that_day, 'salle')}{what} le {problem.days[thinnest].name}")
    return [
        f"Les salles{what} permettent {_count(sum(places), 'entretien')}, il en faut {needed} : {', ou '.join(remedies)}."
    ]


def person_places(problem: Problem, person: Person, day: Day, minutes: int) -> int:
    """Return how many interviews a person can hold on a day at most: hours, time for scoring, pauses, their own limit."""
    rules = problem.rules
    places = 0
    for part in day.parts:
        for hours in person.hours:
            length = min(part.end, hours.end) - max(part.start, hours.start)
            rows, rest = divmod(max(0, length - minutes), row_length(problem))
            if length >= minutes:
                places += rows * rules.in_a_row + min(rules.in_a_row, rest // (minutes + rules.scoring) + 1)
    places -= sum(any(span.meets(part) for part in day.parts) for span in person.busy)
    return max(0, min(places, person.at_most_per_day or places))


def _people(problem: Problem) -> list[str]:
    """Compare what blocs need with what those who evaluate any of them can give: each bloc, each few blocs, all."""
    minutes = _shortest(problem.tasks)
    gives = {
        person.key: sum(person_places(problem, person, day, minutes) for day in problem.days)
        for person in problem.people
    }
    needs: defaultdict[int, int] = defaultdict(int)
    for task in problem.tasks:
        needs[task.bloc] += task.evaluators
    names = {task.bloc: task.name.rpartition(", ")[2] for task in problem.tasks}
    for size in range(1, len(needs) + 1):
        for blocs in combinations(sorted(needs), size):
            supply = sum(gives[person.key] for person in problem.people if person.blocs & set(blocs))
            missing = sum(needs[bloc] for bloc in blocs) - supply
            if missing > 0:
                hours = math.ceil(missing * (minutes + problem.rules.scoring) / 60)
                what = "" if size == len(needs) > 1 else f" pour le {' et le '.join(names[bloc] for bloc in blocs)}"
                return [
                    f"Il manque {_count(hours, 'heure')} d'évaluateur{what} ({_count(missing, 'entretien')} à une "
                    "personne) : nommez quelqu'un, ou élargissez les disponibilités."
                ]
    return []
