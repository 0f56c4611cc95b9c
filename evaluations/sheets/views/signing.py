"""Read again, then sign: one's own sheet, or the joint sheet, both on one device if need be."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from candidates.models import Assignment
from cqp.core.text import parse_number
from cqp.models import User
from cqp.web.rate_limits import wait_text
from cqp.web.requests import PersonRequest
from cqp.workflow import Missing, TransitionRefused
from evaluations.assignments.queries import can_fill, get_sheet, other_evaluators
from evaluations.models import ScoringSheet
from evaluations.sheets.cosigning import SECONDS, TooManyAttemptsError, send_code
from evaluations.sheets.form_rows import PROPOSALS
from evaluations.sheets.forms import CosignForm
from evaluations.sheets.queries import digest, proposal, sheet_view
from evaluations.sheets.services import SheetChangedError, missing_before_signing, sheet_url, sign_sheet

CHANGED = "La fiche a changé depuis que vous l'avez lue. Relisez-la telle qu'elle est maintenant, puis signez."


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: PersonRequest, pk: int) -> HttpResponse:
    """The whole sheet to read again, what it lacks, what signing means; POST signs what was read."""
    sheet, assignment = get_sheet(request.user, pk)
    if request.method == "POST":
        try:
            sign_sheet(sheet, by=request.user, shown=request.POST.get("shown", ""))
        except SheetChangedError:
            return _page(request, pk, status=409, refusal=CHANGED)
        except TransitionRefused as refused:
            return _page(request, pk, status=409, refusal=refused.message, missing=refused.missing)
        messages.success(request, "Votre signature est enregistrée.")
        return redirect(_after(sheet, request.user))
    if not can_fill(sheet, assignment):
        return redirect(sheet_url(sheet) if sheet.is_joint else _after(sheet, request.user))
    return _page(request, pk, read=(sheet, assignment))


def _after(sheet: ScoringSheet, user: User) -> str:
    """Return where to go once signed: the joint sheet if it is open, else what can still be done on this one."""
    sheet.refresh_from_db()
    if sheet.is_joint:
        return sheet_url(sheet) if sheet.state == ScoringSheet.State.SIGNED else _review_url(sheet)
    joint = ScoringSheet.objects.visible_to(user).filter(interview=sheet.interview_id, assignment=None).first()
    return sheet_url(joint or sheet)


def _review_url(sheet: ScoringSheet) -> str:
    return reverse("evaluator:review", args=[sheet.pk]) + "#signature"


def _page(
    request: PersonRequest,
    pk: int,
    *,
    status: int = 200,
    refusal: str = "",
    missing: list[Missing] | None = None,
    cosign: CosignForm | None = None,
    read: tuple[ScoringSheet, Assignment] | None = None,
) -> HttpResponse:
    """Show the sheet as it is now, with its digest. `read` is the sheet where it was just read."""
    sheet, assignment = read or get_sheet(request.user, pk)
    view = sheet_view(sheet)
    signed = {
        signature.assignment_id: signature for signature in sheet.signatures.all() if signature.seq == sheet.content_seq
    }
    waiting = (
        [other for other in other_evaluators(sheet, assignment) if other.pk not in signed] if sheet.is_joint else []
    )
    context: dict[str, Any] = {
        "sheet": sheet,
        "view": view,
        "proposal": PROPOSALS[proposal(view)],
        "shown": digest(view),
        "missing": missing_before_signing(view) if missing is None else missing,
        "refusal": refusal,
        "back": sheet_url(sheet),
        "can_sign": can_fill(sheet, assignment),
        "signed": signed.get(assignment.pk),
        "void": sheet.signatures.filter(assignment=assignment).exists() and assignment.pk not in signed,
        "cosigners": [
            (
                other,
                cosign
                if cosign and cosign.signer == other.appointment.user
                else CosignForm(sheet=sheet, signer=other.appointment.user),
            )
            for other in waiting
        ],
    }
    return render(request, "evaluator/review.html", context, status=status)


@require_POST
def cosign(request: PersonRequest, pk: int) -> HttpResponse:
    """The other evaluator signs the joint sheet on this device with their own password or code, and is not logged in."""
    sheet, signer = _cosigner(request, pk)
    if refused := _not_yet(request, sheet):
        return refused
    form = CosignForm(request.POST, sheet=sheet, signer=signer)
    if not form.is_valid():
        form.fields["secret"].widget.attrs["autofocus"] = True
        return _page(request, pk, status=422, cosign=form)
    try:
        sign_sheet(sheet, by=signer, shown=request.POST.get("shown", ""), method=form.method)
    except SheetChangedError:
        return _page(request, pk, status=409, refusal=CHANGED)
    except TransitionRefused as refusal:
        return _page(request, pk, status=409, refusal=refusal.message, missing=refusal.missing)
    messages.success(request, f"La signature de {signer} est enregistrée.")
    return redirect(_after(sheet, request.user))


@require_POST
def cosign_code(request: PersonRequest, pk: int) -> HttpResponse:
    """Mail the other evaluator, who has no password, a code to sign with on this device."""
    sheet, signer = _cosigner(request, pk)
    if refused := _not_yet(request, sheet):
        return refused
    if signer.has_usable_password():
        return redirect(_review_url(sheet))
    try:
        send_code(sheet=sheet, signer=signer, by=request.user)
    except TooManyAttemptsError as refusal:
        messages.error(request, f"Trop de codes demandés pour {signer}. {wait_text(refusal.wait)}")
    except OSError:
        messages.error(request, f"Le mail n'a pas pu partir : {signer} peut signer sur son propre appareil.")
    else:
        messages.success(request, f"Un code est parti à {signer}. Il vaut {SECONDS // 60} minutes.")
    return redirect(_review_url(sheet))


def _cosigner(request: PersonRequest, pk: int) -> tuple[ScoringSheet, User]:
    """Return the joint sheet and the other evaluator that the form names. Raises Http404."""
    sheet, assignment = get_sheet(request.user, pk)
    if not sheet.is_joint or assignment.state != Assignment.State.ACTIVE:
        raise Http404
    other = parse_number(request.POST.get("assignment"))
    return sheet, get_object_or_404(other_evaluators(sheet, assignment), pk=other).appointment.user


def _not_yet(request: PersonRequest, sheet: ScoringSheet) -> HttpResponse | None:
    """Answer where nobody may sign after the person whose device it is: all have signed, or that person has not."""
    if sheet.state == ScoringSheet.State.SIGNED:
        return redirect(sheet_url(sheet))
    if not sheet.signatures.filter(assignment__appointment__user=request.user, seq=sheet.content_seq).exists():
        return _page(request, sheet.pk, status=409, refusal="Signez d'abord : l'autre évaluateur signe ensuite.")
    return None
