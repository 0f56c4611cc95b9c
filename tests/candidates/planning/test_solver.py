"""Plans without a clash, and why there is none: the solver on its own, without a database."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candidates.planning.solver.constraints import cost
from candidates.planning.solver.cover import cover
from candidates.planning.solver.explain import reasons
from candidates.planning.solver.greedy import first_plan
from candidates.planning.solver.problem import Day, Person, Placed, Problem, Room, Rules, Span, Task, clashes, loads
from candidates.planning.solver.search import is_installed, search

DAY = 24 * 60


def day(rank: int) -> Day:
    """From 9 h to 18 h, lunch from 12 h 30 to 13 h 30."""
    start = rank * DAY
    return Day(f"jour {rank + 1}", (Span(start + 540, start + 750), Span(start + 810, start + 1080)))


def always(days: int) -> tuple[Span, ...]:
    return tuple(Span(rank * DAY, (rank + 1) * DAY) for rank in range(days))


def problem(*, candidates: int = 4, blocs: int = 3, people: int = 4, rooms: int = 2, days: int = 1, **rules) -> Problem:
    tasks = [
        Task(candidate * 10 + bloc, candidate, bloc, 30, 2, f"Personne {candidate}, bloc {bloc + 1}")
        for candidate in range(candidates)
        for bloc in range(blocs)
    ]
    every = frozenset(range(blocs))
    return Problem(
        days=[day(rank) for rank in range(days)],
        tasks=tasks,
        people=[Person(100 + n, f"Évaluateur {n}", every, always(days)) for n in range(people)],
        rooms=[Room(f"Salle {n}", always(days)) for n in range(rooms)],
        rules=Rules(**rules),
    )


def test_the_session_of_the_issue_is_planned_evenly_and_each_candidate_comes_once():
    whole = problem(candidates=60, people=12, rooms=6, days=4)
    found = search(whole, seconds=30)
    assert len(found.plan) == 180
    assert clashes(whole, found.plan) == []
    assert cost(whole, found.plan) == 0
    load = loads(whole, found.plan).values()
    assert max(load) - min(load) <= 1


def test_with_three_rooms_it_says_at_once_what_is_missing():
    assert reasons(problem(candidates=60, people=12, rooms=3, days=4)) == [
        "Les salles permettent 144 entretiens, il en faut 180 : il manque 1 salle chaque jour, "
        "ou il manque 3 salles le jour 1."
    ]


def test_a_day_with_fewer_rooms_is_named():
    whole = problem(candidates=20, people=12, rooms=3, days=2)
    short = Room("Salle 2", (Span(0, DAY),))
    found = reasons(replace(whole, rooms=[whole.rooms[0], short]))
    assert found == [
        "Les salles permettent 36 entretiens, il en faut 60 : il manque 1 salle chaque jour, "
        "ou il manque 2 salles le jour 2."
    ]


def test_too_few_people_for_a_bloc_are_named_in_hours():
    whole = problem(candidates=20, people=6, rooms=6, days=1)
    some = [replace(person, blocs=frozenset({0, 1})) if n > 1 else person for n, person in enumerate(whole.people)]
    assert reasons(replace(whole, people=some)) == [
        "Il manque 12 heures d'évaluateur pour le bloc 3 (18 entretiens à une personne) : nommez quelqu'un, "
        "ou élargissez les disponibilités."
    ]


def test_who_cannot_be_evaluated_is_named_with_who_is_left():
    whole = problem(candidates=1, blocs=1, people=3)
    found = reasons(replace(whole, forbidden=frozenset({(0, 100), (0, 101)})))
    assert found == [
        "Personne 0, bloc 1 : il faut 2 évaluateurs, 1 n'est possible (Évaluateur 2), à cause des blocs ou des "
        "incompatibilités."
    ]


def test_no_room_and_no_hour_are_told():
    assert reasons(problem(rooms=0)) == ["Aucune salle : il en faut 1 chaque jour pour 12 entretiens."]
    nothing = replace(problem(candidates=1, blocs=1), days=[Day("jour 1", (Span(540, 550),))])
    assert "aucune heure de la session ne convient" in reasons(nothing)[0]


def test_those_at_a_distance_have_the_rooms_at_a_distance_and_no_other():
    whole = problem(candidates=4, people=6, rooms=1, days=2)
    tasks = [replace(task, remote=task.candidate == 3) for task in whole.tasks]
    mixed = replace(whole, tasks=tasks)
    assert reasons(mixed) == ["Aucune salle à distance : il en faut 1 chaque jour pour 3 entretiens à distance."]
    mixed = replace(mixed, rooms=[Room("Visio", always(2), remote=True), *whole.rooms])
    for found in (first_plan(mixed), search(mixed, seconds=10).plan):
        assert clashes(mixed, found) == []
        assert len(found) == 12
        assert {mixed.by_key[one.task].candidate for one in found if one.room == "Visio"} == {3}
    assert clashes(mixed, [replace(one, room="Visio") for one in first_plan(mixed) if one.room != "Visio"][:1])


@pytest.mark.parametrize("pairs", ["same", "different"])
def test_the_same_or_other_people_evaluate_a_candidates_blocs(pairs):
    whole = problem(candidates=3, people=6, pairs=pairs)
    found = search(whole, seconds=5)
    assert len(found.plan) == 9
    assert clashes(whole, found.plan) == []


def test_what_is_taken_stays_taken():
    whole = problem(candidates=2, people=3, rooms=1)
    morning = Span(540, 750)
    busy = replace(
        whole,
        rooms=[replace(whole.rooms[0], busy=(Span(540, 600),))],
        people=[replace(whole.people[0], busy=(morning,)), *whole.people[1:]],
        busy={0: (morning,)},
    )
    found = search(busy, seconds=5)
    assert len(found.plan) == 6
    assert clashes(busy, found.plan) == []
    assert clashes(whole, found.plan) == []


def test_cp_sat_finds_a_place_for_what_the_first_plan_leaves():
    assert is_installed()
    # Eight places in a morning of one room, and three people who are there at different hours.
    whole = problem(candidates=5, blocs=1, people=3, rooms=1, rest=0, in_a_row=9, pause=0)
    hours = [(Span(540, 680),), (Span(600, 750),), (Span(540, 750),)]
    tight = replace(
        whole,
        days=[Day("jour 1", (Span(540, 750),))],
        people=[replace(person, hours=some) for person, some in zip(whole.people, hours, strict=True)],
        busy={0: (Span(540, 700),), 1: (Span(600, 750),)},
    )
    found = search(tight, seconds=20, workers=1, effort=5)
    assert clashes(tight, found.plan) == []
    assert len(found.plan) == 5


def test_a_search_that_is_stopped_keeps_its_best():
    whole = problem(candidates=60, people=12, rooms=4, days=4)
    found = search(whole, seconds=30, is_stopped=lambda: True)
    assert len(found.plan) > 150
    assert clashes(whole, found.plan) == []


@given(
    st.builds(
        problem,
        candidates=st.integers(1, 6),
        blocs=st.integers(1, 3),
        people=st.integers(2, 5),
        rooms=st.integers(1, 3),
        days=st.integers(1, 2),
        scoring=st.sampled_from([0, 10, 25]),
        in_a_row=st.integers(1, 4),
        rest=st.sampled_from([0, 15, 60]),
        pairs=st.sampled_from(["any", "same", "different"]),
    ),
    st.integers(0, 1_000),
)
@settings(max_examples=60, deadline=None)
def test_no_first_plan_has_a_clash(whole, seed):
    plan = first_plan(whole, seed)
    assert clashes(whole, plan) == []
    if reasons(whole):
        assert len(plan) < len(whole.tasks)


def test_each_rule_that_is_broken_is_found():
    whole = problem(candidates=2, blocs=2, people=4, rooms=2, in_a_row=2, pause=60)
    good = list(first_plan(whole))
    one = good[0]
    broken = {
        "hors des heures": replace(one, start=0),
        "évaluateurs au lieu de": replace(one, people=one.people[:1]),
        "commence trop tôt": replace(good[1], start=one.start, room=one.room, people=one.people),
    }
    for words, placed in broken.items():
        plan = [placed if other.task == placed.task else other for other in good]
        assert any(words in fault for fault in clashes(whole, plan)), words
    for words, changed in {
        "ne peut pas l'évaluer": replace(
            whole, forbidden=frozenset({(whole.by_key[one.task].candidate, one.people[0])})
        ),
        "n'est pas là": replace(whole, people=[replace(person, hours=()) for person in whole.people]),
        "n'est pas ouverte": replace(whole, rooms=[replace(room, hours=()) for room in whole.rooms]),
        "le candidat est pris": replace(whole, busy={whole.by_key[one.task].candidate: (Span(0, DAY),)}),
        "entretiens le jour 1": replace(whole, people=[replace(person, at_most_per_day=1) for person in whole.people]),
    }.items():
        assert any(words in fault for fault in clashes(changed, good)), words


def test_a_row_without_a_pause_is_found():
    whole = problem(candidates=6, blocs=1, people=2)
    plan = first_plan(whole)
    assert any("pas de pause" in fault for fault in clashes(replace(whole, rules=Rules(in_a_row=2)), plan))


def test_a_reserve_takes_over_and_nothing_else_moves():
    whole = problem(candidates=6, blocs=1, people=4, rooms=2)
    plan = first_plan(whole)
    reserve = Person(200, "Réserve", frozenset({0}), always(1))
    wider = replace(whole, people=[*whole.people, reserve])
    missed = [one.task for one in plan if 100 in one.people]
    found = cover(wider, plan, 100, Span(0, DAY), {200})
    assert found.left == []
    assert found.takes == dict.fromkeys(missed, 200)
    again = [replace(one, people=tuple(200 if key == 100 else key for key in one.people)) for one in plan]
    assert clashes(wider, again) == []


def test_what_nobody_can_take_is_left_and_as_much_as_can_be_is_covered():
    spans = {1: 540, 2: 540, 3: 600}
    tasks = [Task(key, key, key, 30, 2, f"t{key}") for key in spans]
    whole = Problem(
        days=[day(0)],
        tasks=tasks,
        people=[
            Person(100, "Absente", frozenset({1, 2, 3}), always(1)),
            Person(101, "Tout", frozenset({1, 2, 3}), always(1)),
            Person(102, "Bloc 1", frozenset({1}), always(1)),
        ],
        rooms=[Room("S", always(1))],
    )
    plan = [Placed(key, start, "S", (100, 900 + key)) for key, start in spans.items()]
    whole = replace(whole, people=[*whole.people, *(Person(900 + key, "Autre", frozenset(), ()) for key in spans)])
    found = cover(whole, plan, 100, Span(0, DAY), set())
    assert found.takes == {1: 102, 2: 101, 3: 101}
    assert found.left == []
    assert cover(replace(whole, people=whole.people[:2] + whole.people[3:]), plan, 100, Span(0, DAY), set()).left in (
        [1],
        [2],
    )
