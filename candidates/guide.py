"""Which of the guide's questions apply to a candidate."""

from collections.abc import Iterable
from typing import Any

from candidates.models import EnrolmentBloc
from referentiel.models import GuideQuestion


def questions_that_apply(questions: Iterable[GuideQuestion], declared: str) -> list[GuideQuestion]:
    """Keep the questions to ask: where the candidate declared a condition, its questions replace the competence's own.

    `declared` is a `GuideQuestion.Condition`, "" for nothing declared.
    """
    questions = list(questions)
    switched = {one.competence_id for one in questions if declared and one.condition == declared}
    return [one for one in questions if one.condition == (declared if one.competence_id in switched else "")]


def guide_snapshot(enrolment_bloc: EnrolmentBloc) -> list[dict[str, Any]]:
    """Return the questions that apply as they are worded now: `[{competence, text, condition, source}]`, by code."""
    questions = (
        GuideQuestion.objects.filter(competence__activity__bloc=enrolment_bloc.bloc_id)
        .select_related("competence")
        .order_by("competence__activity__position", "competence__position", "position")
    )
    return [
        {"competence": one.competence.code, "text": one.text, "condition": one.condition, "source": one.source}
        for one in questions_that_apply(questions, enrolment_bloc.declared)
    ]
