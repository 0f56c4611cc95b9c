"""The judgement: the sheets and what they are made of, then the jury and its documents."""

from evaluations.models.accrochage import AccrochageFlow, AccrochagePassage
from evaluations.models.jury import (
    Appeal,
    Approval,
    Attendance,
    Decision,
    Deliberation,
    Proxy,
    SessionDocument,
    SignedMinutes,
)
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
    "AccrochageFlow",
    "AccrochagePassage",
    "Appeal",
    "Approval",
    "Attendance",
    "CompetenceVerdict",
    "CriterionNote",
    "Decision",
    "Deliberation",
    "Divergence",
    "PersonalQuestion",
    "PreparationNote",
    "Proxy",
    "Reopening",
    "Revision",
    "Score",
    "ScoringSheet",
    "SessionDocument",
    "Signature",
    "SignedMinutes",
]
