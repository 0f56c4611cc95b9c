"""An import: a file is sent, its columns are told, what it would do is read, then it is done, row by row, in the worker."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from candidates.imports import KINDS
from candidates.imports.evaluators import availabilities
from candidates.imports.planned import Planned
from candidates.models import Candidate, HeldBloc, Import, Session
from candidates.permissions import administers
from candidates.services.appointments import AlreadyAppointed, appoint
from candidates.services.enrolments import AlreadyEnrolled, enrol, update_enrolment
from cqp import journal, spreadsheets
from cqp.imports import Reading, read_sent
from cqp.models import User
from cqp.retries import to_ask_again

KEPT_FOR = dt.timedelta(days=30)
REFUSED = {"refused", "choose"}


@dataclass(frozen=True)
class DryRun:
    """What an import would do, row by row, and how its columns are understood."""

    reading: Reading
    planned: list[Planned]

    def count(self, *acts: str) -> int:
        return sum(one.act in acts for one in self.planned)

    @property
    def ready(self) -> list[Planned]:
        """The rows that would do something."""
        return [one for one in self.planned if one.act not in (*REFUSED, "same")]


def start_import(*, session: Session, kind: str, name: str, content: bytes, by: User) -> Import:
    """Keep a file that can be read as a table. Raises ValidationError, PermissionError."""
    if not administers(by, session):
        raise PermissionError("Only an administrator of the branch imports.")
    try:
        spreadsheets.read(content)
    except spreadsheets.BadSpreadsheet as bad:
        raise ValidationError({"file": bad.message}) from bad
    return Import.objects.create(
        branch_id=session.branch_id, session=session, kind=kind, name=name[:200], content=content, created_by=by
    )


def dry_run(found: Import) -> DryRun:
    """Return what an import would do now: nothing is written."""
    sessions = Session.objects.select_related("referentiel", "branch").prefetch_related("referentiel__blocs")
    session = sessions.get(pk=found.session_id)
    kind = KINDS[found.kind]
    reading = read_sent(found, kind.columns(session))
    return DryRun(reading, kind.plan(session, reading.rows(), found.choices))


def set_columns(*, found: Import, mapping: Mapping[str, int] | None, sheet: str, header: int, by: User) -> None:
    """Say which sheet, which header row (0: as it is found) and which column is which (None: as proposed)."""
    with transaction.atomic():
        locked = _draft(found, by)
        locked.sheet, locked.header, locked.mapping = sheet, header, mapping
        locked.save(update_fields=["sheet", "header", "mapping"])


def choose(*, found: Import, choices: Mapping[str, str], by: User) -> None:
    """Say, of the rows that resemble somebody, whether they are that person."""
    with transaction.atomic():
        locked = _draft(found, by)
        locked.choices = locked.choices | {row: one for row, one in choices.items() if one in ("same", "other")}
        locked.save(update_fields=["choices"])


def apply_import(*, found: Import, by: User) -> None:
    """Have the worker do the rows that are right; the others stay to be corrected. Raises ValidationError."""
    with transaction.atomic():
        imported = _draft(found, by)
        planned = dry_run(imported)
        if not planned.ready:
            raise ValidationError("Aucune ligne n'est à enregistrer.")
        imported.state, imported.total, imported.done = Import.State.WAITING, len(planned.ready), 0
        imported.save(update_fields=["state", "total", "done"])
        told = {"kind": imported.kind, "file": imported.name, "rows": imported.total}
        journal.record(f"session:{imported.session_id}", "import.asked", told, by=by)
        run_import.enqueue(imported.pk)


def _draft(found: Import, by: User) -> Import:
    locked = Import.objects.select_for_update(of=("self",)).select_related("session").get(pk=found.pk)
    if not administers(by, locked.session):
        raise PermissionError("Only an administrator of the branch imports.")
    if locked.state != Import.State.DRAFT:
        raise ValidationError("Cet import est déjà lancé.")
    return locked


@task
def run_import(pk: int) -> None:
    """Do the rows of an import. What was done already is found unchanged: interrupted, it goes on where it was."""
    found = Import.objects.select_related("created_by").filter(pk=pk).exclude(state=Import.State.DONE).first()
    if found is None:
        return
    Import.objects.filter(pk=pk).update(state=Import.State.RUNNING)
    result: dict[str, Any] = {"create": 0, "enrol": 0, "update": 0, "refused": []} | found.result
    ready = dry_run(found).ready
    for one in ready:
        try:
            ACTS[found.kind](found, one)
            result[one.act] += 1
        except ValidationError as refused:
            result["refused"].append([one.row.number, one.who, " ".join(refused.messages)])
        Import.objects.filter(pk=pk).update(done=found.total - len(ready) + ready.index(one) + 1, result=result)
    Import.objects.filter(pk=pk).update(
        state=Import.State.DONE, done=found.total, finished_at=timezone.now(), result=result
    )


def _candidate(found: Import, one: Planned) -> None:
    if one.act == "update":
        update_enrolment(enrolment=one.target, by=found.created_by, **one.arguments)
        return
    try:
        enrol(session=found.session, by=found.created_by, **one.arguments)
    except AlreadyEnrolled:
        return  # by somebody else, meanwhile


def _evaluator(found: Import, one: Planned) -> None:
    values = dict(one.arguments)
    hours, blocs = values.pop("hours"), values.pop("blocs", None)
    plan = {name: values.pop(name) for name in ("is_reserve", "at_most_per_day") if name in values}
    with transaction.atomic():
        try:
            appointment = appoint(session=found.session, by=found.created_by, role="evaluator", **values)
        except AlreadyAppointed as known:
            appointment = known.appointment
        for name, value in plan.items():
            setattr(appointment, name, value)
        if plan:
            appointment.save(update_fields=list(plan))
        if blocs is not None:
            appointment.blocs.set(blocs)
        availabilities(appointment, hours)


def _held_bloc(found: Import, one: Planned) -> None:
    values = one.arguments
    with transaction.atomic():
        person = one.target
        if person is None:
            year, month, day = values["birth"]
            identity = {"birth_year": year, "birth_month": month, "birth_day": day, "sex": values["sex"]}
            names = {"birth_name": values["birth_name"], "first_names": values["first_names"]}
            person, _ = Candidate.objects.get_or_create(branch_id=found.branch_id, **names, **identity)
        HeldBloc.objects.get_or_create(
            candidate=person,
            bloc=values["bloc"],
            obtained_on=values["obtained_on"],
            defaults={
                "source": HeldBloc.Source.EXTERNAL,
                "valid_until": values.get("valid_until"),
                "proof": values.get("proof", ""),
                "noted_by": found.created_by,
            },
        )
        told = {"candidate": person.pk, "bloc": values["bloc"].code, "obtained_on": str(values["obtained_on"])}
        journal.record(f"session:{found.session_id}", "held_bloc.noted", told, by=found.created_by)


ACTS: dict[str, Callable[[Import, Planned], None]] = {
    Import.Kind.CANDIDATES: _candidate,
    Import.Kind.EVALUATORS: _evaluator,
    Import.Kind.HELD_BLOCS: _held_bloc,
}


def import_again() -> int:
    """Take up the imports that a worker left, and forget those of a month ago. Return how many were taken up."""
    Import.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    waiting = Import.objects.filter(state__in=(Import.State.WAITING, Import.State.RUNNING))
    asked = to_ask_again(run_import, waiting.values_list("pk", flat=True))
    for pk in asked:
        run_import.enqueue(pk)
    return len(asked)
