"""The evaluators' operations: a sheet's scores, notes, verdicts and divergences; one's preparation notes."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import Http404

from candidates.models import Assignment, Interview
from cqp.models import Operation, User
from cqp.operations import Applied, Incoming, Malformed, Refused, StreamHandler, register, text
from evaluations.models import CompetenceVerdict, Divergence, PreparationNote, Revision, Score, ScoringSheet
from evaluations.services.chain import revise
from referentiel.models import Activity

NOTE_LIMIT = 4000


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Malformed(f"« {name} » doit être un nombre entier.")
    return value


def _sheets_of(user: User) -> QuerySet[ScoringSheet]:
    """Sheets annotated with the person's own assignment to the interview, whatever became of it."""
    mine = Assignment.objects.filter(
        interview=OuterRef("interview"),
        appointment__user=user,
        appointment__undertaking_signed_at__isnull=False,
    )
    own_signed = ScoringSheet.objects.filter(
        interview=OuterRef("interview"), assignment__appointment__user=user, state=ScoringSheet.State.SIGNED
    )
    return ScoringSheet.objects.annotate(
        my_assignment=Subquery(mine.values("pk")[:1]),
        my_state=Subquery(mine.values("state")[:1]),
        my_own_signed=Exists(own_signed),
        interview_state=F("interview__state"),
        separate=F("interview__enrolment_bloc__bloc__referentiel__separate_sheets"),
    )


