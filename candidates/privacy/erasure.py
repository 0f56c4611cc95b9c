"""A person is erased, once the retention period is over, or because they ask for it before anything was decided.

One transaction for each candidate; files go once it is committed, and a run that was cut is finished by the next one.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError

from candidates.models import Candidate, Dossier, Erasure, Interview, Session
from candidates.privacy.erasure_context import Erasing, Names, begin_erasure, unnamed
from candidates.privacy.hooks import erasure_parts
from candidates.privacy.retention import due_on, retention_months
from cqp.core.failpoints import reach
from cqp.models import User
from cqp.privacy import search as traces
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch

OVER = "fin de la durée de conservation"


class ChainBrokenError(Exception):
    """A chain of the evidence does not hold, before or after. Nothing was erased: find out why first."""


def list_due(branch: Branch, *, today: dt.date) -> Iterator[Candidate]:
    """Return the branch's candidates whose period is over."""
    months = retention_months(branch)
    for candidate in branch.candidates.filter(erased_at=None).prefetch_related("enrolments__session").order_by("pk"):
        day = due_on(candidate, months)
        if day and day <= today:
            yield candidate


def erase_when_due(candidate: Candidate, *, today: dt.date, dry_run: bool = False) -> tuple[Erasure, Names] | None:
    """Erase a candidate whose period is over; None where it is not, any more. Returns their names, too.

    dry_run: do it, and take it back: the report says what would go. Raises ChainBrokenError.
    """
    with transaction.atomic():
        locked = _locked(candidate)
        day = due_on(locked, retention_months(locked.branch)) if locked.erased_at is None else None
        if day is None or day > today:
            return None
        result = _erase(locked, by=None, reason=OVER)
        if dry_run:
            transaction.set_rollback(True)
            return result
    finish(result[0])
    return result


def request_refusal(candidate: Candidate) -> str:
    """Return why a candidate cannot be erased because they ask for it, and what to do; "" when they can."""
    if candidate.erased_at:
        return "Cette personne est déjà effacée."
    enrolments = candidate.enrolments.select_related("session")
    if any(enrolment.session.state in (Session.State.JURY, Session.State.DECIDED) for enrolment in enrolments):
        return (
            "Le jury est saisi, ou s'est prononcé : la branche doit pouvoir justifier sa décision. Les données sont effacées "
            "à la fin de la durée de conservation."
        )
    interviews = Interview.objects.filter(enrolment_bloc__enrolment__in=enrolments)
    if interviews.exclude(state=Interview.State.CANCELLED).exists():
        return "Un entretien est planifié ou a eu lieu. S'il n'a pas commencé, annulez-le d'abord, puis recommencez."
    return ""


def erase_on_request(candidate: Candidate, *, by: User, reason: str) -> Erasure:
    """Erase a person who asks for it, and take them out of the sessions.

    Raises ValidationError, PermissionError, ChainBrokenError.
    """
    reason = reason.replace("\x00", "").strip()
    with transaction.atomic():
        locked = _locked(candidate)
        if not administers_branch(by, locked.branch_id):
            raise PermissionError("Only the branch erases.")
        if refusal := request_refusal(locked):
            raise ValidationError(refusal)
        erasure, _ = _erase(locked, by=by, reason=reason)
        _take_out(locked)
    finish(erasure)
    return erasure


def _take_out(candidate: Candidate) -> None:
    """Take them out of the sessions. Where an interview that was cancelled holds something, the emptied rows stay."""
    for enrolment in candidate.enrolments.all():
        try:
            with transaction.atomic():
                Interview.objects.filter(enrolment_bloc__enrolment=enrolment).delete()
                Dossier.objects.filter(enrolment_bloc__enrolment=enrolment).delete()
                enrolment.delete()
        except ProtectedError:
            continue


def _locked(candidate: Candidate) -> Candidate:
    """Lock the branch, as enrolment does, then the candidate."""
    Branch.objects.select_for_update().get(pk=candidate.branch_id)
    rows = Candidate.objects.select_for_update(of=("self",)).select_related("user", "branch__settings")
    return rows.prefetch_related("enrolments__session").get(pk=candidate.pk)


def _erase(candidate: Candidate, *, by: User | None, reason: str) -> tuple[Erasure, Names]:
    """Empty what is declared, prove it, and keep the report. The names are the caller's alone: nothing keeps them."""
    work = begin_erasure(candidate)
    if unnamed(reason, work.names) != reason:
        raise ValidationError({"reason": "Ce motif est conservé : n'y écrivez ni le nom, ni l'adresse de la personne."})
    # From this row until `erased_at` is set, the database lets content go.
    erasure = Erasure(candidate=candidate, by=by, reason=reason, report={})
    erasure.full_clean(exclude=["report"])
    erasure.save()
    for part in erasure_parts:
        part(work)
    if work.faults:
        raise ChainBrokenError("; ".join(work.faults))
    erasure.report = _report(work)
    erasure.save(update_fields=["report"])
    return erasure, work.names


def _report(work: Erasing) -> dict[str, Any]:
    return {
        "counts": {label: count for label, count in sorted(work.counts.items()) if count},
        "account": "" if work.candidate.user is None else "kept" if work.keeps_account else "erased",
        "documents": work.documents,
        "enrolments": len(work.enrolments),
        "chains": work.chains,
        "emptied": {name: ranks for name, ranks in sorted(work.emptied.items()) if ranks},
        # Where a full name or an address is found still: an account that is kept, somebody of the same name, what somebody
        # else wrote of them in their own dossier.
        "left": traces.in_database(work.names.full | work.names.addresses),
        "namesake": work.names.shared,
        # A last name alone is also other people's.
        "last_name_left": traces.in_database(work.names.last),
        "files": {"waiting": sorted(set(work.paths)), "deleted": 0, "searched": False, "found": 0},
    }


def finish(erasure: Erasure) -> None:
    """Delete the files of somebody whose data are erased. Called twice, or cut and called again, it ends the same."""
    files = erasure.report["files"]
    for path in files["waiting"]:
        names = list(traces.files_under(path.rstrip("/"))) if path.endswith("/") else [path]
        for name in names:
            if default_storage.exists(name):
                default_storage.delete(name)
                files["deleted"] += 1
                reach("erasing-files")
    files["waiting"] = []
    erasure.save(update_fields=["report"])


def finish_all() -> int:
    """Finish the erasures that were cut before their files were deleted, and return how many."""
    cut = [erasure for erasure in Erasure.objects.all() if erasure.report.get("files", {}).get("waiting")]
    for erasure in cut:
        finish(erasure)
    return len(cut)


def search_files(erased: Iterable[tuple[Erasure, Names]]) -> None:
    """Look for the names of the people who were just erased in every file that is kept, once for all of them.

    The store may be large: the scheduled command does it at its end. Somebody of the same name is not looked for.
    """
    sought = [(erasure, names) for erasure, names in erased if names.certain]
    needles = {needle for _, names in sought for needle in names.certain}
    suspects = traces.in_files(needles) if needles else []
    for erasure, names in sought:
        paths = [path for path in suspects if traces.file_holds(path, names.certain)]
        erasure.report["files"] |= {"searched": True, "found": len(paths)}
        erasure.save(update_fields=["report"])
