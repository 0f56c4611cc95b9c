"""Which of the guide's questions apply to a candidate."""

from collections.abc import Iterable
from typing import Any, Protocol

from candidates.models import EnrolmentBloc
from referentiel.models import GuideQuestion


class Asked(Protocol):
    """A question, of the guide or as it is asked."""

    @property
    def condition(self) -> str: ...

    @property
    def competence_id(self) -> int | None: ...


def questions_that_apply[Q: Asked](questions: Iterable[Q], declared: str) -> list[Q]:
    """Keep the questions to ask: where the candidate declared a condition, its questions replace the competence's own.

    `declared` is a `GuideQuestion.Condition`, "" for nothing declared.
    """
    questions = list(questions)
    switched = {question.competence_id for question in questions if declared and question.condition == declared}
    return [
        question
        for question in questions
        if question.condition == (declared if question.competence_id in switched else "")
    ]


def guide_snapshot(enrolment_bloc: EnrolmentBloc) -> list[dict[str, Any]]:
    """Return the questions that apply as they are worded now: `[{competence, text, condition, source}]`, by code."""
    questions = (
        GuideQuestion.objects.filter(competence__activity__bloc=enrolment_bloc.bloc_id)
        .select_related("competence")
        .order_by("competence__activity__position", "competence__position", "position")
    )
    return [
        {
            "competence": question.competence.code,
            "text": question.text,
            "condition": question.condition,
            "source": question.source,
        }
        for question in questions_that_apply(questions, enrolment_bloc.declared)
    ]
