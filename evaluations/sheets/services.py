"""The life of the sheets: opened with the interview, signed, agreed on, reopened."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.interviews import services as interviews
from candidates.models import Assignment, Interview
from candidates.planning.replacement import is_vacant
from cqp.evidence.chain import HEAD_FIELDS
from cqp.models import StoredFile, User
from cqp.workflow import Missing, TransitionRefused, perform
from evaluations.evidence.chain import revise
from evaluations.models import CompetenceVerdict, Score, ScoringSheet, Signature
from evaluations.sheets.agreement import copy_to_joint_sheet, own_sheets, unexplained
from evaluations.sheets.permissions import signing_refusal
from evaluations.sheets.queries import CriterionLine, SheetView, digest, sheet_view, sheet_views
from referentiel.models import Competence, Criterion


class SheetChangedError(Exception):
    """The sheet is no longer what the person read: they must read it again before signing."""


def start_interview(interview: Interview, *, by: User, at: dt.datetime) -> Interview:
    """Start the interview's clock, as `interviews.start`, and open the sheets. Raises TransitionRefused."""
    with transaction.atomic():
        interview = interviews.start(interview=interview, by=by, at=at)
        open_sheets(interview)
    return interview


def open_sheets(interview: Interview) -> None:
    """Make the sheets of an interview: one per evaluator, or the joint one alone where the référentiel says so.

    Idempotent. A sheet opens with a row for each criterion and competence of its bloc.
    """
    if interview.enrolment_bloc.bloc.referentiel.separate_sheets:
        for assignment in interview.assignments.filter(state=Assignment.State.ACTIVE):
            open_sheet(interview, assignment)
    else:
        open_sheet(interview, None)


def open_sheet(interview: Interview, assignment: Assignment | None) -> ScoringSheet:
    """Return the sheet of an evaluator, or the joint one, opened if it was not."""
    sheet, created = ScoringSheet.objects.get_or_create(interview=interview, assignment=assignment)
    if created:
        bloc = interview.enrolment_bloc.bloc
        Score.objects.bulk_create(
            Score(sheet=sheet, criterion=criterion)
            for criterion in Criterion.objects.filter(competence__activity__bloc=bloc).order_by("pk")
        )
        CompetenceVerdict.objects.bulk_create(
            CompetenceVerdict(sheet=sheet, competence=competence)
            for competence in Competence.objects.filter(activity__bloc=bloc).order_by("pk")
        )
    return sheet


def sheet_url(sheet: ScoringSheet) -> str:
    """Return the page where the sheet is filled."""
    return reverse("evaluator:joint" if sheet.is_joint else "evaluator:sheet", args=[sheet.pk])


def missing_before_signing(view: SheetView) -> list[Missing]:
    """List what a sheet lacks to be signed, each with a link to its criterion."""
    url = sheet_url(view.sheet)
    people: dict[int, User] = {}
    if view.divergent:
        active = view.sheet.interview.assignments.filter(state=Assignment.State.ACTIVE).order_by("pk")
        assignments = active.select_related("appointment__user")
        people = {assignment.pk: assignment.appointment.user for assignment in assignments}
    missing = []
    for competence in view.competences:
        for rank, line in enumerate(competence.criteria, 1):
            if text := _missing_on(line, people):
                name = f"{competence.competence.code}, critère {rank}"
                missing.append(Missing(f"{name} : {text}", f"{url}#critere-{line.criterion.pk}"))
    return missing + _unexplained(view, url) + _unscanned(view.sheet)


def _unscanned(sheet: ScoringSheet) -> list[Missing]:
    if sheet.source != ScoringSheet.Source.PAPER:
        return []
    if sheet.scan is None:
        text = "La grille en papier n'est pas numérisée : ajoutez-la."
    elif sheet.scan.state == StoredFile.State.REFUSED:
        text = "La grille numérisée n'a pas été acceptée : remplacez-la."
    else:
        return []
    return [Missing(text, reverse("evaluator:copy", args=[sheet.pk]))]


def _unexplained(view: SheetView, url: str) -> list[Missing]:
    if not view.sheet.is_joint:
        return []
    own = list(sheet_views(own_sheets(view.sheet.interview_id)).values())
    return [
        Missing(
            f"{line.competence.code} : le résultat change, écrivez pourquoi dans la note d'un critère réglé ou dans un avis.",
            f"{url}#critere-{place.criterion.pk}",
        )
        for line, place in unexplained(view, own)
    ]


