"""A sheet as its form shows it: each line with the values of its fields."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from candidates.models import Assignment
from evaluations.agreement import Given
from evaluations.forms.evaluator import SheetForm
from evaluations.models import CompetenceVerdict, Divergence
from evaluations.preparation import Preparation, Questions
from evaluations.results import CompetenceLine, CriterionLine, SheetView
from evaluations.scoring import Outcome, Parameters
from referentiel.models import Activity, Competence, ScaleLevel

OUTCOMES = {
    Outcome.ACQUIRED: "acquise",
    Outcome.NOT_ACQUIRED: "non acquise",
    Outcome.UNDETERMINED: "indéterminée",
}
PROPOSALS = {
    "acquired": "validé",
    "not_acquired": "non validé",
    "undetermined": "indéterminé",
    "divergent": "divergent, le jury réexaminera",
}


NOTHING_SHARED = Given(None, "")


@dataclass(frozen=True)
class Opinion:
    """What one evaluator signed on a criterion."""

    name: str
    mine: bool
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
    """`level`, `note`, `position` and `reason` are the texts of the fields, `preparation` one's note from before.

    On the joint sheet, `positions` has a row for each other evaluator; in the agreement, `opinions` says what each
    signed, `shared` what they have in common, `again` that it is to be looked at again.
    """

    line: CriterionLine
    name: str
    level: str
    note: str
    note_open: bool
    position: str = ""
    reason: str = ""
    preparation: str = ""
    positions: list[Position] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    shared: Given = NOTHING_SHARED
    again: bool = False

    @property
    def key(self) -> str:
        return str(self.line.criterion.pk)

    @property
    def equal(self) -> bool:
        """All gave the same level, and it is the joint one."""
        return self.shared.level is not None and self.shared.level == self.line.level and not self.again

    @property
    def shared_value(self) -> str:
        return str(self.shared.level.value) if self.shared.level else ""

    @property
    def divergent(self) -> bool:
        return bool(self.line.divergences)

    @property
    def waiting(self) -> list[str]:
        """Whose reason a divergence still lacks."""
        if not self.divergent:
            return []
        return ([] if self.position else ["vous"]) + [one.name for one in self.positions if not one.text]

    @property
    def settled(self) -> bool:
        """There is a level, with the note that it asks for, or everyone's reason."""
        return not self.waiting if self.divergent else bool(self.line.level and not self.line.needs_note)


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
    def given(self) -> str:
        """The outcomes of the own sheets, for the screen's script."""
        return " ".join(line.outcome for _, line in self.opinions)

    @property
    def given_words(self) -> str:
        return ", ".join(f"{name} : {OUTCOMES[line.outcome]}" for name, line in self.opinions)

    @property
    def different(self) -> list[CriterionRow]:
        return [row for row in self.criteria if not row.equal]

    @property
    def equal(self) -> list[CriterionRow]:
        return [row for row in self.criteria if row.equal]

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
    def asks(self) -> bool:
        return any(questions.asked or questions.otherwise for _, questions in self.questions)

    @property
    def switched(self) -> list[Competence]:
        """The competences whose questions the candidate's declaration switched."""
        return [competence for competence, questions in self.questions if questions.switched]


def outcome_text(line: CompetenceLine) -> str:
    """`acquise, 7 points sur 10`, `non acquise, avis des évaluateurs`."""
    if line.verdict:
        return f"{OUTCOMES[line.outcome]}, avis des évaluateurs"
    if not line.result.addressed:
        return "rien n'est encore noté"
    points = "points" if line.result.points > 1 else "point"
    return f"{OUTCOMES[line.outcome]}, {line.result.points} {points} sur {line.result.possible}"


def rule_data(view: SheetView) -> dict[str, Any]:
    """Return what the device needs to compute the outcomes itself (static/js/rule.js): the names of Parameters, and
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


def add_positions(rows: list[ActivityRow], others: Iterable[Assignment], mine: int) -> None:
    """Write on each row what the others, and those who were replaced, say of a divergence. mine: one's assignment."""
    names = {other.pk: str(other.appointment.user) for other in others}
    for row in (row for activity in rows for competence in activity.competences for row in competence.criteria):
        told = {one.assignment_id: one for one in row.line.divergences}
        known = names | {pk: str(one.assignment.appointment.user) for pk, one in told.items()}
        row.positions = [
            Position(pk, name, position_text(told[pk]) if pk in told else "")
            for pk, name in known.items()
            if pk != mine
        ]


def position_text(divergence: Divergence) -> str:
    """`Démontré, « Exemple précis. »`."""
    return f"{divergence.level}, « {divergence.reason} »"
