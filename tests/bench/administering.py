"""What an administrator waits for: 2,000 rows read back, 180 interviews planned, why 3 rooms are too few.

`python -m tests.bench.administering` prints a JSON object of seconds and counts, on the bench's database.
"""

import json
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from candidates.imports.services import preview_import, start_import  # noqa: E402
from candidates.planning.solver.explain import reasons  # noqa: E402
from candidates.planning.solver.problem import Day, Person, Problem, Room, Span, Task, clashes, loads  # noqa: E402
from candidates.planning.solver.search import search  # noqa: E402
from referentiel.models import Referentiel  # noqa: E402
from tests import factories as make  # noqa: E402

ROWS = 2_000
HOURS = 24 * 60


def spreadsheet() -> bytes:
    """A spreadsheet of so many candidates, one in ten of whom has a birth date that cannot be."""
    lines = ["Civilité;Nom;Prénom;Né(e) le;E-mail;Société;Voie d'accès"]
    for n in range(ROWS):
        name = "".join(chr(97 + n // 26**power % 26) for power in range(3))
        born = "31/02/1988" if n % 10 == 0 else f"{n % 28 + 1:02}/11/{1960 + n % 40}"
        lines.append(f"Mme;N'{name};Léa;{born};{name}@example.org;Société {n % 300};vae")
    return "\n".join(lines).encode()


def session_of_the_issue(rooms: int) -> Problem:
    """60 candidates, 3 blocs each, 12 evaluators, 4 days."""
    days = [
        Day(f"jour {n + 1}", (Span(n * HOURS + 540, n * HOURS + 750), Span(n * HOURS + 810, n * HOURS + 1080)))
        for n in range(4)
    ]
    always = (Span(0, 4 * HOURS),)
    tasks = [
        Task(one * 3 + bloc, one, bloc, 40 if one % 20 == 0 else 30, 2, f"{one}, {bloc}")
        for one in range(60)
        for bloc in range(3)
    ]
    people = [Person(100 + n, f"Évaluateur {n}", frozenset(range(3)), always) for n in range(12)]
    return Problem(days, tasks, people, [Room(f"Salle {n}", always) for n in range(rooms)])


def main() -> None:
    session = make.make_session(Referentiel.objects.with_content().get(code="CQP-MEV-B2B"))
    admin = make.make_admin(session.branch)
    found = start_import(session=session, kind="candidates", name="x.csv", content=spreadsheet(), by=admin)
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        run = preview_import(found)
    read = time.perf_counter() - start
    assert (run.count("create"), run.count("refused")) == (ROWS * 9 // 10, ROWS // 10)
    problem = session_of_the_issue(6)
    start = time.perf_counter()
    plan = search(problem, seconds=30).plan
    planned = time.perf_counter() - start
    load = loads(problem, plan).values()
    start = time.perf_counter()
    words = reasons(session_of_the_issue(3))
    told = {
        "read": read,
        "queries": len(queries) / (ROWS / 1_000),
        "planned": planned,
        "whole": len(plan) == len(problem.tasks) and not clashes(problem, plan),
        "apart": max(load) - min(load),
        "said": time.perf_counter() - start,
        "missing": bool(words),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
