"""What the joint sheet takes over from the own sheets, when it opens and each time an own sheet is signed again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.agreement import Given, given, given_verdicts, own_sheets
from evaluations.models import CompetenceVerdict, Revision, Score, ScoringSheet, Signature
from evaluations.results import SheetView, sheet_views
from evaluations.services.chain import revise
from referentiel.models import ScaleLevel


@dataclass
class _Line:
    """What became of one criterion of the joint sheet: how its level was last given, the note taken over."""

    kind: str = ""
    at: dt.datetime | None = None
    note: str = ""


def take_over(joint: ScoringSheet) -> None:
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
    joint.save(update_fields=["seq", "head", "content_seq"])


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
    shared = given(own)
    now = {view.sheet.pk: {one.criterion.pk: one.level for one in view.criteria} for view in own}
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


def _fill(score: Score, share: Given, taken_over: str) -> bool:
    """Give a score the level that all share, and their notes unless a person wrote there. Tell whether it changed."""
    note = share.note if score.note in ("", taken_over) else score.note
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
    shared = given_verdicts(own)
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
