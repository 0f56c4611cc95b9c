"""A whole bloc of a draft on one page. An emptied part is taken out; a blank one waits at the end of each list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from django import forms

from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.drafts.content import ActivityContent, BlocContent, Comparison, CompetenceContent, compare, read_bloc
from referentiel.drafts.services import BlocChangedError, write_bloc
from referentiel.models import Bloc

MOST = 60
LONGEST = 4000


def lines(text: str) -> tuple[str, ...]:
    """Return the lines that are filled, without doubled spaces."""
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())


class LinesField(forms.CharField):
    """Texts, one per line, never twice the same."""

    def __init__(self, *, noun: str, rows: int = 4, **kwargs: Any) -> None:
        self.noun = noun
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(required=False, widget=widget, max_length=60_000, **kwargs)

    def to_python(self, value: Any) -> Any:
        return lines(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        twice = next((line for n, line in enumerate(value) if line in value[:n]), None)
        if twice:
            raise forms.ValidationError(f"{self.noun} est écrit deux fois : « {twice[:80]} ».")
        if any(len(line) > LONGEST for line in value):
            raise forms.ValidationError(f"{self.noun} a plus de {LONGEST} caractères : raccourcissez-le.")

    def run_validators(self, value: Any) -> None:
        """The texts are not one text."""


def _area(label: str, rows: int = 2, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=LONGEST, widget=widget, **more)


def _rank() -> forms.IntegerField:
    return forms.IntegerField(label="Rang", required=False, min_value=1, max_value=999)


class BlocForm(forms.Form):
    differences: Sequence[Comparison] = ()

    seen = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(label="Code", max_length=20)
    title = _area("Intitulé")
    modality = _area("Modalité d'évaluation", 6, help_text="Une ligne vide entre deux paragraphes.")
    interview_minutes = forms.IntegerField(label="Durée de l'entretien (minutes)", min_value=1, max_value=480)
    evaluator_count = forms.IntegerField(label="Nombre d'évaluateurs", min_value=1, max_value=9)
    continues = forms.ModelChoiceField(
        Bloc.objects.none(),
        label="Fait suite à",
        required=False,
        empty_label="Aucun bloc",
        help_text="Le bloc d'une version scellée dont l'acquisition vaut pour celui-ci.",
    )
    trame = LinesField(
        noun="Une rubrique", rows=8, label="Rubriques de la trame du dossier", help_text="Une par ligne."
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, bloc: Bloc, by: User) -> None:
        self.bloc, self.by = bloc, by
        self.now = read_bloc(bloc)
        super().__init__(data, initial=_initial(self.now), use_required_attribute=False)
        earlier = Bloc.objects.filter(referentiel__branch=bloc.referentiel.branch_id, referentiel__seal__isnull=False)
        field = self.fields["continues"]
        field.queryset = earlier.select_related("referentiel").order_by("referentiel__code", "referentiel", "number")
        field.label_from_instance = lambda earlier: (
            f"{earlier.referentiel.code}, version {earlier.referentiel.version}, bloc {earlier.number}"
        )
        if data is None:
            self.shape = [len(activity.competences) + 1 for activity in self.now.activities] + [1]
        else:
            self.shape = list(_shape(data))
        for rank, count in enumerate(self.shape):
            known = rank < len(self.now.activities)
            self.fields[f"a{rank}-rank"] = _rank()
            self.fields[f"a{rank}-code"] = forms.CharField(label="Code", max_length=20, required=False)
            self.fields[f"a{rank}-title"] = _area(
                "Intitulé de l'activité" if known else "Intitulé de la nouvelle activité"
            )
            for n in range(count):
                self._add_competence(f"a{rank}-c{n}")

    def _add_competence(self, name: str) -> None:
        written = len(self.initial.get(f"{name}-criteria", "").splitlines())
        self.fields[f"{name}-rank"] = _rank()
        self.fields[f"{name}-code"] = forms.CharField(label="Code", max_length=20, required=False)
        self.fields[f"{name}-statement"] = _area("Énoncé")
        self.fields[f"{name}-heading"] = _area("Intitulé des critères")
        self.fields[f"{name}-criteria"] = LinesField(
            noun="Un critère", rows=max(4, written * 2 + 1), label="Critères", help_text="Un par ligne."
        )

    def parts(self) -> Iterator[dict[str, Any]]:
        """Yield each activity with its fields and those of its competences; the last of each list is blank."""
        for rank, count in enumerate(self.shape):
            competences = [
                {key: self[f"a{rank}-c{n}-{key}"] for key in ("rank", "code", "statement", "heading", "criteria")}
                for n in range(count)
            ]
            yield {
                **{key: self[f"a{rank}-{key}"] for key in ("rank", "code", "title")},
                "competences": competences,
                "is_blank": not self[f"a{rank}-title"].value() and not self[f"a{rank}-code"].value(),
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            data["content"] = self._content(data)
        return data

    def _content(self, data: dict[str, Any]) -> BlocContent:
        activities: list[tuple[float, ActivityContent]] = []
        codes: dict[str, str] = {}
        for rank, count in enumerate(self.shape):
            competences = sorted(self._competences(data, rank, count, codes), key=lambda ranked: ranked[0])
            code, title = data[f"a{rank}-code"], " ".join(data[f"a{rank}-title"].split())
            if not (code or title or competences):
                continue
            if not code:
                self.add_error(f"a{rank}-code", "Écrivez le code de l'activité, comme 1.2.")
            if any(activity.code == code for _, activity in activities):
                self.add_error(f"a{rank}-code", "Une autre activité du bloc a ce code.")
            content = ActivityContent(code, title, tuple(competence for _, competence in competences))
            activities.append((_place(rank + 1, data[f"a{rank}-rank"]), content))
        return BlocContent(
            number=self.bloc.number,
            code=data["code"],
            title=" ".join(data["title"].split()),
            modality=_paragraphs(data["modality"]),
            interview_minutes=data["interview_minutes"],
            evaluator_count=data["evaluator_count"],
            trame=data["trame"],
            activities=tuple(one for _, one in sorted(activities, key=lambda one: one[0])),
            continues=data["continues"].pk if data["continues"] else None,
        )

    def _competences(
        self, data: dict[str, Any], rank: int, count: int, codes: dict[str, str]
    ) -> Iterator[tuple[float, CompetenceContent]]:
        for n in range(count):
            name = f"a{rank}-c{n}"
            code, criteria = data[f"{name}-code"], data[f"{name}-criteria"]
            statement, heading = (" ".join(data[f"{name}-{key}"].split()) for key in ("statement", "heading"))
            if not (code or statement or heading or criteria):
                continue
            if not code:
                self.add_error(f"{name}-code", "Écrivez le code de la compétence, comme C1.2.")
            elif code in codes:
                self.add_error(f"{name}-code", "Une autre compétence du bloc a ce code.")
            codes[code] = name
            yield _place(n + 1, data[f"{name}-rank"]), CompetenceContent(code, statement, heading, criteria)

    def save(self) -> bool:
        """Write the bloc. Where somebody else wrote it meanwhile, `differences` tells what they and this form differ in."""
        content = self.cleaned_data["content"]

        def write() -> bool:
            write_bloc(bloc=self.bloc, content=content, seen=self.cleaned_data["seen"], by=self.by)
            return True

        try:
            return bool(save_or_show(self, write))
        except BlocChangedError as changed:
            self.add_error(None, changed.message)
            self.differences = compare([changed.now], [content])
            self.data = {**dict(self.data.items()), "seen": changed.now.digest}
            return False


def _paragraphs(text: str) -> str:
    """Return a text with one line for each paragraph, and a blank one between two."""
    groups = groupby(text.split("\n"), key=lambda line: bool(line.strip()))
    return "\n\n".join(" ".join(" ".join(lines).split()) for is_filled, lines in groups if is_filled)


def _place(rank: int | None, typed: int | None) -> float:
    """Return where a part goes that stood at `rank` (from 1): before the one whose rank was typed when it moves up."""
    if typed is None or typed == rank:
        return float(rank or 0)
    return typed - 0.5 if typed < (rank or 0) else typed + 0.5


def _initial(now: BlocContent) -> dict[str, Any]:
    values: dict[str, Any] = {
        "seen": now.digest,
        "code": now.code,
        "title": now.title,
        "modality": now.modality,
        "interview_minutes": now.interview_minutes,
        "evaluator_count": now.evaluator_count,
        "continues": now.continues,
        "trame": "\n".join(now.trame),
    }
    for rank, activity in enumerate(now.activities):
        values |= {f"a{rank}-rank": rank + 1, f"a{rank}-code": activity.code, f"a{rank}-title": activity.title}
        for n, competence in enumerate(activity.competences):
            name = f"a{rank}-c{n}"
            values |= {
                f"{name}-rank": n + 1,
                f"{name}-code": competence.code,
                f"{name}-statement": competence.statement,
                f"{name}-heading": competence.criteria_heading,
                f"{name}-criteria": "\n".join(competence.criteria),
            }
    return values


def _shape(data: Mapping[str, Any]) -> Sequence[int]:
    """Return how many competences each activity of a posted form has."""
    counts: dict[int, int] = {}
    for name in data:
        if match := re.fullmatch(r"a(\d{1,2})-(?:c(\d{1,2})-code|title)", name):
            rank, n = int(match[1]), int(match[2] or -1)
            if rank < MOST and n < MOST:
                counts[rank] = max(counts.get(rank, 0), n + 1)
    return [counts.get(rank, 0) for rank in range(max(counts, default=-1) + 1)]
