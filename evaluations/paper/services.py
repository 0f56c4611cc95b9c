"""A sheet filled on paper: said to be so, with its scan and what was kept by hand, before its levels are copied."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from candidates.interviews.services import lock_session
from candidates.models import Assignment, Interview
from cqp.core.refusals import RefusedError
from cqp.evidence.chain import HEAD_FIELDS
from cqp.files import inspection, storage
from cqp.files.tasks import take_in
from cqp.models import Operation, StoredFile, User
from cqp.operations.hooks import Incoming
from cqp.operations.protocol import receive
from evaluations.evidence.chain import revise
from evaluations.models import ScoringSheet
from evaluations.paper.codes import CodeKind, SheetCode
from evaluations.sheets.day import open_ahead
from evaluations.sheets.permissions import can_copy, can_scan


class PaperRefused(RefusedError):
    """The sheet cannot be said to come from paper. `message` says why in French, and what to do."""


def find_sheet(code: SheetCode, *, by: User) -> ScoringSheet | None:
    """Return the sheet that a code names to who scores on it, opened if it was not; None to anybody else, or too early."""
    mine = _named(code).filter(appointment__user=by, appointment__undertaking_signed_at__isnull=False).first()
    return open_ahead(mine) if mine else None


def find_sheet_of_branch(code: SheetCode, *, by: User) -> ScoringSheet | None:
    """The same for an administrator of the branch."""
    theirs = _named(code).administered_by(by).first()
    return open_ahead(theirs) if theirs else None


def _named(code: SheetCode) -> Any:
    own = code.kind is CodeKind.OWN
    named = {"pk": code.pk} if own else {"interview": code.pk}
    return Assignment.objects.filter(
        state=Assignment.State.ACTIVE,
        interview__enrolment_bloc__bloc__referentiel__separate_sheets=own,
        **named,
    ).order_by("pk")


def copy_from_paper(
    sheet: ScoringSheet, *, by: User, upload: UploadedFile | None = None, noted: Mapping[str, Any] | None = None
) -> ScoringSheet:
    """Say that an evaluator copies `sheet` from paper, with its scan (or later) and what was `noted` by hand.

    noted: `start` and `finish` (moments), `paper` (a `Reception.Paper`); each becomes an operation of the half hour, with
    its own time. All or nothing. Raises PaperRefused, cqp.files.inspection.FileRefused, cqp.operations.hooks.MalformedError.
    """
    facts = inspection.inspect_upload(upload, inspection.PDF_ONLY) if upload else None
    with storage.storing_files() as storing:
        lock_session(sheet.interview_id)
        _report(sheet, by, noted or {})
        locked = _locked(sheet)
        if not can_copy(by, locked):
            raise PaperRefused("Cette fiche n'est pas la vôtre : vous ne pouvez pas la recopier.")
        _check_open(locked)
        stored = _new_file(storing, locked, upload, facts, by)
        _revise(locked, ScoringSheet.Source.PAPER, stored or locked.scan, by)
    return locked


def attach_scan(sheet: ScoringSheet, *, by: User, upload: UploadedFile) -> ScoringSheet:
    """Add the scan of a paper grid to an open sheet, for its evaluator or an administrator: the sheet comes from paper.

    The one before stays in the trace. Raises PaperRefused, cqp.files.inspection.FileRefused.
    """
    facts = inspection.inspect_upload(upload, inspection.PDF_ONLY)
    with storage.storing_files() as storing:
        lock_session(sheet.interview_id)
        locked = _locked(sheet)
        if not can_scan(by, locked):
            raise PaperRefused("Cette fiche n'est ni la vôtre, ni de votre branche.")
        _check_open(locked)
        if stored := _new_file(storing, locked, upload, facts, by):
            _revise(locked, ScoringSheet.Source.PAPER, stored, by)
    return locked


def back_to_screen(sheet: ScoringSheet, *, by: User) -> ScoringSheet:
    """Say that `sheet` was not copied from paper after all. Its levels stay. Raises PaperRefused."""
    with transaction.atomic():
        lock_session(sheet.interview_id)
        locked = _locked(sheet)
        if not can_copy(by, locked):
            raise PaperRefused("Cette fiche n'est pas la vôtre.")
        _check_open(locked)
        _revise(locked, ScoringSheet.Source.SCREEN, None, by)
    return locked


def _locked(sheet: ScoringSheet) -> ScoringSheet:
    rows = ScoringSheet.objects.with_context().select_related("scan")
    return rows.select_for_update(of=("self",)).get(pk=sheet.pk)


def _check_open(sheet: ScoringSheet) -> None:
    if sheet.state == ScoringSheet.State.SIGNED:
        raise PaperRefused("Cette fiche est signée : elle ne change plus. Un administrateur peut la rouvrir.")
    if sheet.interview.state in Interview.CLOSED:
        raise PaperRefused(f"Il n'y a rien à recopier : l'entretien est « {sheet.interview.get_state_display()} ».")


def _new_file(
    storing: storage.StoringFiles,
    sheet: ScoringSheet,
    upload: UploadedFile | None,
    facts: inspection.FileFacts | None,
    by: User,
) -> StoredFile | None:
    """Keep what was sent; None when nothing was, or when it is the scan that the sheet has already."""
    if upload is None or facts is None or (sheet.scan and sheet.scan.sha256 == facts.sha256):
        return None
    stored = storing.store(upload, facts, by=by)
    take_in.enqueue(stored.pk)
    return stored


def _revise(sheet: ScoringSheet, source: str, scan: StoredFile | None, by: User) -> None:
    if (sheet.source, sheet.scan) == (source, scan):
        return
    scan_payload = (
        {"key": str(scan.key), "name": scan.name, "pages": scan.pages, "sha256": scan.sha256} if scan else None
    )
    revise(sheet, "source", {"source": source, "scan": scan_payload}, by=by).save()
    sheet.source, sheet.scan = source, scan
    sheet.save(update_fields=[*HEAD_FIELDS, "content_seq", "source", "scan"])


def _report(sheet: ScoringSheet, by: User, noted: Mapping[str, Any]) -> None:
    """Send what was noted by hand, as the device would have sent it at the time."""
    moments: dict[str, dt.datetime] = {kind: noted[kind] for kind in ("start", "finish") if kind in noted}
    incoming = [Incoming(uuid.uuid4(), kind, {}, sheet.seq, at) for kind, at in moments.items()]
    if "paper" in noted:
        at = noted.get("start") or sheet.interview.started_at or sheet.interview.start
        incoming.append(Incoming(uuid.uuid4(), "identity", {"paper": noted["paper"]}, sheet.seq, at))
    if not incoming:
        return
    _, answers = receive("sheet", sheet.pk, incoming, by=by, device="grille en papier")
    for answer in answers:
        if answer.status == Operation.Status.REFUSED:
            raise PaperRefused(answer.refusal)


def scans(user: User) -> QuerySet[StoredFile]:
    """Return the scans of the paper grids whose sheets `user` may see. In quarantine they are the administrators' alone."""
    sheets = ScoringSheet.objects.visible_to(user)
    harmless = StoredFile.objects.filter(pk__in=sheets.values("scan"), quarantine="")
    return harmless | StoredFile.objects.filter(pk__in=sheets.administered_by(user).values("scan"))
