"""The operations of a sheet: its scores, notes, verdicts and divergences; the half hour's acts; its signature."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from candidates.models import Assignment, Interview
from cqp.evidence.chain import HEAD_FIELDS
from cqp.models import Operation, User
from cqp.operations.hooks import Applied, Incoming, MalformedError, Refused, StreamHandler, parse_int, parse_text
from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import revise
from evaluations.models import CompetenceVerdict, Divergence, Revision, Score, ScoringSheet
from evaluations.preparation.operations import NOTE_LIMIT
from evaluations.sheets.operations_interview import ACTS, Course, refusal_text
from evaluations.sheets.queries import SheetSnapshot
from evaluations.sheets.services import SheetChangedError, sign_sheet

CHANGED = "La fiche n'est plus celle que vous avez relue : relisez-la telle qu'elle est maintenant, puis signez."


def own_sheet(user: User, pk: int) -> QuerySet[ScoringSheet]:
    """Return this sheet if it is the person's own: what most saves are about, without the cost of finding the others."""
    return ScoringSheet.objects.filter(
        pk=pk, assignment__appointment__user=user, assignment__appointment__undertaking_signed_at__isnull=False
    )


def entitled_sheets(user: User) -> QuerySet[ScoringSheet]:
    """Return the sheets on which `user` scores or scored: their own, the joint one once theirs is signed.

    Each has `my_assignment`: their own assignment to the interview, whatever became of it, and `my_state`, its state.
    """
    mine = Assignment.objects.filter(
        interview=OuterRef("interview"),
        appointment__user=user,
        appointment__undertaking_signed_at__isnull=False,
    )
    own_signed = ScoringSheet.objects.filter(
        interview=OuterRef("interview"), assignment__appointment__user=user, state=ScoringSheet.State.SIGNED
    )
    direct = Q(interview__enrolment_bloc__bloc__referentiel__separate_sheets=False)
    joint = Q(assignment=None, my_assignment__isnull=False) & (direct | Exists(own_signed))
    return ScoringSheet.objects.annotate(
        my_assignment=Subquery(mine.values("pk")[:1]), my_state=Subquery(mine.values("state")[:1])
    ).filter(Q(assignment=F("my_assignment")) | joint)


def _update(rows: list[Any], fields: list[str]) -> None:
    """Write these fields of rows that exist. As one upsert: Django builds it five times faster than a bulk_update."""
    type(rows[0]).objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


