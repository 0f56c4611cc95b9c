"""The evaluators' pages, in the order of their day."""

from evaluations.views.evaluator.home import home, person, undertaking
from evaluations.views.evaluator.joint import joint
from evaluations.views.evaluator.prepare import prepare, start
from evaluations.views.evaluator.sheet import finish, results, sheet
from evaluations.views.evaluator.signing import cosign, review

__all__ = [
    "cosign",
    "finish",
    "home",
    "joint",
    "person",
    "prepare",
    "results",
    "review",
    "sheet",
    "start",
    "undertaking",
]
