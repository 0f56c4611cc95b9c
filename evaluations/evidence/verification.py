"""The sheets are computed again: their chains, and the levels, notes, verdicts and divergences that their revisions tell."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cqp.evidence import chain
from cqp.evidence.hooks import NotedHeads, Report
from cqp.evidence.verification import BATCH, Entry, verify_chains
from evaluations.models import CompetenceVerdict, Divergence, Revision, Score, ScoringSheet
from referentiel.models import Bloc


def list_sheet_heads() -> Iterator[ScoringSheet]:
    yield from ScoringSheet.objects.filter(seq__gt=0).only("pk", *chain.HEAD_FIELDS).iterator(chunk_size=BATCH)


@dataclass
class Fold:
    """What the revisions of a sheet make of it. `is_erased`: contents are gone, nothing can be told."""

    levels: dict[int, int | None] = field(default_factory=lambda: defaultdict(lambda: None))
    notes: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    verdicts: dict[int, tuple[str, str]] = field(default_factory=lambda: defaultdict(lambda: ("", "")))
    divergences: dict[tuple[int, int], tuple[int | None, str]] = field(default_factory=dict)
    is_erased: bool = False

    def add(self, kind: str, payload: dict[str, Any] | None, actor: int | None) -> None:
        if payload is None:
            self.is_erased = True
            return
        criterion = payload.get("criterion")
        if kind in ("score", "agree") and criterion is not None:
            self.levels[criterion] = payload.get("level")
            if kind == "score":
                self._drop_divergences(criterion)
            else:
                self.notes[criterion] = payload.get("note", "")
        elif kind == "note" and criterion is not None:
            self.notes[criterion] = payload.get("text", "")
        elif kind == "diverge" and criterion is not None and actor is not None:
            self.levels[criterion] = None
            self.divergences[criterion, actor] = (payload.get("level"), str(payload.get("reason", "")).strip())
        elif kind in ("verdict", "agree") and "competence" in payload:
            outcome = payload.get("outcome", "")
            self.verdicts[payload["competence"]] = (outcome, payload.get("comment", "") if outcome else "")

    def _drop_divergences(self, criterion: int) -> None:
        for key in [key for key in self.divergences if key[0] == criterion]:
            del self.divergences[key]


def check_sheets(noted: NotedHeads) -> Report:
    report = Report("Fiches")
    folds: dict[str, Fold] = defaultdict(Fold)
    rows = Revision.objects.order_by("sheet", "seq").values_list(
        *("sheet", "seq", "prev", "mac", "hash", "salt", "payload", "actor", "kind", "at")
    )
    entries = (
        Entry(
            *(f"sheet:{sheet}", seq, prev, mac, row_hash, salt, payload),
            {"sheet": sheet, "seq": seq, "actor": actor, "kind": kind, "at": at.isoformat()},
        )
        for sheet, seq, prev, mac, row_hash, salt, payload, actor, kind, at in rows.iterator(chunk_size=BATCH)
    )

    def fold(name: str, entry: Entry) -> None:
        folds[name].add(entry.ids["kind"], entry.payload, entry.ids["actor"])

    heads = {}
    for sheet in list_sheet_heads():
        heads[sheet.chain_name] = (sheet.seq, sheet.head)
        if not chain.is_signed(sheet):
            report.faults.append(f"{sheet.chain_name} : la fin de la chaîne n'est pas signée par ce site")
    verify_chains(report, entries, heads, noted, name_of=lambda entry: entry.name, each=fold)
    report.faults += noted.missing(lambda name: name.startswith("sheet:"))
    report.faults += _projections(folds)
    return report


def _projections(folds: dict[str, Fold]) -> Iterator[str]:
    """Compare what is shown with what the revisions tell. Of an erased sheet, only the chain can be verified."""
    yield from _list_missing_rows()
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
    shown: dict[str, dict[tuple[int, int], tuple[int | None, str]]] = defaultdict(dict)
    divergences = Divergence.objects.values_list(
        "sheet", "criterion", "assignment__appointment__user", "level__value", "reason"
    )
    for sheet, criterion, person, level, reason in divergences.iterator(chunk_size=BATCH):
        shown[f"sheet:{sheet}"][criterion, person] = (level, reason)
    for name, fold in folds.items():
        if not fold.is_erased and shown[name] != fold.divergences:
            yield f"{name} : les divergences affichées ne sont pas celles des révisions"


def _list_missing_rows() -> Iterator[str]:
    """A sheet has a row for each criterion and each competence of its bloc, from its opening on."""
    for model, subject, path in (
        (Score, "criterion", "activities__competences__criteria"),
        (CompetenceVerdict, "competence", "activities__competences"),
    ):
        expected: dict[int, set[int]] = defaultdict(set)
        for bloc, pk in Bloc.objects.exclude(**{path: None}).values_list("pk", path):
            expected[bloc].add(pk)
        rows: dict[int, set[int]] = defaultdict(set)
        for sheet, pk in model._default_manager.order_by().values_list("sheet", subject).iterator(chunk_size=BATCH):
            rows[sheet].add(pk)
        sheets = ScoringSheet.objects.order_by("pk").values_list("pk", "interview__enrolment_bloc__bloc")
        for sheet, bloc in sheets.iterator(chunk_size=BATCH):
            if rows[sheet] != expected[bloc]:
                label = model._meta.verbose_name_plural
                yield f"sheet:{sheet} : {len(rows[sheet])} {label}, {len(expected[bloc])} étaient attendues"