def _missing_on(line: CriterionLine, people: Mapping[int, User]) -> str:
    if line.divergences:
        explained = {divergence.assignment_id for divergence in line.divergences}
        awaited = [str(user) for assignment, user in people.items() if assignment not in explained]
        return f"la divergence attend la raison de {', '.join(awaited)}." if awaited else ""
    if line.level is None:
        return "aucun niveau n'est choisi."
    return f"« {line.level.label} » demande une note." if line.needs_note else ""


def sign_sheet(
    sheet: ScoringSheet,
    *,
    by: User,
    shown: str,
    method: str = Signature.Method.SESSION,
    at: dt.datetime | None = None,
) -> ScoringSheet:
    """Sign `sheet` for `by`, who read it as digest `shown`. Signing twice what did not change is signing once.

    `at`: when they did, if their device could not tell at once; an interview left running ended then.

    An own sheet is then signed; the joint sheet is once every active evaluator has signed. When the last own sheet is
    signed, the joint sheet opens with the levels on which all agree. Raises SheetChangedError when the sheet is not what was
    read, TransitionRefused with the list of what is missing, or when it is not theirs to sign.
    """
    with transaction.atomic():
        interviews.lock_session(sheet.interview_id)
        locked = ScoringSheet.objects.select_for_update(of=("self",)).with_context().get(pk=sheet.pk)
        assignment = locked.interview.assignments.filter(
            appointment__user=by, appointment__undertaking_signed_at__isnull=False, state=Assignment.State.ACTIVE
        ).first()
        if assignment and locked.signatures.filter(assignment=assignment, seq=locked.content_seq).exists():
            return locked
        if refusal := signing_refusal(locked, assignment):
            raise TransitionRefused(refusal)
        view = sheet_view(locked)
        if digest(view) != shown:
            raise SheetChangedError
        if missing := missing_before_signing(view):
            raise TransitionRefused("La fiche n'est pas complète.", missing)
        assert assignment is not None
        _write_signature(locked, assignment, by, shown, method)
        if not locked.is_joint or not _lacks_signature(locked):
            locked = _complete_sheet(locked, by, at or timezone.now())
    return locked


def _write_signature(sheet: ScoringSheet, assignment: Assignment, by: User, shown: str, method: str) -> None:
    content_seq, head = sheet.content_seq, sheet.head
    revise(sheet, "sign", {"assignment": assignment.pk, "digest": shown, "method": method}, by=by).save()
    sheet.save(update_fields=HEAD_FIELDS)
    Signature.objects.create(sheet=sheet, assignment=assignment, seq=content_seq, head=head, method=method)


def _lacks_signature(sheet: ScoringSheet) -> bool:
    """Return whether an active evaluator has yet to sign the joint sheet as it stands."""
    return (
        sheet.interview.assignments.filter(state=Assignment.State.ACTIVE)
        .exclude(signatures__in=sheet.signatures.filter(seq=sheet.content_seq))
        .exists()
    )


def _complete_sheet(sheet: ScoringSheet, by: User, at: dt.datetime) -> ScoringSheet:
    """All have signed: the sheet is signed. The joint sheet opens once every own one is; the last ends the interview."""
    sheet = perform(sheet, "sign", by=by)
    interview = Interview.objects.select_for_update(of=("self",)).get(pk=sheet.interview_id)
    if sheet.is_joint:
        _end(interview, by, at)
        return sheet
    active = interview.assignments.filter(state=Assignment.State.ACTIVE)
    signed = ScoringSheet.objects.filter(assignment__in=active, state=ScoringSheet.State.SIGNED)
    if signed.count() == active.count() and not is_vacant(interview):
        _end(interview, by, at)
        open_sheet(interview, None)
        copy_to_joint_sheet(interview.sheets.select_for_update(of=("self",)).get(assignment=None))
    return sheet


def _end(interview: Interview, by: User, at: dt.datetime) -> None:
    if interview.state == Interview.State.RUNNING:
        interviews.finish(interview=interview, by=by, at=at)


def reopen_sheet(sheet: ScoringSheet, *, by: User, reason: str) -> ScoringSheet:
    """Open a signed sheet again, for an administrator with a reason. Nothing is deleted; it must be signed anew.

    Raises TransitionRefused.
    """
    with transaction.atomic():
        interviews.lock_session(sheet.interview_id)
        sheet = perform(sheet, "reopen", by=by, comment=reason)
        revise(sheet, "reopen", {"reason": reason.replace("\x00", "").strip()}, by=by).save()
        sheet.save(update_fields=[*HEAD_FIELDS, "content_seq"])
    return sheet
