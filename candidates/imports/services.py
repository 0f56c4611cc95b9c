"""An import: a file is sent, its columns are named, what it would do is read, then it is done, row by row, in the worker."""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from candidates.appointments.services import AlreadyAppointedError, Appointee, affiliate, appoint
from candidates.enrolments.services import AlreadyEnrolledError, enrol, update_enrolment
from candidates.imports.evaluator_rows import add_availability
from candidates.imports.kinds import KINDS
from candidates.imports.rows import ACTS, RowPlan
from candidates.models import Candidate, HeldBloc, Import, Session
from candidates.sessions.permissions import administers
from cqp.core.task_retries import to_requeue
from cqp.evidence import journal
from cqp.models import User
from cqp.spreadsheets.columns import Reading, check_rows, read_sent, row_text
from cqp.spreadsheets.reading import SpreadsheetRefused

RETENTION = dt.timedelta(days=30)
# What people choose of an import: what it would do depends on it.
CHOSEN = ("sheet", "header", "mapping", "choices", "accepted")


@dataclass(frozen=True)
class ImportPreview:
    """What an import would do, row by row, and how its columns are understood."""

    reading: Reading
    plans: list[RowPlan]

    def count(self, *stages: str) -> int:
        return sum(plan.stage in stages for plan in self.plans)

    @property
    def ready(self) -> list[RowPlan]:
        """The rows that would do something."""
        return [plan for plan in self.plans if plan.stage in ACTS]

    @property
    def open_doubts(self) -> set[str]:
        """The ids of the doubts that rows wait for."""
        doubts = (doubt for plan in self.plans if plan.stage == "check" for doubt in plan.doubts)
        return {doubt.id for doubt in doubts if not doubt.is_accepted}

    @property
    def digest(self) -> str:
        """What all doubts together are known by: whoever agrees to all of them has seen these."""
        return hashlib.sha256(" ".join(sorted(self.open_doubts)).encode()).hexdigest()


def start_import(*, session: Session, kind: str, name: str, content: bytes, by: User) -> Import:
    """Keep a file that can be read as a table. Raises ValidationError, PermissionError."""
    if not administers(by, session):
        raise PermissionError("Only an administrator of the branch imports.")
    try:
        check_rows(content, KINDS[kind].columns(session))
    except SpreadsheetRefused as bad:
        raise ValidationError({"file": bad.message}) from bad
    return Import.objects.create(
        branch_id=session.branch_id, session=session, kind=kind, name=name[:200], content=content, created_by=by
    )


def preview_import(import_: Import) -> ImportPreview:
    """Return what an import would do now: nothing is written."""
    sessions = Session.objects.select_related("referentiel", "branch").prefetch_related("referentiel__blocs")
    session = sessions.get(pk=import_.session_id)
    kind = KINDS[import_.kind]
    reading = read_sent(import_, kind.columns(session))
    plans = kind.plan_rows(session, reading.rows(), import_.choices)
    accepted = frozenset(import_.accepted)
    for plan in plans:
        plan.read_doubts(accepted)
    return ImportPreview(reading, plans)


def set_columns(*, import_: Import, mapping: Mapping[str, int] | None, sheet: str, header: int, by: User) -> None:
    """Say which sheet, which header row (0: as it is found) and which column is which (None: as proposed)."""
    with transaction.atomic():
        locked = _draft(import_, by)
        locked.sheet, locked.header, locked.mapping = sheet, header, mapping
        locked.save(update_fields=["sheet", "header", "mapping"])


def resolve_duplicates(*, import_: Import, choices: Mapping[str, str], by: User) -> None:
    """Say, of the rows that resemble somebody, whether they are that person."""
    with transaction.atomic():
        locked = _draft(import_, by)
        locked.choices = locked.choices | {row: who for row, who in choices.items() if who in ("same", "other")}
        locked.save(update_fields=["choices"])


def accept_readings(*, import_: Import, ids: Iterable[str], by: User) -> None:
    """Agree to how rows were read where there was a doubt. ids: of these doubts; others are left out."""
    known = {doubt.id for plan in preview_import(import_).plans for doubt in plan.doubts}
    with transaction.atomic():
        locked = _draft(import_, by)
        locked.accepted = sorted({*locked.accepted, *(known & set(ids))})
        locked.save(update_fields=["accepted"])


def accept_all_readings(*, import_: Import, digest: str, by: User) -> None:
    """Agree to all doubts at once. digest: `ImportPreview.digest` of what the person has seen. Raises ValidationError."""
    preview = preview_import(import_)
    if digest != preview.digest:
        raise ValidationError("Ce qui est à vérifier a changé entre-temps : relisez-le, puis acceptez-le.")
    accept_readings(import_=import_, ids=preview.open_doubts, by=by)


def apply_import(*, import_: Import, by: User) -> None:
    """Have the worker do the rows that are right; the others stay to be corrected. Raises ValidationError."""
    # The file is opened in a box, which may take a while: no row is locked meanwhile.
    ready = preview_import(import_).ready
    with transaction.atomic():
        imported = _draft(import_, by)
        if any(getattr(imported, name) != getattr(import_, name) for name in CHOSEN):
            raise ValidationError(
                "Les colonnes, les doublons ou les lectures acceptées ont été changés entre-temps : "
                "relisez ce qui sera fait."
            )
        if not ready:
            raise ValidationError("Aucune ligne n'est à enregistrer.")
        imported.state, imported.total, imported.done = Import.State.WAITING, len(ready), 0
        imported.result = {"asked": [plan.row.number for plan in ready]}
        imported.save(update_fields=["state", "total", "done", "result"])
        payload = {"kind": imported.kind, "file": imported.name, "rows": imported.total}
        journal.record(Session(pk=imported.session_id).stream, "import.asked", payload, by=by)
        run_import.enqueue(imported.pk)


