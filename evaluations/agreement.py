"""The agreement: the joint sheet beside the own ones. Pure functions of sheets as read, but `own_sheets`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from candidates.models import Assignment
from evaluations.models import CompetenceVerdict, ScoringSheet
from evaluations.results import CompetenceLine, CriterionLine, SheetView
from referentiel.models import ScaleLevel


def own_sheets(interview: int) -> QuerySet[ScoringSheet]:
    """Return the signed own sheets of the active evaluators of an interview."""
    return (
        ScoringSheet.objects.filter(
            interview=interview, assignment__state=Assignment.State.ACTIVE, state=ScoringSheet.State.SIGNED
        )
        .with_context()
        .order_by("assignment")
    )


@dataclass(frozen=True)
class Given:
    """What the own sheets give on one criterion: the level that they share, if they do, and then their notes joined."""

    level: ScaleLevel | None
    note: str


def given(own: Iterable[SheetView]) -> dict[int, Given]:
    """Return what the own sheets give, by criterion."""
    lines: dict[int, list[CriterionLine]] = defaultdict(list)
    for view in own:
        for line in view.criteria:
            lines[line.criterion.pk].append(line)
    return {criterion: _given(same) for criterion, same in lines.items()}


def _given(lines: Sequence[CriterionLine]) -> Given:
    levels = {line.level for line in lines}
    level = levels.pop() if len(levels) == 1 else None
    return Given(level, joined(line.note for line in lines) if level else "")


def given_verdicts(own: Sequence[SheetView]) -> dict[int, tuple[str, str]]:
    """Return (outcome, comment) of the competences on which every own sheet overruled the rule alike."""
    verdicts: dict[int, list[CompetenceVerdict]] = defaultdict(list)
    for view in own:
        for line in view.competences:
            if line.verdict:
                verdicts[line.competence.pk].append(line.verdict)
    return {
        competence: (same[0].outcome, joined(one.comment for one in same))
        for competence, same in verdicts.items()
        if len(same) == len(own) and len({one.outcome for one in same}) == 1
    }


def joined(notes: Iterable[str]) -> str:
    """Join notes, each once, a line each."""
    return "\n".join(dict.fromkeys(note.strip() for note in notes if note.strip()))


def unexplained(joint: SheetView, own: Sequence[SheetView]) -> list[tuple[CompetenceLine, CriterionLine]]:
    """Return the competences whose result changes without a word on why, each with a criterion where to write it.

    The result changes when it is not the one of every own sheet. What explains it: the comment of a verdict on the
    joint sheet, or a note on a criterion that was settled, that is given another level than the one all gave, or a level
    where they differed. Where none was settled (the verdicts differed), a note on any criterion. Notes taken over from
    the own sheets explain nothing. A competence with a level to choose, or one for the jury to decide, waits.
    """
    shared = given(own)
    outcomes: dict[int, set[str]] = defaultdict(set)
    for view in own:
        for line in view.competences:
            outcomes[line.competence.pk].add(line.outcome)
    found = []
    for line in joint.competences:
        if line.verdict or any(one.level is None or one.divergences for one in line.criteria):
            continue
        if outcomes[line.competence.pk] <= {line.outcome}:
            continue
        places = [one for one in line.criteria if one.level != shared[one.criterion.pk].level] or line.criteria
        if not any(one.note.strip() not in ("", shared[one.criterion.pk].note) for one in places):
            found.append((line, places[0]))
    return found
