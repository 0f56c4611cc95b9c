"""The judgement: the sheets and what they are made of, then the jury and its documents."""

from evaluations.models.jury import Attendance, Decision, Deliberation, SessionDocument
from evaluations.models.preparation import CriterionNote, PersonalQuestion, PreparationNote
from evaluations.models.sheet import (
    CompetenceVerdict,
    Divergence,
    Reopening,
    Revision,
    Score,
    ScoringSheet,
    Signature,
)

__all__ = [
    "Attendance",
    "CompetenceVerdict",
    "CriterionNote",
    "Decision",
    "Deliberation",
    "Divergence",
    "PersonalQuestion",
    "PreparationNote",
    "Reopening",
    "Revision",
    "Score",
    "ScoringSheet",
    "SessionDocument",
    "Signature",
]