def _draft(import_: Import, by: User) -> Import:
    locked = Import.objects.select_for_update(of=("self",)).select_related("session").get(pk=import_.pk)
    if not administers(by, locked.session):
        raise PermissionError("Only an administrator of the branch imports.")
    if locked.state != Import.State.DRAFT:
        raise ValidationError("Cet import est déjà lancé.")
    return locked


@task
def run_import(pk: int) -> None:
    """Do the rows of an import. What was done already is found unchanged: interrupted, it goes on where it was."""
    import_ = Import.objects.select_related("created_by").filter(pk=pk).exclude(state=Import.State.DONE).first()
    if import_ is None:
        return
    Import.objects.filter(pk=pk).update(state=Import.State.RUNNING)
    result: dict[str, Any] = {"create": 0, "enrol": 0, "update": 0, "refused": []} | import_.result
    preview = preview_import(import_)
    ready, left_out = preview.ready, _left_out(preview, result.get("asked", ()))
    for rank, plan in enumerate(ready, 1):
        try:
            HANDLERS[import_.kind](import_, plan)
            result[plan.act] += 1
        except ValidationError as refused:
            result["refused"].append([plan.row.number, plan.who, " ".join(refused.messages)])
        Import.objects.filter(pk=pk).update(done=import_.total - len(ready) + rank, result=result)
    result["refused"] += left_out
    result.pop("asked", None)
    Import.objects.filter(pk=pk).update(
        state=Import.State.DONE, done=import_.total, finished_at=timezone.now(), result=result
    )


def _left_out(preview: ImportPreview, asked: Collection[int]) -> list[list[Any]]:
    """Return the rows that were confirmed, and that cannot be done any more: the branch changed since."""
    return [
        [
            plan.row.number,
            plan.who,
            row_text(plan.row) or "la branche a changé entre-temps : envoyez cette ligne de nouveau",
        ]
        for plan in preview.plans
        if plan.row.number in asked and plan.stage in ("refused", "choose", "check")
    ]


def _save_candidate(import_: Import, plan: RowPlan) -> None:
    if plan.act == "update":
        update_enrolment(enrolment=plan.target, by=import_.created_by, **plan.arguments)
        return
    try:
        enrol(session=import_.session, by=import_.created_by, **plan.arguments)
    except AlreadyEnrolledError:
        return  # by somebody else, meanwhile


def _save_evaluator(import_: Import, plan: RowPlan) -> None:
    values = dict(plan.arguments)
    hours, blocs = values.pop("hours"), values.pop("blocs", None)
    limits = {name: values.pop(name) for name in ("is_reserve", "at_most_per_day") if name in values}
    person = Appointee(**values)
    with transaction.atomic():
        try:
            appointment = appoint(session=import_.session, person=person, role="evaluator", by=import_.created_by)
        except AlreadyAppointedError as known:
            appointment = known.appointment
            affiliate(
                appointment.user, import_.branch_id, employer=person.employer, training_centre=person.training_centre
            )
        for name, value in limits.items():
            setattr(appointment, name, value)
        if limits:
            appointment.save(update_fields=list(limits))
        if blocs is not None:
            appointment.blocs.set(blocs)
        add_availability(appointment, hours)


def _save_held_bloc(import_: Import, plan: RowPlan) -> None:
    values = plan.arguments
    with transaction.atomic():
        person = plan.target
        if person is None:
            year, month, day = values["birth"]
            identity = {"birth_year": year, "birth_month": month, "birth_day": day, "sex": values["sex"]}
            names = {"birth_name": values["birth_name"], "first_names": values["first_names"]}
            person, _ = Candidate.objects.get_or_create(branch_id=import_.branch_id, **names, **identity)
        HeldBloc.objects.get_or_create(
            candidate=person,
            bloc=values["bloc"],
            obtained_on=values["obtained_on"],
            defaults={
                "source": HeldBloc.Source.EXTERNAL,
                "valid_until": values.get("valid_until"),
                "proof": values.get("proof", ""),
                "noted_by": import_.created_by,
            },
        )
        payload = {"candidate": person.pk, "bloc": values["bloc"].code, "obtained_on": str(values["obtained_on"])}
        journal.record(Session(pk=import_.session_id).stream, "held_bloc.noted", payload, by=import_.created_by)


HANDLERS: dict[str, Callable[[Import, RowPlan], None]] = {
    Import.Kind.CANDIDATES: _save_candidate,
    Import.Kind.EVALUATORS: _save_evaluator,
    Import.Kind.HELD_BLOCS: _save_held_bloc,
}


def requeue_imports() -> int:
    """Take up the imports that a worker left, and forget those of a month ago. Return how many were taken up."""
    Import.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()
    waiting = Import.objects.filter(state__in=(Import.State.WAITING, Import.State.RUNNING))
    left = to_requeue(run_import, waiting.values_list("pk", flat=True))
    for pk in left:
        run_import.enqueue(pk)
    return len(left)
