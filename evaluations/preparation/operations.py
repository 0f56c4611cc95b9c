"""The operations of one's preparation notes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import Http404

from candidates.models import Assignment
from cqp.models import Operation, User
from cqp.operations.hooks import Applied, Incoming, MalformedError, Refused, StreamHandler, parse_int, parse_text
from evaluations.models import CriterionNote, PreparationNote
from referentiel.models import Activity, Criterion

NOTE_LIMIT = 4000


@dataclass(frozen=True)
class Subject:
    """What a note is about: the model that keeps it, and where the subject hangs in the bloc."""

    notes: type[PreparationNote] | type[CriterionNote]
    model: type[models.Model]
    bloc: str
    refusal: str


SUBJECTS = {
    "activity": Subject(PreparationNote, Activity, "bloc", "Cette activité n'appartient pas à cet entretien."),
    "criterion": Subject(
        CriterionNote, Criterion, "competence__activity__bloc", "Ce critère n'appartient pas à cet entretien."
    ),
}


class PreparationHandler(StreamHandler):
    """Stream `preparation:<assignment>`: note `{activity, text}` or `{criterion, text}`, seen by its author alone."""

    kind = "preparation"

    def __init__(self, user: User, pk: int, device: str, kinds: frozenset[str]) -> None:
        super().__init__(user, pk, device, kinds)
        assignment = (
            Assignment.objects.select_for_update(of=("self",))
            .select_related("interview__enrolment_bloc")
            .filter(pk=pk, appointment__user=user, appointment__undertaking_signed_at__isnull=False)
            .first()
        )
        if assignment is None:
            raise Http404
        self.assignment = assignment
        self.notes: dict[tuple[str, int], PreparationNote | CriterionNote] = {}
        self.last = 0

    def validate(self, incoming: Sequence[Incoming]) -> None:
        subject_pks: dict[str, set[int]] = {name: set() for name in SUBJECTS}
        for operation in incoming:
            if operation.kind != "note":
                raise MalformedError(f"Opération inconnue sur ces notes : {operation.kind}.")
            parse_text(operation.payload.get("text"), NOTE_LIMIT, "text")
            name = _subject(operation.payload)
            subject_pks[name].add(parse_int(operation.payload[name], name))
        for name, subject in SUBJECTS.items():
            of_bloc = {subject.bloc: self.assignment.interview.enrolment_bloc.bloc_id, "pk__in": subject_pks[name]}
            if subject_pks[name] and subject.model._default_manager.filter(**of_bloc).count() != len(subject_pks[name]):
                raise MalformedError(subject.refusal)
            for note in subject.notes.objects.filter(assignment=self.assignment):
                self.notes[name, getattr(note, f"{name}_id")] = note
        self.last = max((note.seq for note in self.notes.values()), default=0)

    def apply(self, incoming: Incoming) -> Applied | Refused:
        if self.assignment.state != Assignment.State.ACTIVE:
            return Refused("Vous n'êtes plus évaluateur de cet entretien : cette note est gardée à part.")
        name = _subject(incoming.payload)
        pk = incoming.payload[name]
        if (name, pk) not in self.notes:
            self.notes[name, pk] = SUBJECTS[name].notes(assignment=self.assignment, **{f"{name}_id": pk})
        note = self.notes[name, pk]
        self.last += 1
        note.text, note.seq = incoming.payload["text"], self.last
        return Applied(self.last)

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        for name, subject in SUBJECTS.items():
            manager: Any = subject.notes.objects
            if notes := [note for (about, _), note in self.notes.items() if about == name]:
                manager.bulk_create(
                    notes,
                    update_conflicts=True,
                    unique_fields=["assignment", name],
                    update_fields=["text", "seq"],
                )

    def seq(self) -> int:
        return self.last


def _subject(payload: Mapping[str, object]) -> str:
    """Return whether a note is about an activity or a criterion. Raises MalformedError for neither, or both."""
    named = SUBJECTS.keys() & payload.keys()
    if len(named) != 1:
        raise MalformedError("Une note porte sur une activité ou sur un critère.")
    return named.pop()
