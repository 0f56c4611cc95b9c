"""The life of the sheets: opened with the interview, signed, agreed on, reopened."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from candidates.models import Assignment, Interview, Session
from cqp.models import User
from cqp.workflow import Missing, TransitionRefused, perform
from evaluations.models import CompetenceVerdict, Revision, Score, ScoringSheet, Signature
from evaluations.results import CriterionLine, SheetView, digest, sheet_view, sheet_views
from evaluations.services.chain import revise
from referentiel.models import Competence, Criterion


class SheetChanged(Exception):
    """The sheet is no longer what the person read: they must read it again before signing."""


def start_interview(interview: Interview, *, by: User) -> Interview:
    """Start the interview's clock and open the sheets. Raises TransitionRefused."""
    with transaction.atomic():
        _lock_session(interview.pk)
        interview = perform(interview, "start", by=by)
        open_sheets(interview)
    return interview


def finish_interview(interview: Interview, *, by: User) -> Interview:
    """Stop the interview's clock; the sheets stay open until they are signed. Raises TransitionRefused."""
    return perform(interview, "finish", by=by)


def open_sheets(interview: Interview) -> None:
    """Make the sheets of an interview: one per evaluator, or the joint one alone where the référentiel says so.

    Idempotent. A sheet opens with a row for each criterion and competence of its bloc.
    """
    if interview.enrolment_bloc.bloc.referentiel.separate_sheets:
        for assignment in interview.assignments.filter(state=Assignment.State.ACTIVE):
            _open(interview, assignment)
    else:
        _open(interview, None)


def _open(interview: Interview, assignment: Assignment | None) -> ScoringSheet:
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
    active = set(
        view.sheet.interview.assignments.filter(state=Assignment.State.ACTIVE).values_list("pk", flat=True)
        if view.divergent
        else ()
    )
    missing = []
    for competence in view.competences:
        for rank, line in enumerate(competence.criteria, 1):
            if text := _missing_on(line, active):
                name = f"{competence.competence.code}, critère {rank}"
                missing.append(Missing(f"{name} : {text}", f"{url}#critere-{line.criterion.pk}"))
    return missing


def _missing_on(line: CriterionLine, active: set[int]) -> str:
    if line.divergences:
        told = {divergence.assignment_id for divergence in line.divergences}
        return "" if told >= active else "la divergence attend la raison de l'autre évaluateur."
    if line.level is None:
        return "aucun niveau n'est choisi."
    return f"« {line.level.label} » demande une note." if line.needs_note else ""


def sign_sheet(sheet: ScoringSheet, *, by: User, shown: str, method: str = Signature.Method.SESSION) -> ScoringSheet:
    """Sign `sheet` for `by`, who read it as digest `shown`. Signing twice what did not change is signing once.

    An own sheet is then signed; the joint sheet is once every active evaluator has signed. When the last own sheet is
    signed, the joint sheet opens with the levels on which all agree. Raises SheetChanged when the sheet is not what was
    read, TransitionRefused with the list of what is missing, or when it is not theirs to sign.
    """
    with transaction.atomic():
        _lock_session(sheet.interview_id)
        locked = ScoringSheet.objects.select_for_update(of=("self",)).with_context().get(pk=sheet.pk)
        mine = locked.interview.assignments.filter(
            appointment__user=by, appointment__undertaking_signed_at__isnull=False, state=Assignment.State.ACTIVE
        ).first()
        if mine is None or locked.assignment_id not in (None, mine.pk):
            raise TransitionRefused("Cette fiche n'est pas la vôtre : vous ne pouvez pas la signer.")
        if locked.signatures.filter(assignment=mine, seq=locked.content_seq).exists():
            return locked
        if locked.state == ScoringSheet.State.SIGNED:
            raise TransitionRefused("Cette fiche est déjà signée.")
        if (
            locked.is_joint
            and locked.interview.sheets.filter(
                assignment__state=Assignment.State.ACTIVE, state=ScoringSheet.State.OPEN
            ).exists()
        ):
            raise TransitionRefused("Une fiche individuelle est rouverte : elle doit d'abord être signée de nouveau.")
        view = sheet_view(locked)
        if digest(view) != shown:
            raise SheetChanged
        if missing := missing_before_signing(view):
            raise TransitionRefused("La fiche n'est pas complète.", missing)
        _sign(locked, mine, by, shown, method)
        others = _waiting(locked) if locked.is_joint else False
        if not others:
            locked = perform(locked, "sign", by=by)
            _go_on(locked, by)
    return locked


def _lock_session(interview: int) -> None:
    """Queue with the session's own steps, the jury's decisions and the publication, which lock the session first."""
    Session.objects.select_for_update(of=("self",)).get(enrolments__enrolment_blocs__interviews=interview)