@register
class SheetHandler(StreamHandler):
    """Stream `sheet:<pk>`. Kinds, with their payloads:

    score `{criterion, level}` (`level` is a value of the scale, null takes it back), note `{criterion, text}`,
    verdict `{competence, outcome, comment}` ("" takes it back), and on the joint sheet diverge
    `{criterion, level, reason}`: one's own position on a criterion without agreement. A score settles it.
    """

    kind = "sheet"

    def __init__(self, user: User, pk: int, device: str) -> None:
        super().__init__(user, pk, device)
        sheet: Any = _sheets_of(user).select_for_update(of=("self",)).filter(pk=pk).first()
        if sheet is None or sheet.my_assignment is None or not self._entitled(sheet):
            raise Http404
        self.sheet = sheet
        self.scores: dict[int, Score] = {}
        self.levels: dict[int, int] = {}
        self.verdicts: dict[int, CompetenceVerdict] = {}
        self.revisions: dict[uuid.UUID, Revision] = {}
        self.changed: dict[tuple[type, int], Any] = {}
        self.divergences: dict[int, Divergence] = {}
        self.settled: set[int] = set()
        self.has_divergences = False

    @staticmethod
    def _entitled(sheet: Any) -> bool:
        if sheet.assignment_id is not None:
            return sheet.assignment_id == sheet.my_assignment
        return sheet.my_own_signed or not sheet.separate

    def validate(self, incoming: Sequence[Incoming]) -> None:
        checks = {"score": self._check_score, "note": self._check_note, "verdict": self._check_verdict}
        if self.sheet.is_joint:
            checks["diverge"] = self._check_divergence
        if unknown := {one.kind for one in incoming} - checks.keys():
            raise Malformed(f"Opération inconnue sur cette fiche : {', '.join(sorted(unknown))}.")
        self._load(incoming)
        for one in incoming:
            checks[one.kind](one.payload)

    def _load(self, incoming: Sequence[Incoming]) -> None:
        criteria = {_whole(o.payload.get("criterion"), "criterion") for o in incoming if o.kind != "verdict"}
        if criteria:
            # One query for the rows and the scale: a row per criterion and level.
            rows = Score.objects.filter(sheet=self.sheet, criterion__in=criteria).annotate(
                level_pk=F("criterion__competence__activity__bloc__referentiel__scale_levels"),
                level_value=F("criterion__competence__activity__bloc__referentiel__scale_levels__value"),
                old_value=F("level__value"),
                diverges=Exists(Divergence.objects.filter(sheet=self.sheet, criterion=OuterRef("criterion"))),
            )
            for score in rows:
                self.scores.setdefault(score.criterion_id, score)
                self.levels[score.level_value] = score.level_pk
                self.has_divergences |= score.diverges
        competences = {_whole(o.payload.get("competence"), "competence") for o in incoming if o.kind == "verdict"}
        if competences:
            verdicts = CompetenceVerdict.objects.filter(sheet=self.sheet, competence__in=competences)
            self.verdicts = {verdict.competence_id: verdict for verdict in verdicts}

    def _check_criterion(self, payload: Mapping[str, Any]) -> None:
        if payload["criterion"] not in self.scores:
            raise Malformed("Ce critère n'appartient pas à cette fiche.")

    def _check_score(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        if payload.get("level") is not None and _whole(payload["level"], "level") not in self.levels:
            raise Malformed("Ce niveau n'est pas dans le barème.")

    def _check_note(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        text(payload.get("text"), NOTE_LIMIT, "text")

    def _check_verdict(self, payload: Mapping[str, Any]) -> None:
        if payload["competence"] not in self.verdicts:
            raise Malformed("Cette compétence n'appartient pas à cette fiche.")
        outcome = payload.get("outcome")
        if outcome not in ("", *CompetenceVerdict.Outcome.values):
            raise Malformed("L'avis doit être « acquise » ou « non acquise ».")
        if outcome and not text(payload.get("comment"), NOTE_LIMIT, "comment").strip():
            raise Malformed("Un avis différent de la règle demande un commentaire.")

    def _check_divergence(self, payload: Mapping[str, Any]) -> None:
        self._check_criterion(payload)
        if _whole(payload.get("level"), "level") not in self.levels:
            raise Malformed("Ce niveau n'est pas dans le barème.")
        if not text(payload.get("reason"), NOTE_LIMIT, "reason").strip():
            raise Malformed("Une divergence demande une raison : le jury la lira.")

    def apply(self, incoming: Incoming) -> Applied | Refused:
        if self.sheet.state == ScoringSheet.State.SIGNED:
            return Refused("La fiche est signée : cette saisie est gardée, mais ne la change pas.")
        if self.sheet.my_state != Assignment.State.ACTIVE:
            return Refused("Vous n'êtes plus évaluateur de cet entretien : cette saisie est gardée à part.")
        if self.sheet.interview_state not in (Interview.State.RUNNING, Interview.State.FINISHED):
            return Refused("L'entretien n'a pas lieu : cette saisie est gardée à part.")
        payload = dict(incoming.payload)
        revision = revise(self.sheet, incoming.kind, payload, by=self.user)
        self.revisions[incoming.key] = revision
        replaced = getattr(self, f"_apply_{incoming.kind}")(payload, incoming.base_seq)
        return Applied(revision.seq, replaced)

    def _apply_score(self, payload: dict[str, Any], base_seq: int) -> dict[str, Any] | None:
        score: Any = self.scores[payload["criterion"]]
        old, value = score.old_value, payload.get("level")
        replaced = self._replaced(score, base_seq, {"level": old}) if old != value else None
        score.level_id = None if value is None else self.levels[value]
        score.old_value = value
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
            assignment_id=self.sheet.my_assignment,
            level_id=self.levels[payload["level"]],
            reason=payload["reason"].strip(),
            seq=self.sheet.seq,
        )
        self.settled.discard(criterion)
        score: Any = self.scores[criterion]
        if score.level_id is not None:
            score.level_id = score.old_value = None
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
            Score.objects.bulk_update(scores, ["level", "note", "seq", "device"])
        if verdicts := [obj for (model, _), obj in self.changed.items() if model is CompetenceVerdict]:
            CompetenceVerdict.objects.bulk_update(verdicts, ["outcome", "comment", "seq"])
        if self.divergences or self.has_divergences:
            self._flush_divergences()
        ScoringSheet.objects.filter(pk=self.sheet.pk).update(
            seq=self.sheet.seq, head=self.sheet.head, content_seq=self.sheet.content_seq
        )

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


@register
class PreparationHandler(StreamHandler):
    """Stream `preparation:<assignment>`: note `{activity, text}`, seen by its author alone."""

    kind = "preparation"

    def __init__(self, user: User, pk: int, device: str) -> None:
        super().__init__(user, pk, device)
        assignment = (
            Assignment.objects.select_for_update(of=("self",))
            .select_related("interview__enrolment_bloc")
            .filter(pk=pk, appointment__user=user, appointment__undertaking_signed_at__isnull=False)
            .first()
        )
        if assignment is None:
            raise Http404
        self.assignment = assignment
        self.notes: dict[int, PreparationNote] = {}
        self.last = 0

    def validate(self, incoming: Sequence[Incoming]) -> None:
        for one in incoming:
            if one.kind != "note":
                raise Malformed(f"Opération inconnue sur ces notes : {one.kind}.")
            text(one.payload.get("text"), NOTE_LIMIT, "text")
        asked = {_whole(one.payload.get("activity"), "activity") for one in incoming}
        known = Activity.objects.filter(bloc=self.assignment.interview.enrolment_bloc.bloc_id, pk__in=asked)
        if len(asked) != known.count():
            raise Malformed("Cette activité n'appartient pas à cet entretien.")
        notes = list(self.assignment.preparation_notes.all())
        self.notes = {note.activity_id: note for note in notes}
        self.last = max((note.seq for note in notes), default=0)

    def apply(self, incoming: Incoming) -> Applied | Refused:
        if self.assignment.state != Assignment.State.ACTIVE:
            return Refused("Vous n'êtes plus évaluateur de cet entretien : cette note est gardée à part.")
        activity = incoming.payload["activity"]
        note = self.notes.setdefault(activity, PreparationNote(assignment=self.assignment, activity_id=activity))
        self.last += 1
        note.text, note.seq = incoming.payload["text"], self.last
        return Applied(self.last)

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        PreparationNote.objects.bulk_create(
            self.notes.values(),
            update_conflicts=True,
            unique_fields=["assignment", "activity"],
            update_fields=["text", "seq"],
        )

    def seq(self) -> int:
        return self.last
