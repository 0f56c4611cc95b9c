"""A sheet as its form shows it: each line with the values of its fields."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from candidates.models import Assignment
from evaluations.models import CompetenceVerdict, Divergence
from evaluations.preparation.queries import Preparation, Questions
from evaluations.scoring.labels import COMPETENCE_OUTCOMES
from evaluations.scoring.rules import Parameters
from evaluations.sheets.agreement import SharedScore
from evaluations.sheets.forms import SheetForm
from evaluations.sheets.queries import CompetenceLine, CriterionLine, SheetView
from referentiel.models import Activity, Competence, ScaleLevel

PROPOSALS = {
    "acquired": "validé",
    "not_acquired": "non validé",
    "undetermined": "indéterminé",
    "divergent": "divergent, le jury réexaminera",
}


NOTHING_SHARED = SharedScore(None, "")


@dataclass(frozen=True)
class Opinion:
    """What one evaluator signed on a criterion."""

    name: str
    is_own: bool
    level: ScaleLevel | None
    note: str


@dataclass(frozen=True)
class Position:
    """Another evaluator's side of a divergence, in words; "" as long as they have not given it."""

    assignment: int
    name: str
    text: str


@dataclass
class CriterionRow:
    """`level`, `note`, `position` and `reason` are the texts of the fields, `preparation` the reader's note from before.

    On the joint sheet, `positions` has a row for each other evaluator; in the agreement, `opinions` says what each
    signed, `shared` what they have in common, `needs_review` that it is to be looked at again.
    """

    line: CriterionLine
    name: str
    level: str
    note: str
    is_note_open: bool
    position: str = ""
    reason: str = ""
    preparation: str = ""
    positions: list[Position] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    shared: SharedScore = NOTHING_SHARED
    needs_review: bool = False

    @property
    def key(self) -> str:
        return str(self.line.criterion.pk)

    @property
    def is_equal(self) -> bool:
        """All gave the same level, and it is the joint one."""
        return self.shared.level is not None and self.shared.level == self.line.level and not self.needs_review

    @property
    def shared_value(self) -> str:
        return str(self.shared.level.value) if self.shared.level else ""

    @property
    def is_divergent(self) -> bool:
        return bool(self.line.divergences)

    @property
    def waiting(self) -> list[str]:
        """Whose reason a divergence still lacks."""
        if not self.is_divergent:
            return []
        return ([] if self.position else ["vous"]) + [position.name for position in self.positions if not position.text]

    @property
    def is_settled(self) -> bool:
        """There is a level, with the note that it asks for, or everyone's reason."""
        return not self.waiting if self.is_divergent else bool(self.line.level and not self.line.needs_note)


@dataclass
class CompetenceRow:
    """In the agreement, `opinions` says what each one's sheet gives; `unexplained`, where to write why it changes."""

    line: CompetenceLine
    criteria: list[CriterionRow]
    verdict: str
    comment: str
    opinions: list[tuple[str, CompetenceLine]] = field(default_factory=list)
    unexplained: CriterionLine | None = None

    @property
    def key(self) -> str:
        return str(self.line.competence.pk)

    @property
    def own_outcomes(self) -> str:
        """The outcomes of the own sheets, for the screen's script."""
        return " ".join(line.outcome for _, line in self.opinions)

    @property
    def own_outcomes_text(self) -> str:
        return ", ".join(f"{name} : {COMPETENCE_OUTCOMES[line.outcome]}" for name, line in self.opinions)

    @property
    def different(self) -> list[CriterionRow]:
        return [row for row in self.criteria if not row.is_equal]

    @property
    def equal(self) -> list[CriterionRow]:
        return [row for row in self.criteria if row.is_equal]

    @property
    def differs(self) -> bool:
        """There is something to settle, or to explain, in this competence."""
        outcomes = {(line.outcome, line.verdict is not None) for _, line in self.opinions}
        overruled_here = self.line.verdict and len(self.overruled) < len(self.opinions)
        return bool(self.different or self.unexplained or len(outcomes) > 1 or overruled_here)

    @property
    def overruled(self) -> list[tuple[str, CompetenceVerdict]]:
        return [(name, line.verdict) for name, line in self.opinions if line.verdict]

    @property
    def outcome(self) -> str:
        return outcome_text(self.line)


