"""What an evaluator prepared for an interview: their notes, the guide's questions that apply, their own bank."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast

from candidates.enrolments.guide import questions_that_apply
from candidates.models import Assignment, Interview
from evaluations.models import CriterionNote, PersonalQuestion, PreparationNote
from referentiel.models import Competence, GuideQuestion

NOTHING = Value("", output_field=CharField())


@dataclass(frozen=True)
class Question:
    """A question on the competence `code`. `own`: of the evaluator's bank, without condition or source."""

    code: str
    text: str
    condition: str = ""
    source: str = ""
    own: bool = False
    competence_id: int | None = None


@dataclass
class Questions:
    """What to ask about a competence, the guide first; `otherwise`: what the guide asks of who declares otherwise."""

    applicable: list[Question] = field(default_factory=list)
    otherwise: list[Question] = field(default_factory=list)

    @property
    def switched(self) -> bool:
        """The candidate's declaration put these questions in the place of the usual ones."""
        return any(question.condition for question in self.applicable)


@dataclass(frozen=True)
class Preparation:
    """Notes by the pk of their activity or criterion, the rank of the last one, questions by the code of their competence."""

    activities: Mapping[int, str]
    criteria: Mapping[int, str]
    seq: int
    questions: Mapping[str, Questions]

    def questions_on(self, competence: Competence) -> Questions:
        return self.questions.get(competence.code, Questions())


def load_preparation(assignment: Assignment, interview: Interview) -> Preparation:
    """Read what the evaluator prepared, in two queries. The interview comes with its enrolment_bloc."""
    notes: dict[str, dict[int, str]] = {"activity": {}, "criterion": {}}
    last = 0
    for kind, subject, text, seq in _notes(assignment):
        notes[kind][subject] = text
        last = max(last, seq)
    return Preparation(notes["activity"], notes["criterion"], last, _questions(assignment, interview))


def _notes(assignment: Assignment) -> Iterable[tuple[str, int, str, int]]:
    of_activities = PreparationNote.objects.filter(assignment=assignment)
    of_criteria = CriterionNote.objects.filter(assignment=assignment)
    return of_activities.values_list(Value("activity"), "activity", "text", "seq").union(
        of_criteria.values_list(Value("criterion"), "criterion", "text", "seq"), all=True
    )


def _questions(assignment: Assignment, interview: Interview) -> Mapping[str, Questions]:
    """Return the guide's and the evaluator's own questions by competence."""
    guide, bank = _read_questions(assignment, interview)
    # Once begun, an interview keeps the questions that applied.
    begun = interview.guide is not None
    applicable = guide if begun else questions_that_apply(guide, interview.enrolment_bloc.declared)
    questions: dict[str, Questions] = defaultdict(Questions)
    for question in guide:
        group = questions[question.code]
        (group.applicable if question in applicable else group.otherwise).append(question)
    for question in bank:
        questions[question.code].applicable.append(question)
    return questions


def _read_questions(assignment: Assignment, interview: Interview) -> tuple[list[Question], list[Question]]:
    """Return the questions of the guide and those of the evaluator's bank, in one query."""
    own = _own(assignment, interview)
    if interview.guide is not None:
        guide = [Question(row["competence"], row["text"], row["condition"]) for row in interview.guide]
        return guide, [Question(code, text, own=True) for *_, code, text, _, _ in sorted(own)]
    rows = sorted(_guide(interview).union(own, all=True))
    questions = [
        Question(code, text, condition, source, bool(is_own), pk)
        for is_own, _, pk, code, text, condition, source in rows
    ]
    guide = [question for question in questions if not question.own]
    return guide, [question for question in questions if question.own]


def _guide(interview: Interview) -> Any:
    guide = GuideQuestion.objects.filter(competence__activity__bloc=interview.enrolment_bloc.bloc_id)
    return guide.order_by().values_list(
        Value(0), "position", "competence", "competence__code", "text", "condition", "source"
    )


def _own(assignment: Assignment, interview: Interview) -> Any:
    bloc = interview.enrolment_bloc.bloc_id
    mine = PersonalQuestion.objects.filter(user=assignment.appointment.user_id, competence__activity__bloc=bloc)
    return mine.order_by().values_list(
        Value(1), "pk", "competence", "competence__code", Cast("text", TextField()), NOTHING, NOTHING
    )
