"""The sheets are computed again: their chains, and the levels, notes, verdicts and divergences that their revisions tell."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cqp.verify import BATCH, Entry, Noted, Report, verify_chains
from evaluations.models import CompetenceVerdict, Divergence, Revision, Score, ScoringSheet


def sheet_heads() -> Iterator[tuple[str, int, str]]:
    for pk, seq, head in ScoringSheet.objects.filter(seq__gt=0).values_list("pk", "seq", "head").iterator():
        yield f"sheet:{pk}", seq, head


@dataclass
class Fold:
    """What the revisions of a sheet make of it. `is_erased`: contents are gone, nothing can be told."""

    levels: dict[int, int | None] = field(default_factory=lambda: defaultdict(lambda: None))
    notes: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    verdicts: dict[int, tuple[str, str]] = field(default_factory=lambda: defaultdict(lambda: ("", "")))
    divergences: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    is_erased: bool = False

    def add(self, kind: str, payload: dict[str, Any] | None, actor: int | None) -> None:
        if payload is None:
            self.is_erased = True
            return
        criterion = payload.get("criterion")
        if kind in ("score", "agree") and criterion is not None:
            self.levels[criterion] = payload.get("level")
            if kind == "score":
                self._settle(criterion)
            else:
                self.notes[criterion] = payload["note"]
        elif kind == "note" and criterion is not None:
            self.notes[criterion] = payload["text"]
        elif kind == "diverge" and criterion is not None and actor is not None:
            self.levels[criterion] = None
            self.divergences[criterion, actor] = (payload["level"], payload["reason"].strip())
        elif kind in ("verdict", "agree") and "competence" in payload:
            outcome = payload["outcome"]
            self.verdicts[payload["competence"]] = (outcome, payload.get("comment", "") if outcome else "")

    def _settle(self, criterion: int) -> None:
        for key in [key for key in self.divergences if key[0] == criterion]:
            del self.divergences[key]


def check_sheets(noted: Noted) -> Report:
    report = Report("Fiches")
    folds: dict[str, Fold] = defaultdict(Fold)
    rows = Revision.objects.order_by("sheet", "seq").values_list(
        *("sheet", "seq", "prev", "mac", "hash", "salt", "payload", "actor", "kind", "at")
    )
    entries = (
        Entry(
            *(f"sheet:{sheet}", seq, prev, mac, found, salt, payload),
            {"sheet": sheet, "seq": seq, "actor": actor, "kind": kind, "at": at.isoformat()},
        )
        for sheet, seq, prev, mac, found, salt, payload, actor, kind, at in rows.iterator(chunk_size=BATCH)
    )

    def fold(name: str, entry: Entry) -> None:
        folds[name].add(entry.ids["kind"], entry.payload, entry.ids["actor"])

    heads = {name: (seq, head) for name, seq, head in sheet_heads()}
    verify_chains(report, entries, heads, noted, name_of=lambda entry: entry.name, each=fold)
    report.faults += noted.missing(lambda name: name.startswith("sheet:"))
    report.faults += _projections(folds)
    return report


def _projections(folds: dict[str, Fold]) -> Iterator[str]:
    """Compare what is shown with what the revisions tell. Of an erased sheet, only the chain can be verified."""
    scores = Score.objects.order_by("sheet", "criterion").values_list("sheet", "criterion", "level__value", "note")
    for sheet, criterion, level, note in scores.iterator(chunk_size=BATCH):
        fold = folds[f"sheet:{sheet}"]
        if not fold.is_erased and (level, note) != (fold.levels[criterion], fold.notes[criterion]):
            yield f"sheet:{sheet}, critère {criterion} : ce qui est affiché n'est pas ce que disent les révisions"
    verdicts = CompetenceVerdict.objects.values_list("sheet", "competence", "outcome", "comment")
    for sheet, competence, outcome, comment in verdicts.iterator(chunk_size=BATCH):
        fold = folds[f"sheet:{sheet}"]
        if not fold.is_erased and (outcome, comment) != fold.verdicts[competence]:
            yield f"sheet:{sheet}, compétence {competence} : l'avis affiché n'est pas celui des révisions"
    shown: dict[str, dict[tuple[int, int], tuple[int, str]]] = defaultdict(dict)
    divergences = Divergence.objects.values_list(
        "sheet", "criterion", "assignment__appointment__user", "level__value", "reason"
    )
    for sheet, criterion, person, level, reason in divergences.iterator(chunk_size=BATCH):
        shown[f"sheet:{sheet}"][criterion, person] = (level, reason)
    for name, fold in folds.items():
        if not fold.is_erased and shown[name] != fold.divergences:
            yield f"{name} : les divergences affichées ne sont pas celles des révisions"