def _sign(sheet: ScoringSheet, assignment: Assignment, by: User, shown: str, method: str) -> None:
    content_seq, head = sheet.content_seq, sheet.head
    revise(sheet, "sign", {"assignment": assignment.pk, "digest": shown, "method": method}, by=by).save()
    sheet.save(update_fields=["seq", "head"])
    Signature.objects.create(sheet=sheet, assignment=assignment, seq=content_seq, head=head, method=method)


def _waiting(sheet: ScoringSheet) -> bool:
    """Tell whether an active evaluator has yet to sign the joint sheet as it stands."""
    return (
        sheet.interview.assignments.filter(state=Assignment.State.ACTIVE)
        .exclude(signatures__in=sheet.signatures.filter(seq=sheet.content_seq))
        .exists()
    )


def _go_on(sheet: ScoringSheet, by: User) -> None:
    """Open the joint sheet when every own one is signed. Whoever signs last also ends an interview left running."""
    interview = Interview.objects.select_for_update(of=("self",)).get(pk=sheet.interview_id)
    if sheet.is_joint:
        _end(interview, by)
        return
    active = interview.assignments.filter(state=Assignment.State.ACTIVE)
    signed = ScoringSheet.objects.filter(assignment__in=active, state=ScoringSheet.State.SIGNED)
    if signed.count() == active.count():
        _end(interview, by)
        if not interview.sheets.filter(assignment=None).exists():
            _prefill(_open(interview, None), signed.with_context())


def _end(interview: Interview, by: User) -> None:
    if interview.state == Interview.State.RUNNING:
        perform(interview, "finish", by=by)


def _prefill(joint: ScoringSheet, sheets: Iterable[ScoringSheet]) -> None:
    """Write on a new joint sheet the levels and verdicts that are the same on every sheet, their notes joined."""
    views = list(sheet_views(sheets).values())
    lines: dict[int, list[CriterionLine]] = defaultdict(list)
    for view in views:
        for line in view.criteria:
            lines[line.criterion.pk].append(line)
    revisions, changed = [], []
    for score in joint.scores.order_by("pk"):
        levels = {line.level for line in lines[score.criterion_id]}
        level = levels.pop() if len(levels) == 1 else None
        if level is None:
            continue
        score.level = level
        score.note = "\n".join(
            dict.fromkeys(line.note.strip() for line in lines[score.criterion_id] if line.note.strip())
        )
        payload = {"criterion": score.criterion_id, "level": level.value, "note": score.note}
        revisions.append(revise(joint, "agree", payload, by=None))
        score.seq = joint.seq
        changed.append(score)
    verdicts = _same_verdicts(joint, views, revisions)
    Revision.objects.bulk_create(revisions)
    CompetenceVerdict.objects.bulk_update(verdicts, ["outcome", "comment", "seq"])
    Score.objects.bulk_update(changed, ["level", "note", "seq"])
    joint.save(update_fields=["seq", "head", "content_seq"])


def _same_verdicts(joint: ScoringSheet, views: list[SheetView], revisions: list[Revision]) -> list[CompetenceVerdict]:
    """Return the joint sheet's verdicts on which every evaluator overruled the rule alike, their comments joined."""
    given: dict[int, list[CompetenceVerdict]] = defaultdict(list)
    for view in views:
        for line in view.competences:
            if line.verdict:
                given[line.competence.pk].append(line.verdict)
    changed = []
    for verdict in joint.verdicts.order_by("pk"):
        same = given[verdict.competence_id]
        if len(same) == len(views) and len({one.outcome for one in same}) == 1:
            verdict.outcome = same[0].outcome
            verdict.comment = "\n".join(dict.fromkeys(one.comment.strip() for one in same))
            payload = {"competence": verdict.competence_id, "outcome": verdict.outcome, "comment": verdict.comment}
            revisions.append(revise(joint, "agree", payload, by=None))
            verdict.seq = joint.seq
            changed.append(verdict)
    return changed


def reopen_sheet(sheet: ScoringSheet, *, by: User, reason: str) -> ScoringSheet:
    """Open a signed sheet again, for an administrator with a reason. Nothing is deleted; it must be signed anew.

    Raises TransitionRefused.
    """
    with transaction.atomic():
        _lock_session(sheet.interview_id)
        sheet = perform(sheet, "reopen", by=by, comment=reason)
        revise(sheet, "reopen", {"reason": reason.replace("\x00", "").strip()}, by=by).save()
        sheet.save(update_fields=["seq", "head", "content_seq"])
    return sheet
