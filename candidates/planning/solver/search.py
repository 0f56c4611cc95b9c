"""The search for a plan: the constraints handed to CP-SAT, its answer read."""

import importlib.util
import time
from collections.abc import Callable

from candidates.planning.solver.constraints import ATTEMPTS, PlanModel, SearchResult, cost
from candidates.planning.solver.greedy import first_plan
from candidates.planning.solver.problem import Plan, Problem


def is_installed() -> bool:
    return importlib.util.find_spec("ortools") is not None


def search(
    problem: Problem,
    *,
    seconds: float,
    workers: int = 2,
    seed: int = 0,
    effort: float = 0,
    on_better: Callable[[Plan], None] = lambda plan: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Return the best plan found in so many seconds. `on_better` is given each better one; `is_stopped` is asked often.

    effort: a limit that does not depend on the machine (CP-SAT's deterministic time), for tests; 0 for none.
    """
    until = time.monotonic() + seconds
    best: Plan = []
    for attempt in range(ATTEMPTS):
        plan = first_plan(problem, seed + attempt)
        if attempt == 0 or cost(problem, plan) < cost(problem, best):
            best = plan
            on_better(best)
        if cost(problem, best) == 0 or is_stopped() or time.monotonic() > until:
            break
    if cost(problem, best) == 0 or is_stopped() or not is_installed():
        return SearchResult(best, cost(problem, best) == 0)
    return PlanModel(problem, best).solve(until - time.monotonic(), workers, seed, effort, on_better, is_stopped)
