"""The joint sheet beside the own ones: what it takes over when it opens and each time an own sheet is signed again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from candidates.models import Assignment
from cqp.evidence.chain import HEAD_FIELDS
from evaluations.evidence.chain import revise
from evaluations.models import CompetenceVerdict, Revision, Score, ScoringSheet, Signature
from evaluations.sheets.queries import CompetenceLine, CriterionLine, SheetView, sheet_views
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
class SharedScore:
    """The level of a criterion that the own sheets share, if they do, and then their notes joined."""

    level: ScaleLevel | None
    note: str


def compare_scores(own: Iterable[SheetView]) -> dict[int, SharedScore]:
    """Return what the own sheets share, by criterion."""
    lines: dict[int, list[CriterionLine]] = defaultdict(list)
    for view in own:
        for line in view.criteria:
            lines[line.criterion.pk].append(line)
    return {criterion: _shared_score(same) for criterion, same in lines.items()}


def _shared_score(lines: Sequence[CriterionLine]) -> SharedScore:
    levels = {line.level for line in lines}
    level = levels.pop() if len(levels) == 1 else None
    return SharedScore(level, joined(line.note for line in lines) if level else "")


def compare_verdicts(own: Sequence[SheetView]) -> dict[int, tuple[str, str]]:
    """Return (outcome, comment) of the competences on which every own sheet overruled the rule alike."""
    verdicts: dict[int, list[CompetenceVerdict]] = defaultdict(list)
    for view in own:
        for line in view.competences:
            if line.verdict:
                verdicts[line.competence.pk].append(line.verdict)
    return {
        competence: (same[0].outcome, joined(verdict.comment for verdict in same))
        for competence, same in verdicts.items()
        if len(same) == len(own) and len({verdict.outcome for verdict in same}) == 1
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
    shared = compare_scores(own)
    outcomes: dict[int, set[str]] = defaultdict(set)
    for view in own:
        for line in view.competences:
            outcomes[line.competence.pk].add(line.outcome)
    changes = []
    for line in joint.competences:
        if line.verdict or any(
            criterion_line.level is None or criterion_line.divergences for criterion_line in line.criteria
        ):
            continue
        if outcomes[line.competence.pk] <= {line.outcome}:
            continue
        places = [
            criterion_line
            for criterion_line in line.criteria
            if criterion_line.level != shared[criterion_line.criterion.pk].level
        ] or line.criteria
        if not any(
            criterion_line.note.strip() not in ("", shared[criterion_line.criterion.pk].note)
            for criterion_line in places
        ):
            changes.append((line, places[0]))
    return changes


@dataclass
class _Line:
    """What became of one criterion of the joint sheet: how its level was last given, the note taken over."""

    kind: str = ""
    at: dt.datetime | None = None
    note: str = ""


def copy_to_joint_sheet(joint: ScoringSheet) -> None:
    """Bring the joint sheet, locked, in line with the own sheets, all signed. Idempotent.

    A criterion left empty or taken over gets the level that all share, with their notes joined, and loses a level that
    they no longer share. One that was settled by hand keeps its level; it is to be looked at again (revision `recheck`)
    if an own sheet says something else than when it was settled. Verdicts likewise, without a second look.
    """
    own = list(sheet_views(own_sheets(joint.interview_id)).values())
    history = list(joint.revisions.filter(kind__in=("score", "diverge", "agree", "verdict")).order_by("seq"))
    revisions: list[Revision] = []
    scores = _levels(joint, own, _lines(history), revisions)
    verdicts = _verdicts(joint, own, history, revisions)
    Revision.objects.bulk_create(revisions)
    CompetenceVerdict.objects.bulk_update(verdicts, ["outcome", "comment", "seq"])
    Score.objects.bulk_update(scores, ["level", "note", "seq"])
    joint.save(update_fields=[*HEAD_FIELDS, "content_seq"])


def _lines(history: Sequence[Revision]) -> dict[int, _Line]:
    lines: dict[int, _Line] = defaultdict(_Line)
    for revision in history:
        payload: Mapping[str, Any] = revision.payload or {}
        if "criterion" not in payload:
            continue
        line = lines[payload["criterion"]]
        taken_back = revision.kind == "score" and payload["level"] is None
        line.kind, line.at = "" if taken_back else revision.kind, revision.at
        if revision.kind == "agree":
            line.note = payload["note"]
    return lines


def _levels(
    joint: ScoringSheet, own: Sequence[SheetView], lines: Mapping[int, _Line], revisions: list[Revision]
) -> list[Score]:
    """Add the revisions of the levels, and return the scores to save."""
    shared = compare_scores(own)
    now = {
        view.sheet.pk: {criterion_line.criterion.pk: criterion_line.level for criterion_line in view.criteria}
        for view in own
    }
    before = _Before(own) if any(line.kind in ("score", "diverge") for line in lines.values()) else None
    changed = []
    for score in joint.scores.select_related("level").order_by("pk"):
        criterion, line = score.criterion_id, lines.get(score.criterion_id, _Line())
        if before and line.at and line.kind in ("score", "diverge"):
            agreed = score.level is not None and score.level == shared[criterion].level
            values = {sheet: level.value if (level := levels[criterion]) else None for sheet, levels in now.items()}
            if agreed or not before.differs(criterion, line.at, values):
                continue
            revisions.append(revise(joint, "recheck", {"criterion": criterion}, by=None))
        elif not _fill(score, shared[criterion], line.note):
            continue
        else:
            payload = {"criterion": criterion, "level": _value(score.level), "note": score.note}
            revisions.append(revise(joint, "agree", payload, by=None))
        score.seq = joint.seq
        changed.append(score)
    return changed


def _value(level: ScaleLevel | None) -> int | None:
    return level.value if level else None


def _fill(score: Score, share: SharedScore, copied_note: str) -> bool:
    """Give a score the level that all share, and their notes unless a person wrote there. Tell whether it changed."""
    note = share.note if score.note in ("", copied_note) else score.note
    if score.level == share.level and (score.note == note or not share.level):
        return False
    score.level, score.note = share.level, note
    return True


class _Before:
    """The levels of the own sheets as they were signed at a moment."""

    def __init__(self, own: Sequence[SheetView]) -> None:
        sheets = [view.sheet for view in own]
        self.signatures: dict[int, list[tuple[dt.datetime, int]]] = {sheet.pk: [] for sheet in sheets}
        for sheet, at, seq in Signature.objects.filter(sheet__in=sheets).values_list("sheet", "at", "seq"):
            self.signatures[sheet].append((at, seq))
        self.levels: dict[tuple[int, int], list[tuple[int, int | None]]] = defaultdict(list)
        scored = Revision.objects.filter(sheet__in=sheets, kind="score").order_by("seq")
        for sheet, seq, payload in scored.values_list("sheet", "seq", "payload"):
            if payload:
                self.levels[sheet, payload["criterion"]].append((seq, payload["level"]))

    def differs(self, criterion: int, at: dt.datetime, values: Mapping[int, int | None]) -> bool:
        """Tell whether an own sheet, by its pk in `values`, was signed with another level, or not yet, at `at`."""
        for sheet, value in values.items():
            signed = max((seq for when, seq in self.signatures[sheet] if when <= at), default=None)
            if signed is None:
                return True
            if next((level for seq, level in reversed(self.levels[sheet, criterion]) if seq <= signed), None) != value:
                return True
        return False


def _verdicts(
    joint: ScoringSheet, own: Sequence[SheetView], history: Sequence[Revision], revisions: list[Revision]
) -> list[CompetenceVerdict]:
    """Add the revisions of the verdicts, and return those to save. A verdict given by hand stays."""
    shared = compare_verdicts(own)
    by_hand: dict[int, bool] = {}
    for revision in history:
        if revision.payload and "competence" in revision.payload:
            by_hand[revision.payload["competence"]] = revision.kind == "verdict" and bool(revision.payload["outcome"])
    changed = []
    for verdict in joint.verdicts.order_by("pk"):
        outcome, comment = shared.get(verdict.competence_id, ("", ""))
        if by_hand.get(verdict.competence_id) or (verdict.outcome, verdict.comment) == (outcome, comment):
            continue
        verdict.outcome, verdict.comment = outcome, comment
        payload = {"competence": verdict.competence_id, "outcome": outcome, "comment": comment}
        revisions.append(revise(joint, "agree", payload, by=None))
        verdict.seq = joint.seq
        changed.append(verdict)
    return changed
