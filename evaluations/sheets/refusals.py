"""What evaluators typed that came too late: kept as it was sent, and read by them and by the branch."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from candidates.models import Incident, Reception, Session
from cqp.models import Operation, User
from evaluations.models import CompetenceVerdict, ScoringSheet
from referentiel.models import Competence, Criterion, ScaleLevel

# A device that lost its access may send thousands: a page shows the last ones.
SHOWN = 200
ACT_LABELS = {
    "identity": "pièce d'identité",
    "attendance": "émargement du candidat",
    "start": "début de l'entretien",
    "finish": "fin de l'entretien",
    "absent": "absence du candidat",
    "interrupt": "interruption de l'entretien",
    "incident": "incident",
    "pause": "pause",
    "resume": "reprise",
    "sign": "signature de la fiche",
}


@dataclass(frozen=True)
class Refusal:
    """An operation that was refused, on which sheet, and what it carried in words: `C1.1, critère 2 : démontré`."""

    operation: Operation
    sheet: ScoringSheet
    what: str


def refused_operations(sheets: Any, *, of: User | None = None) -> list[Refusal]:
    """Return what was refused on these sheets, the last first, SHOWN at most; `of` keeps one person's.

    One query when nothing was refused, five at most, whatever their number.
    """
    operations = Operation.objects.filter(status=Operation.Status.REFUSED, stream__in=_streams(sheets))
    if of is not None:
        operations = operations.filter(user=of)
    rows = list(operations.select_related("user").order_by("-received_at", "-pk")[:SHOWN])
    if not rows:
        return []
    by_stream = {
        f"sheet:{sheet.pk}": sheet for sheet in sheets.filter(pk__in={_pk(row) for row in rows}).with_context()
    }
    labels = _Labels(rows, by_stream.values())
    return [Refusal(row, by_stream[row.stream], labels.text(row, by_stream[row.stream])) for row in rows]


def refused_by_interview(session: Session) -> Counter[int]:
    """Return how many operations were refused by the pk of their interview, in two queries."""
    sheets = ScoringSheet.objects.filter(interview__enrolment_bloc__enrolment__session=session)
    refused = Operation.objects.filter(status=Operation.Status.REFUSED, stream__in=_streams(sheets))
    streams = Counter(refused.values_list("stream", flat=True))
    interviews = dict(
        sheets.filter(pk__in=[int(stream.partition(":")[2]) for stream in streams]).values_list("pk", "interview")
    )
    counts: Counter[int] = Counter()
    for stream, count in streams.items():
        counts[interviews[int(stream.partition(":")[2])]] += count
    return counts


def _streams(sheets: QuerySet[ScoringSheet]) -> QuerySet[Any]:
    return sheets.order_by().values_list(Concat(Value("sheet:"), Cast("pk", CharField())), flat=True)


def _pk(operation: Operation) -> int:
    return int(operation.stream.partition(":")[2])


class _Labels:
    """Names of the criteria, competences and levels that the operations speak of."""

    def __init__(self, rows: Iterable[Operation], sheets: Iterable[ScoringSheet]) -> None:
        rows = list(rows)
        criteria = Criterion.objects.filter(pk__in=_numbers(rows, "criterion")).select_related("competence")
        self.criteria = {
            criterion.pk: f"{criterion.competence.code}, critère {criterion.position}" for criterion in criteria
        }
        competences = Competence.objects.filter(pk__in=_numbers(rows, "competence"))
        self.competences = {competence.pk: f"avis sur {competence.code}" for competence in competences}
        referentiels = {sheet.interview.enrolment_bloc.bloc.referentiel_id for sheet in sheets}
        levels = ScaleLevel.objects.filter(referentiel__in=referentiels)
        self.levels = {(level.referentiel_id, str(level.value)): level.label for level in levels}

    def text(self, row: Operation, sheet: ScoringSheet) -> str:
        payload = row.payload
        about = ACT_LABELS.get(row.kind) or self.criteria.get(_number(payload, "criterion"))
        about = about or self.competences.get(_number(payload, "competence")) or row.kind
        return f"{about} : {', '.join(content)}" if (content := self._content(row.kind, payload, sheet)) else about

    def _content(self, kind: str, payload: dict[str, Any], sheet: ScoringSheet) -> list[str]:
        parts = []
        if "level" in payload:
            key = (sheet.interview.enrolment_bloc.bloc.referentiel_id, str(payload["level"]))
            parts.append(self.levels.get(key, "niveau retiré"))
        for name, choices in (
            ("outcome", CompetenceVerdict.Outcome),
            ("paper", Reception.Paper),
            ("category", Incident.Category),
        ):
            if payload.get(name):
                parts.append(dict(choices.choices).get(str(payload[name]), str(payload[name])))
        if kind == "absent":
            parts.append("excusée" if payload.get("excused") else "non excusée")
        parts += [f"« {payload[name]} »" for name in ("text", "comment", "reason") if payload.get(name)]
        return parts or (["texte retiré"] if kind == "note" else [])


def _numbers(rows: Iterable[Operation], name: str) -> set[int]:
    return {_number(row.payload, name) for row in rows} - {0}


def _number(payload: dict[str, Any], name: str) -> int:
    """Return a whole number that an operation carried, 0 for anything else: a payload may hold more than its kind wants."""
    value = payload.get(name)
    return value if isinstance(value, int) and 0 < value < 2**31 else 0
