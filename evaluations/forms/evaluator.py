"""The forms that work without JavaScript: what changed is sent as the same operations as the screen's."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils import timezone

from cqp import operations
from cqp.models import Operation, User
from cqp.operations import Incoming, Malformed
from evaluations.preparation import Preparation
from evaluations.results import SheetView
from referentiel.models import Activity


def fingerprint(value: str) -> str:
    """Return eight letters that tell whether a field still holds what was shown."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()[:8]


class OperationsForm:
    """Fields of one stream. `initial` holds what the database says, `values` what the page shows, both as texts.

    A field has changed when it no longer holds what this page showed: a form left open in a second tab takes back
    nothing that it did not touch. A key is made of the page's token and of what is sent: a double click counts once.
    """

    stream: str

    def __init__(self, pk: int, seq: int, initial: Mapping[str, str], data: Mapping[str, str] | None = None) -> None:
        self.pk, self.initial = pk, dict(initial)
        posted = {name: data[name].replace("\r\n", "\n") for name in self.initial if name in data} if data else {}
        self.values = self.initial | posted
        self.seq = _whole((data or {}).get("base_seq"), seq)
        self.token = _token((data or {}).get("token"))
        self.shown = {name: fingerprint(value) for name, value in self.initial.items()} | _shown(data)
        self.changed = {name for name in posted if fingerprint(posted[name]) != self.shown[name]}

    @property
    def shown_json(self) -> str:
        return json.dumps(self.shown, separators=(",", ":"))

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give (kind, payload) of what changed. Raises Malformed."""
        raise NotImplementedError

    def save(self, *, by: User) -> list[Operation]:
        """Send what changed, and return the answers. Raises Malformed, KeyReused, Http404: nothing is then stored."""
        incoming = [
            Incoming(self._key(kind, payload), kind, payload, self.seq, timezone.now())
            for kind, payload in self.operations()
        ]
        if not incoming:
            return []
        _, answers = operations.receive(
            self.stream, self.pk, incoming, by=by, device=f"formulaire {self.token.hex[:12]}"
        )
        return answers

    def _key(self, kind: str, payload: dict[str, Any]) -> uuid.UUID:
        return uuid.uuid5(self.token, json.dumps([kind, payload], sort_keys=True))


def _whole(value: str | None, default: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else default


def _token(value: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(value or "")
    except ValueError:
        return uuid.uuid4()


def _shown(data: Mapping[str, str] | None) -> dict[str, str]:
    try:
        shown = json.loads((data or {}).get("shown", "{}"))
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in shown.items()} if isinstance(shown, dict) else {}


class SheetForm(OperationsForm):
    """A sheet: `level-`, `note-`, `position-`, `reason-` by criterion, `verdict-`, `comment-` by competence."""

    stream = "sheet"

    def __init__(self, view: SheetView, assignment: int, data: Mapping[str, str] | None = None) -> None:
        self.view = view
        initial = {}
        for line in view.criteria:
            pk = line.criterion.pk
            initial[f"level-{pk}"] = str(line.level.value) if line.level else ""
            initial[f"note-{pk}"] = line.note
            if view.sheet.is_joint:
                mine = next((one for one in line.divergences if one.assignment_id == assignment), None)
                initial[f"position-{pk}"] = str(mine.level.value) if mine else ""
                initial[f"reason-{pk}"] = mine.reason if mine else ""
        for competence in view.competences:
            pk, verdict = competence.competence.pk, competence.verdict
            initial[f"verdict-{pk}"] = verdict.outcome if verdict else ""
            initial[f"comment-{pk}"] = verdict.comment if verdict else ""
        super().__init__(view.sheet.pk, view.sheet.seq, initial, data)

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for line in self.view.criteria:
            pk = line.criterion.pk
            if f"level-{pk}" in self.changed:
                yield "score", {"criterion": pk, "level": _level(self.values[f"level-{pk}"])}
            if f"note-{pk}" in self.changed:
                yield "note", {"criterion": pk, "text": self.values[f"note-{pk}"]}
            if self.changed & {f"position-{pk}", f"reason-{pk}"}:
                level = _level(self.values[f"position-{pk}"])
                if level is None:
                    raise Malformed("Pour dire que vous n'êtes pas d'accord, choisissez le niveau que vous donnez.")
                yield "diverge", {"criterion": pk, "level": level, "reason": self.values[f"reason-{pk}"]}
        for competence in self.view.competences:
            pk = competence.competence.pk
            if self.changed & {f"verdict-{pk}", f"comment-{pk}"}:
                outcome, comment = self.values[f"verdict-{pk}"], self.values[f"comment-{pk}"]
                if not outcome and comment.strip() and f"verdict-{pk}" not in self.changed:
                    raise Malformed("Un commentaire sur une compétence accompagne un avis : choisissez-le aussi.")
                yield "verdict", {"competence": pk, "outcome": outcome, "comment": comment if outcome else ""}


def _level(value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit() and len(value) < 6):
        raise Malformed("Ce niveau n'est pas dans le barème.")
    return int(value) if value else None


class PreparationForm(OperationsForm):
    """One's own notes for an interview, by activity and by criterion: `activity-<pk>`, `criterion-<pk>`."""

    stream = "preparation"

    def __init__(
        self,
        assignment: int,
        activities: Iterable[Activity],
        preparation: Preparation,
        data: Mapping[str, str] | None = None,
    ) -> None:
        initial = {}
        for activity in activities:
            initial[f"activity-{activity.pk}"] = preparation.activities.get(activity.pk, "")
            for competence in activity.competences.all():
                for criterion in competence.criteria.all():
                    initial[f"criterion-{criterion.pk}"] = preparation.criteria.get(criterion.pk, "")
        super().__init__(assignment, preparation.seq, initial, data)

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self.initial:
            if name in self.changed:
                subject, pk = name.split("-")
                yield "note", {subject: int(pk), "text": self.values[name]}
