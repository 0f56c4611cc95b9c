"""The evaluators' pages, in the order of their day."""

from evaluations.views.evaluator.course import course
from evaluations.views.evaluator.day import day
from evaluations.views.evaluator.decline import decline
from evaluations.views.evaluator.home import home, undertaking
from evaluations.views.evaluator.joint import joint
from evaluations.views.evaluator.paper import copy, grid_pdf, paper, paper_code, scoring_pdf
from evaluations.views.evaluator.prepare import prepare
from evaluations.views.evaluator.questions import delete_question, question, questions
from evaluations.views.evaluator.sheet import open_sheet, sheet
from evaluations.views.evaluator.signing import cosign, cosign_code, review
from evaluations.views.evaluator.state import state
from evaluations.views.evaluator.worker import manifest, offline, service_worker

__all__ = [
    "copy",
    "cosign",
    "cosign_code",
    "course",
    "day",
    "decline",
    "delete_question",
    "grid_pdf",
    "home",
    "joint",
    "manifest",
    "offline",
    "open_sheet",
    "paper",
    "paper_code",
    "prepare",
    "question",
    "questions",
    "review",
    "scoring_pdf",
    "service_worker",
    "sheet",
    "state",
    "undertaking",
]
