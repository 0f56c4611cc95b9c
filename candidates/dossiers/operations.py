"""The operations of a candidate's dossier: the answers typed on line."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404
from django.utils import timezone

from candidates.dossiers import markup
from candidates.dossiers.deposit import DepositRefused, check_can_change, lock_dossier
from candidates.models import Answer, Dossier
from cqp.evidence import journal
from cqp.models import Operation, User
from cqp.operations.hooks import Applied, Incoming, MalformedError, Refused, StreamHandler, parse_int, parse_text


class DossierHandler(StreamHandler):
    """Stream `dossier:<pk>`: answer `{heading, text}`, by the candidate alone.

    The text has marks: see `candidates.dossiers.markup`.
    """

    kind = "dossier"

    def __init__(self, user: User, pk: int, device: str, kinds: frozenset[str]) -> None:
        super().__init__(user, pk, device, kinds)
        own = Dossier.objects.filter(pk=pk, enrolment_bloc__enrolment__candidate__user=user).first()
        if own is None:
            raise Http404
        self.dossier = lock_dossier(own)
        self.now = timezone.now()
        self.refusal = self._refusal()
        self.positions: dict[int, int] = {}
        self.answers: dict[int, Answer] = {}
        self.before: dict[int, str] = {}
        self.devices: dict[int, str] = {}
        self.written: set[int] = set()

    def _refusal(self) -> str:
        try:
            check_can_change(self.dossier, self.user, self.now)
        except DepositRefused as refused:
            return refused.message
        return ""

    def validate(self, incoming: Sequence[Incoming]) -> None:
        self.positions = {item.pk: item.position for item in self.dossier.enrolment_bloc.bloc.trame_items.all()}
        self.answers = {answer.trame_item_id: answer for answer in self.dossier.answers.all()}
        self.before = {heading: answer.text for heading, answer in self.answers.items()}
        for operation in incoming:
            if operation.kind != "answer":
                raise MalformedError(f"Opération inconnue sur ce dossier : {operation.kind}.")
            if parse_int(operation.payload.get("heading"), "heading") not in self.positions:
                raise MalformedError("Cette rubrique n'appartient pas à ce dossier.")
            parse_text(operation.payload.get("text"), markup.LIMIT, "text")
        self._load_devices(incoming)

    def _load_devices(self, incoming: Sequence[Incoming]) -> None:
        """Read which devices wrote the answers that these operations had not seen, by rank."""
        touched = [(self.answers.get(operation.payload["heading"]), operation.base_seq) for operation in incoming]
        unseen = {answer.seq for answer, base_seq in touched if answer and answer.seq > base_seq}
        if unseen:
            applied = Operation.objects.filter(
                stream=f"{self.kind}:{self.pk}", status=Operation.Status.APPLIED, seq__in=unseen
            )
            self.devices = {seq: device for seq, device in applied.values_list("seq", "device") if seq is not None}

    def apply(self, incoming: Incoming) -> Applied | Refused:
        if self.refusal:
            return Refused(self.refusal)
        heading, new_text = incoming.payload["heading"], markup.normalise(incoming.payload["text"])
        answer = self.answers.setdefault(heading, Answer(dossier=self.dossier, trame_item_id=heading))
        replaced = self._replaced(answer, new_text, incoming.base_seq)
        self.dossier.seq += 1
        answer.text, answer.seq, answer.changed_at = new_text, self.dossier.seq, self.now
        self.written.add(heading)
        return Applied(answer.seq, replaced)

    def _replaced(self, answer: Answer, new_text: str, base_seq: int) -> dict[str, Any] | None:
        """Return the text put aside when another device wrote it after what this one had seen."""
        stale = answer.seq > base_seq and self.devices.get(answer.seq, self.device) != self.device
        if not stale or not answer.text or answer.text == new_text:
            return None
        return {"heading": answer.trame_item_id, "text": answer.text}

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        if not self.written:
            return
        Answer.objects.bulk_create(
            [self.answers[heading] for heading in self.written],
            update_conflicts=True,
            unique_fields=["dossier", "trame_item"],
            update_fields=["text", "seq", "changed_at"],
        )
        Dossier.objects.filter(pk=self.dossier.pk).update(seq=self.dossier.seq)
        self._record_headings()
        self.written.clear()

    def _record_headings(self) -> None:
        """Note in the journal which headings now have an answer, or no longer; never the text."""
        had = {heading: bool(self.before.get(heading)) for heading in self.written}
        for verb, has in (("dossier.answered", True), ("dossier.answer_emptied", False)):
            changed = [h for h, before in had.items() if before != has and bool(self.answers[h].text) == has]
            if changed:
                headings = sorted(self.positions[heading] for heading in changed)
                payload = {"dossier": self.dossier.pk, "headings": headings}
                journal.record(self.dossier.enrolment_bloc.enrolment.stream, verb, payload, by=self.user)

    def seq(self) -> int:
        return self.dossier.seq
