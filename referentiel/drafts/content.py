"""The content of a référentiel as plain values: what an import gives, what an editor writes, what two versions differ in.

Pure: nothing here reads the database, `read` excepted.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher

from referentiel.models import Bloc, Referentiel

# Two texts that resemble each other by more are one text that was changed.
ALIKE = 0.6


@dataclass(frozen=True)
class CompetenceContent:
    code: str
    statement: str
    criteria_heading: str = ""
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActivityContent:
    code: str
    title: str
    competences: tuple[CompetenceContent, ...] = ()


@dataclass(frozen=True)
class BlocContent:
    """A bloc and all that is in it. `continues`: the earlier Bloc (its id) whose acquisition is worth this one."""

    number: int
    code: str
    title: str
    modality: str = ""
    interview_minutes: int = 30
    evaluator_count: int = 2
    trame: tuple[str, ...] = ()
    activities: tuple[ActivityContent, ...] = ()
    continues: int | None = None

    @property
    def digest(self) -> str:
        """What tells this content from any other: an editor says which one it was shown."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False).encode()).hexdigest()

    @property
    def competences(self) -> list[CompetenceContent]:
        return [competence for activity in self.activities for competence in activity.competences]


def read_bloc(bloc: Bloc) -> BlocContent:
    """Return the content of a bloc; its parts are fetched beforehand, or in four queries."""
    return BlocContent(
        number=bloc.number,
        code=bloc.code,
        title=bloc.title,
        modality=bloc.modality,
        interview_minutes=bloc.interview_minutes,
        evaluator_count=bloc.evaluator_count,
        trame=tuple(item.text for item in bloc.trame_items.all()),
        activities=tuple(
            ActivityContent(
                activity.code,
                activity.title,
                tuple(
                    CompetenceContent(
                        competence.code,
                        competence.statement,
                        competence.criteria_heading,
                        tuple(criterion.text for criterion in competence.criteria.all()),
                    )
                    for competence in activity.competences.all()
                ),
            )
            for activity in bloc.activities.all()
        ),
        continues=bloc.continues_id,
    )


def read(referentiel: Referentiel) -> list[BlocContent]:
    """Return the blocs of a référentiel that was fetched with its content."""
    return [read_bloc(bloc) for bloc in referentiel.blocs.all()]


def missing(blocs: Sequence[BlocContent]) -> list[str]:
    """Return what stands in the way of the seal, in French, in the order of the content."""
    if not blocs:
        return ["Il n'y a pas encore de bloc."]
    return [gap for bloc in blocs for gap in _missing_in(bloc)]


def _missing_in(bloc: BlocContent) -> Iterator[str]:
    where = f"Bloc {bloc.number}"
    if not bloc.title:
        yield f"{where} : l'intitulé est vide."
    if not bloc.trame:
        yield f"{where} : la trame du dossier n'a pas de rubrique."
    if not bloc.competences:
        yield f"{where} : il n'y a pas de compétence."
    for activity in bloc.activities:
        if not activity.title:
            yield f"{where}, activité {activity.code} : l'intitulé est vide."
        if not activity.competences:
            yield f"{where}, activité {activity.code} : elle n'a pas de compétence."
        for competence in activity.competences:
            if not competence.statement:
                yield f"{where}, {competence.code} : l'énoncé est vide."
            if not competence.criteria:
                yield f"{where}, {competence.code} : il manque des critères."


@dataclass(frozen=True)
class Change:
    """One difference: `kind` is "added", "removed" or "changed"; `what` names the part, before and after are its texts."""

    kind: str
    what: str
    before: str = ""
    after: str = ""


@dataclass
class Comparison:
    """The differences under one heading: a bloc, or a competence."""

    title: str
    changes: list[Change] = field(default_factory=list)
    same: int = 0

    def text(self, what: str, before: str, after: str) -> None:
        if before == after:
            self.same += 1
        else:
            self.changes.append(Change("changed", what, before, after))

    def texts(self, what: str, before: Sequence[str], after: Sequence[str]) -> None:
        for old, new in pair_texts(before, after):
            if old == new:
                self.same += 1
            else:
                kind = "changed" if old and new else "added" if new else "removed"
                self.changes.append(Change(kind, what, old, new))


def pair_texts(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Return each text with what became of it; "" where there is none on one side. In the order of `after`, then the lost."""
    left = list(before)
    matches: dict[int, str] = {}
    for rank, text in enumerate(after):
        if text in left:
            matches[rank] = text
            left.remove(text)
    for rank, text in enumerate(after):
        if rank not in matches and left:
            near = max(left, key=lambda old: SequenceMatcher(None, old, text).ratio())
            if SequenceMatcher(None, near, text).ratio() >= ALIKE:
                matches[rank] = near
                left.remove(near)
    return [*((matches.get(rank, ""), text) for rank, text in enumerate(after)), *((old, "") for old in left)]


def compare(before: Sequence[BlocContent], after: Sequence[BlocContent]) -> list[Comparison]:
    """Return what two versions differ in, bloc by bloc, competence by competence; headings without a difference left out.

    Blocs are the same by their number, competences by their code, criteria by their text or by the one that resembles it.
    """
    olds, news = {bloc.number: bloc for bloc in before}, {bloc.number: bloc for bloc in after}
    comparisons: list[Comparison] = []
    for number in sorted(olds.keys() | news.keys()):
        old, new = olds.get(number), news.get(number)
        if old is None or new is None:
            kind, bloc = ("added", new) if new else ("removed", old)
            assert bloc
            texts = {"added": ("", bloc.title), "removed": (bloc.title, "")}[kind]
            head = Comparison(f"Bloc {number}", [Change(kind, "Bloc", *texts)])
            comparisons.append(head)
        else:
            comparisons.append(_bloc_heading(old, new))
        comparisons += _competences(number, old, new)
    return [comparison for comparison in comparisons if comparison.changes]


def _bloc_heading(old: BlocContent, new: BlocContent) -> Comparison:
    head = Comparison(f"Bloc {new.number}")
    for what, name in (("Code", "code"), ("Intitulé", "title"), ("Modalité", "modality")):
        head.text(what, getattr(old, name), getattr(new, name))
    head.text("Durée de l'entretien", f"{old.interview_minutes} minutes", f"{new.interview_minutes} minutes")
    head.text("Nombre d'évaluateurs", str(old.evaluator_count), str(new.evaluator_count))
    head.texts("Rubrique de la trame", old.trame, new.trame)
    head.texts(
        "Activité", *([f"{activity.code} {activity.title}" for activity in bloc.activities] for bloc in (old, new))
    )
    return head


def _competences(number: int, old: BlocContent | None, new: BlocContent | None) -> Iterator[Comparison]:
    olds = {competence.code: competence for competence in old.competences} if old else {}
    news = {competence.code: competence for competence in new.competences} if new else {}
    for code in [*news, *(code for code in olds if code not in news)]:
        was, now = olds.get(code, CompetenceContent(code, "")), news.get(code, CompetenceContent(code, ""))
        comparison = Comparison(f"Bloc {number}, {code}")
        comparison.texts("Énoncé", [was.statement] if was.statement else [], [now.statement] if now.statement else [])
        comparison.text("Intitulé des critères", was.criteria_heading, now.criteria_heading)
        comparison.texts("Critère", was.criteria, now.criteria)
        yield comparison
