"""A sheet as its form shows it: each line with the values of its fields."""

from dataclasses import dataclass, field

from evaluations.forms.evaluator import SheetForm
from evaluations.models import Divergence
from evaluations.results import CompetenceLine, CriterionLine, SheetView
from evaluations.scoring import Outcome
from referentiel.models import Activity, ScaleLevel

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


@dataclass(frozen=True)
class Opinion:
    """What one evaluator signed on a criterion."""

    name: str
    mine: bool
    level: ScaleLevel | None
    note: str


@dataclass
class CriterionRow:
    """`level`, `note`, `position` and `reason` are the texts of the fields. `opinions` only on the joint sheet."""

    line: CriterionLine
    name: str
    level: str
    note: str
    note_open: bool
    position: str = ""
    reason: str = ""
    opinions: list[Opinion] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.line.criterion.pk)

    @property
    def equal(self) -> bool:
        """All gave the same level, and nothing was changed since."""
        levels = {opinion.level for opinion in self.opinions}
        return len(levels) == 1 and None not in levels

    @property
    def settled(self) -> bool:
        return bool(self.level or self.line.divergences)

    @property
    def divergences(self) -> list[Divergence]:
        return self.line.divergences


@dataclass
class CompetenceRow:
    line: CompetenceLine
    criteria: list[CriterionRow]
    verdict: str
    comment: str
    opinions: list[tuple[str, CompetenceLine]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.line.competence.pk)

    @property
    def outcome(self) -> str:
        return outcome_text(self.line)


@dataclass
class ActivityRow:
    activity: Activity
    minutes: int
    competences: list[CompetenceRow]
    preparation: str = ""


def outcome_text(line: CompetenceLine) -> str:
    """`acquise, 7 points sur 10`, `non acquise, avis des évaluateurs`."""
    if line.verdict:
        return f"{OUTCOMES[line.outcome]}, avis des évaluateurs"
    if not line.result.addressed:
        return "rien n'est encore noté"
    points = "points" if line.result.points > 1 else "point"
    return f"{OUTCOMES[line.outcome]}, {line.result.points} {points} sur {line.result.possible}"


def activity_rows(form: SheetForm, minutes: tuple[int, ...], preparation: dict[int, str]) -> list[ActivityRow]:
    """Return the form's rows. minutes: the share of each activity; preparation: one's own notes by activity."""
    rows = []
    for activity, share in zip(form.view.activities, minutes, strict=True):
        competences = [
            CompetenceRow(
                line,
                [_criterion(form, line, rank) for rank in range(len(line.criteria))],
                form.values[f"verdict-{line.competence.pk}"],
                form.values[f"comment-{line.competence.pk}"],
            )
            for line in activity.competences
        ]
        pk = activity.activity.pk
        rows.append(ActivityRow(activity.activity, share, competences, preparation.get(pk, "")))
    return rows


def _criterion(form: SheetForm, competence: CompetenceLine, rank: int) -> CriterionRow:
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
    )


def add_opinions(rows: list[ActivityRow], views: list[tuple[str, bool, SheetView]]) -> None:
    """Write beside each row what every evaluator signed. views: (name, mine, sheet), one's own first."""
    for name, mine, view in views:
        lines = {line.criterion.pk: line for line in view.criteria}
        competences = {line.competence.pk: line for line in view.competences}
        for competence in (competence for row in rows for competence in row.competences):
            competence.opinions.append((name, competences[competence.line.competence.pk]))
            for criterion in competence.criteria:
                line = lines[criterion.line.criterion.pk]
                criterion.opinions.append(Opinion(name, mine, line.level, line.note))