@dataclass
class ActivityRow:
    activity: Activity
    minutes: int
    competences: list[CompetenceRow]
    preparation: str
    questions: list[tuple[Competence, Questions]]

    @property
    def has_questions(self) -> bool:
        return any(questions.applicable or questions.otherwise for _, questions in self.questions)

    @property
    def switched(self) -> list[Competence]:
        """The competences whose questions the candidate's declaration switched."""
        return [competence for competence, questions in self.questions if questions.switched]


def outcome_text(line: CompetenceLine) -> str:
    """`acquise, 7 points sur 10`, `non acquise, avis des évaluateurs`."""
    if line.verdict:
        return f"{COMPETENCE_OUTCOMES[line.outcome]}, avis des évaluateurs"
    if not line.result.addressed:
        return "rien n'est encore noté"
    points = "points" if line.result.points > 1 else "point"
    return f"{COMPETENCE_OUTCOMES[line.outcome]}, {line.result.points} {points} sur {line.result.possible}"


def rule_data(view: SheetView) -> dict[str, Any]:
    """Return what the device needs to compute the outcomes itself (static/js/scoring/rule.js): the names of Parameters, and
    `points`, those of each level of the scale by its value, None where the level leaves the total."""
    referentiel, points = view.bloc.referentiel, {level.value: level.points for level in view.scale}
    parameters = Parameters.from_referentiel(referentiel.rule, referentiel.rule_parameters, points.values())
    return asdict(parameters) | {"points": points}


def activity_rows(form: SheetForm, minutes: tuple[int, ...], preparation: Preparation) -> list[ActivityRow]:
    """Return the form's rows. minutes: the share of each activity; preparation: one's own notes and questions."""
    rows = []
    for activity, share in zip(form.view.activities, minutes, strict=True):
        competences = [
            CompetenceRow(
                line,
                [_criterion(form, line, rank, preparation) for rank in range(len(line.criteria))],
                form.values[f"verdict-{line.competence.pk}"],
                form.values[f"comment-{line.competence.pk}"],
            )
            for line in activity.competences
        ]
        questions = [(line.competence, preparation.questions_on(line.competence)) for line in activity.competences]
        note = preparation.activities.get(activity.activity.pk, "")
        rows.append(ActivityRow(activity.activity, share, competences, note, questions))
    return rows


def _criterion(form: SheetForm, competence: CompetenceLine, rank: int, preparation: Preparation) -> CriterionRow:
    line = competence.criteria[rank]
    pk = line.criterion.pk
    note = form.values[f"note-{pk}"]
    return CriterionRow(
        line,
        f"{competence.competence.code}, critère {rank + 1}",
        form.values[f"level-{pk}"],
        note,
        bool(note) or line.needs_note,
        form.values.get(f"position-{pk}", ""),
        form.values.get(f"reason-{pk}", ""),
        preparation.criteria.get(pk, ""),
    )


def add_positions(rows: list[ActivityRow], others: Iterable[Assignment], own_assignment: int) -> None:
    """Write on each row what the others, and those who were replaced, say of a divergence. own_assignment: the reader's."""
    names = {other.pk: str(other.appointment.user) for other in others}
    for row in (row for activity in rows for competence in activity.competences for row in competence.criteria):
        divergences = {divergence.assignment_id: divergence for divergence in row.line.divergences}
        known = names | {pk: str(divergence.assignment.appointment.user) for pk, divergence in divergences.items()}
        row.positions = [
            Position(pk, name, position_text(divergences[pk]) if pk in divergences else "")
            for pk, name in known.items()
            if pk != own_assignment
        ]


def position_text(divergence: Divergence) -> str:
    """`Démontré, « Exemple précis. »`."""
    return f"{divergence.level}, « {divergence.reason} »"
