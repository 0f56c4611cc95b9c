"""A sheet filled on paper: said to be so, with its scan and what was kept by hand, before its levels are copied."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from candidates.models import Assignment, Interview
from candidates.services.interviews import lock_session
from cqp import files
from cqp.intake import take_in
from cqp.models import Operation, StoredFile, User
from cqp.operations import Incoming, receive
from evaluations.models import ScoringSheet
from evaluations.paper_codes import CodeKind, SheetCode
from evaluations.permissions import can_copy, can_scan
from evaluations.services.chain import revise
from evaluations.services.day import open_ahead


class PaperRefused(Exception):
    """The sheet cannot be said to come from paper. `message` says why in French, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


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
    sheet: ScoringSheet, *, by: User, upload: UploadedFile | None = None, kept: Mapping[str, Any] | None = None
) -> ScoringSheet:
    """Say that an evaluator copies `sheet` from paper, with its scan (or later) and what was `kept` by hand.

    kept: `start` and `finish` (moments), `paper` (a `Reception.Paper`); each becomes an operation of the half hour, with
    its own time. All or nothing. Raises PaperRefused, cqp.files.BadFile, cqp.operations.Malformed.
    """
    facts = files.inspect(upload, files.PDF_ONLY) if upload else None
    stored = None
    try:
        with transaction.atomic():
            lock_session(sheet.interview_id)
            _report(sheet, by, kept or {})
            locked = _locked(sheet)
            if not can_copy(by, locked):
                raise PaperRefused("Cette fiche n'est pas la vôtre : vous ne pouvez pas la recopier.")
            _check_open(locked)
            stored = _new_file(locked, upload, facts, by)
            _revise(locked, ScoringSheet.Source.PAPER, stored or locked.scan, by)
    except BaseException:
        if stored:
            files.discard(stored)
        raise
    return locked


def attach_scan(sheet: ScoringSheet, *, by: User, upload: UploadedFile) -> ScoringSheet:
    """Add the scan of a paper grid to an open sheet, for its evaluator or an administrator: the sheet comes from paper.

    The one before stays in the trace. Raises PaperRefused, cqp.files.BadFile.
    """
    facts = files.inspect(upload, files.PDF_ONLY)
    stored = None
    try:
        with transaction.atomic():
            lock_session(sheet.interview_id)
            locked = _locked(sheet)
            if not can_scan(by, locked):
                raise PaperRefused("Cette fiche n'est ni la vôtre, ni de votre branche.")
            _check_open(locked)
            if stored := _new_file(locked, upload, facts, by):
                _revise(locked, ScoringSheet.Source.PAPER, stored, by)
    except BaseException:
        if stored:
            files.discard(stored)
        raise
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
    sheet: ScoringSheet, upload: UploadedFile | None, facts: files.FileFacts | None, by: User
) -> StoredFile | None:
    """Keep what was sent; None when nothing was, or when it is the scan that the sheet has already."""
    if upload is None or facts is None or (sheet.scan and sheet.scan.sha256 == facts.sha256):
        return None
    stored = files.store(upload, facts, by=by)
    take_in.enqueue(stored.pk)
    return stored


def _revise(sheet: ScoringSheet, source: str, scan: StoredFile | None, by: User) -> None:
    if (sheet.source, sheet.scan) == (source, scan):
        return
    told = {"key": str(scan.key), "name": scan.name, "pages": scan.pages, "sha256": scan.sha256} if scan else None
    revise(sheet, "source", {"source": source, "scan": told}, by=by).save()
    sheet.source, sheet.scan = source, scan
    sheet.save(update_fields=["seq", "head", "content_seq", "source", "scan"])


def _report(sheet: ScoringSheet, by: User, kept: Mapping[str, Any]) -> None:
    """Send what was kept by hand, as the device would have sent it at the time."""
    moments: dict[str, dt.datetime] = {kind: kept[kind] for kind in ("start", "finish") if kind in kept}
    incoming = [Incoming(uuid.uuid4(), kind, {}, sheet.seq, at) for kind, at in moments.items()]
    if "paper" in kept:
        at = kept.get("start") or sheet.interview.started_at or sheet.interview.start
        incoming.append(Incoming(uuid.uuid4(), "identity", {"paper": kept["paper"]}, sheet.seq, at))
    if not incoming:
        return
    _, answers = receive("sheet", sheet.pk, incoming, by=by, device="grille en papier")
    for answer in answers:
        if answer.status == Operation.Status.REFUSED:
            raise PaperRefused(answer.refusal)