class SheetHandler(StreamHandler):
    """Stream `sheet:<pk>`. Kinds, with their payloads:

    score `{criterion, level}` (`level` is a value of the scale, null takes it back), note `{criterion, text}`,
    verdict `{competence, outcome, comment}` ("" takes it back), and on the joint sheet diverge
    `{criterion, level, reason}`: one's own position on a criterion without agreement. A score settles it.
    The half hour's acts: see `operations_interview.py`. On one's own sheet, sign `{digest}` of what was read.
    """

    kind = "sheet"
    alone = frozenset({"sign"})

    def __init__(self, user: User, pk: int, device: str, kinds: frozenset[str]) -> None:
        super().__init__(user, pk, device, kinds)
        self.course: Course | None = None
        self.assignment = 0
        self.sheet = self._lock(own_sheet(user, pk), "assignment_id", kinds)
        if self.sheet is None:
            self.sheet = self._lock(entitled_sheets(user).filter(pk=pk), "my_assignment", kinds)
        if self.sheet is None:
            raise Http404
        self.interview_state = self.course.interview.state if self.course else ""
        self.my_state = self.course.assignment.state if self.course else ""
        self.scores: dict[int, Score] = {}
        self.values: dict[int, int | None] = {}
        self.levels: dict[int, int] = {}
        self.verdicts: dict[int, CompetenceVerdict] = {}
        self.revisions: dict[uuid.UUID, Revision] = {}
        self.changed: dict[tuple[type, int], Any] = {}
        self.divergences: dict[int, Divergence] = {}
        self.settled: set[int] = set()
        self.has_divergences = False

    def _lock(self, sheets: QuerySet[Any], mine: str, kinds: frozenset[str]) -> Any:
        """Lock and return the only sheet, or None. mine: its field for the person's assignment, read into `assignment`."""
        if kinds & {"sign", *ACTS}:
            # In the services' order: the session, the interview, the sheet. Other saves lock the sheet alone.
            assignment = sheets.values_list(mine, flat=True).first()
            self.course = Course(assignment, self.user) if assignment else None
        for sheet in sheets.select_for_update(of=("self",)):
            self.assignment = getattr(sheet, mine)
            return sheet
        return None

    def validate(self, incoming: Sequence[Incoming]) -> None:
        checks = {"score": self._check_score, "note": self._check_note, "verdict": self._check_verdict, **ACTS}
        checks["diverge" if self.sheet.is_joint else "sign"] = (
            self._check_divergence if self.sheet.is_joint else self._check_signature
        )
        if unknown := {operation.kind for operation in incoming} - checks.keys():
            raise MalformedError(f"Opération inconnue sur cette fiche : {', '.join(sorted(unknown))}.")
        self._read(incoming)
        for operation in incoming:
            checks[operation.kind](operation.payload)

    def _read(self, incoming: Sequence[Incoming]) -> None:
        """Read what the batch touches, and whether it may."""
        on_criteria = [operation for operation in incoming if operation.kind in ("score", "note", "diverge")]
        on_competences = [operation for operation in incoming if operation.kind == "verdict"]
        snapshot = SheetSnapshot.read(
            self.sheet,
            self.assignment,
            {parse_int(operation.payload.get("criterion"), "criterion") for operation in on_criteria},
            {parse_int(operation.payload.get("competence"), "competence") for operation in on_competences},
        )
        self.scores, self.values, self.levels = snapshot.scores, snapshot.values, snapshot.levels
        self.verdicts, self.has_divergences = snapshot.verdicts, snapshot.has_divergences
        if snapshot.states:
            self.interview_state, self.my_state = snapshot.states

    def _check_criterion(self, payload: Mapping[str, Any]) -> None:
        if payload["criterion"] not in self.scores:
            raise MalformedError("Ce critère n'appartient pas à cette fiche.")

    def _check_score(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        if payload.get("level") is not None and parse_int(payload["level"], "level") not in self.levels:
            raise MalformedError("Ce niveau n'est pas dans le barème.")

    def _check_note(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        parse_text(payload.get("text"), NOTE_LIMIT, "text")

    def _check_verdict(self, payload: Mapping[str, Any]) -> None:
        if payload["competence"] not in self.verdicts:
            raise MalformedError("Cette compétence n'appartient pas à cette fiche.")
        outcome = payload.get("outcome")
        if outcome not in ("", *CompetenceVerdict.Outcome.values):
            raise MalformedError("L'avis doit être « acquise » ou « non acquise ».")
        if outcome and not parse_text(payload.get("comment"), NOTE_LIMIT, "comment").strip():
            raise MalformedError("Un avis différent de la règle demande un commentaire.")

    def _check_divergence(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        if parse_int(payload.get("level"), "level") not in self.levels:
            raise MalformedError("Ce niveau n'est pas dans le barème.")
        if not parse_text(payload.get("reason"), NOTE_LIMIT, "reason").strip():
            raise MalformedError("Une divergence demande une raison : le jury la lira.")

    def _check_signature(self, payload: Mapping[str, Any]) -> None:
        parse_text(payload.get("digest"), 64, "digest")

    def apply(self, incoming: Incoming) -> Applied | Refused:
        if self.my_state != Assignment.State.ACTIVE:
            return Refused("Vous n'êtes plus évaluateur de cet entretien : cette saisie est gardée à part.")
        if incoming.kind == "sign":
            return self._sign(incoming)
        if self.sheet.state == ScoringSheet.State.SIGNED:
            return Refused("La fiche est signée : cette saisie est gardée, mais ne la change pas.")
        payload = dict(incoming.payload)
        if incoming.kind in ACTS:
            return self._act(incoming, payload)
        if self.interview_state not in (Interview.State.RUNNING, Interview.State.FINISHED):
            return Refused("L'entretien n'a pas lieu : cette saisie est gardée à part.")
        revision = revise(self.sheet, incoming.kind, payload, by=self.user)
        self.revisions[incoming.key] = revision
        replaced = getattr(self, f"_apply_{incoming.kind}")(payload, incoming.base_seq)
        return Applied(revision.seq, replaced)

    def _act(self, incoming: Incoming, payload: dict[str, Any]) -> Applied | Refused:
        assert self.course is not None
        if refused := self.course.apply(incoming):
            return refused
        self.interview_state = self.course.interview.state
        act_payload = payload | {"at": incoming.at.isoformat()}
        self.revisions[incoming.key] = revision = revise(self.sheet, incoming.kind, act_payload, by=self.user)
        return Applied(revision.seq)

    def _sign(self, incoming: Incoming) -> Applied | Refused:
        try:
            signed = sign_sheet(self.sheet, by=self.user, shown=incoming.payload["digest"], at=incoming.at)
        except SheetChangedError:
            return Refused(CHANGED)
        except TransitionRefused as refused:
            return Refused(refusal_text(refused))
        for name in ("state", *HEAD_FIELDS, "content_seq"):
            setattr(self.sheet, name, getattr(signed, name))
        return Applied(self.sheet.seq)

    def _apply_score(self, payload: dict[str, Any], base_seq: int) -> dict[str, Any] | None:
        score, value = self.scores[payload["criterion"]], payload.get("level")
        old = self.values[score.criterion_id]
        replaced = self._replaced(score, base_seq, {"level": old}) if old != value else None
        score.level_id = None if value is None else self.levels[value]
        self.values[score.criterion_id] = value
        self._touch(score)
        self.settled.add(score.criterion_id)
        self.divergences.pop(score.criterion_id, None)
        return replaced

    def _apply_note(self, payload: dict[str, Any], base_seq: int) -> dict[str, Any] | None:
        score = self.scores[payload["criterion"]]
        changed = score.note and score.note != payload["text"]
        replaced = self._replaced(score, base_seq, {"text": score.note}) if changed else None
        score.note = payload["text"]
        self._touch(score)
        return replaced

    def _apply_verdict(self, payload: dict[str, Any], base_seq: int) -> None:
        verdict = self.verdicts[payload["competence"]]
        verdict.outcome = payload["outcome"]
        verdict.comment = payload.get("comment", "") if verdict.outcome else ""
        verdict.seq = self.sheet.seq
        self.changed[CompetenceVerdict, verdict.pk] = verdict

    def _apply_diverge(self, payload: dict[str, Any], base_seq: int) -> None:
        criterion = payload["criterion"]
        self.divergences[criterion] = Divergence(
            sheet=self.sheet,
            criterion_id=criterion,
            assignment_id=self.assignment,
            level_id=self.levels[payload["level"]],
            reason=payload["reason"].strip(),
            seq=self.sheet.seq,
        )
        self.settled.discard(criterion)
        score = self.scores[criterion]
        if score.level_id is not None:
            score.level_id = self.values[criterion] = None
            self._touch(score)

    def _replaced(self, score: Score, base_seq: int, old: dict[str, Any]) -> dict[str, Any] | None:
        """Return the value put aside when another device changed it after what this one had seen."""
        stale = score.seq > base_seq and score.device != self.device
        return {"criterion": score.criterion_id, **old} if stale else None

    def _touch(self, score: Score) -> None:
        score.seq, score.device = self.sheet.seq, self.device
        self.changed[Score, score.pk] = score

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        if not self.revisions:
            return
        for key, revision in self.revisions.items():
            revision.operation = operations[key]
        Revision.objects.bulk_create(self.revisions.values())
        if scores := [obj for (model, _), obj in self.changed.items() if model is Score]:
            _update(scores, ["level", "note", "seq", "device"])
        if verdicts := [obj for (model, _), obj in self.changed.items() if model is CompetenceVerdict]:
            _update(verdicts, ["outcome", "comment", "seq"])
        if self.divergences or self.has_divergences:
            self._flush_divergences()
        ScoringSheet.objects.filter(pk=self.sheet.pk).update(
            **{name: getattr(self.sheet, name) for name in (*HEAD_FIELDS, "content_seq")}
        )
        for written in (self.revisions, self.changed, self.divergences, self.settled):
            written.clear()

    def _flush_divergences(self) -> None:
        if self.settled:
            Divergence.objects.filter(sheet=self.sheet, criterion__in=self.settled).delete()
        if self.divergences:
            Divergence.objects.bulk_create(
                self.divergences.values(),
                update_conflicts=True,
                unique_fields=["sheet", "criterion", "assignment"],
                update_fields=["level", "reason", "seq"],
            )

    def seq(self) -> int:
        return self.sheet.seq
