"""Read again, then sign: one's own sheet, or the joint sheet, both on one device if need be."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from candidates.models import Assignment
from cqp.models import User
from cqp.workflow import Missing, TransitionRefused
from evaluations.forms.cosign import CosignForm
from evaluations.models import ScoringSheet
from evaluations.results import digest, proposal, sheet_view
from evaluations.services.cosigning import SECONDS, TooMany, send_code
from evaluations.services.sheets import SheetChanged, missing_before_signing, sheet_url, sign_sheet
from evaluations.views.evaluator.access import get_sheet, may_fill, other_evaluators
from evaluations.views.evaluator.rows import PROPOSALS

CHANGED = "La fiche a changé depuis que vous l'avez lue. Relisez-la telle qu'elle est maintenant, puis signez."


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole sheet to read again, what it lacks, what signing means; POST signs what was read."""
    found, assignment = get_sheet(request.user, pk)
    if request.method == "POST":
        try:
            sign_sheet(found, by=request.user, shown=request.POST.get("shown", ""))
        except SheetChanged:
            return _page(request, pk, status=409, refusal=CHANGED)
        except TransitionRefused as refused:
            return _page(request, pk, status=409, refusal=refused.message, missing=refused.missing)
        messages.success(request, "Votre signature est enregistrée.")
        return redirect(_after(found, request.user))
    if not may_fill(found, assignment):
        return redirect(sheet_url(found) if found.is_joint else _after(found, request.user))
    return _page(request, pk, read=(found, assignment))


def _after(found: ScoringSheet, user: User) -> str:
    """Return where to go once signed: the joint sheet if it is open, else what can still be done on this one."""
    found.refresh_from_db()
    if found.is_joint:
        return sheet_url(found) if found.state == ScoringSheet.State.SIGNED else _review_url(found)
    joint = ScoringSheet.objects.visible_to(user).filter(interview=found.interview_id, assignment=None).first()
    return sheet_url(joint or found)


def _review_url(found: ScoringSheet) -> str:
    return reverse("evaluator:review", args=[found.pk]) + "#signature"


def _page(
    request: HttpRequest,
    pk: int,
    *,
    status: int = 200,
    refusal: str = "",
    missing: list[Missing] | None = None,
    cosign: CosignForm | None = None,
    read: tuple[ScoringSheet, Assignment] | None = None,
) -> HttpResponse:
    """Show the sheet as it is now, with its digest. `read` is the sheet where it was just read."""
    found, assignment = read or get_sheet(request.user, pk)
    view = sheet_view(found)
    signed = {one.assignment_id: one for one in found.signatures.all() if one.seq == found.content_seq}
    waiting = [one for one in other_evaluators(found, assignment) if one.pk not in signed] if found.is_joint else []
    context: dict[str, Any] = {
        "sheet": found,
        "view": view,
        "proposal": PROPOSALS[proposal(view)],
        "shown": digest(view),
        "missing": missing_before_signing(view) if missing is None else missing,
        "refusal": refusal,
        "back": sheet_url(found),
        "can_sign": may_fill(found, assignment),
        "signed": signed.get(assignment.pk),
        "void": found.signatures.filter(assignment=assignment).exists() and assignment.pk not in signed,
        "cosigners": [
            (
                one,
                cosign
                if cosign and cosign.signer == one.appointment.user
                else CosignForm(sheet=found, signer=one.appointment.user),
            )
            for one in waiting
        ],
    }
    return render(request, "evaluator/review.html", context, status=status)


@require_POST
def cosign(request: HttpRequest, pk: int) -> HttpResponse:
    """The other evaluator signs the joint sheet on this device with their own password or code, and is not logged in."""
    found, signer = _cosigner(request, pk)
    if refused := _not_yet(request, found):
        return refused
    form = CosignForm(request.POST, sheet=found, signer=signer)
    if not form.is_valid():
        form.fields["secret"].widget.attrs["autofocus"] = True
        return _page(request, pk, status=422, cosign=form)
    try:
        sign_sheet(found, by=signer, shown=request.POST.get("shown", ""), method=form.method)
    except SheetChanged:
        return _page(request, pk, status=409, refusal=CHANGED)
    except TransitionRefused as refusal:
        return _page(request, pk, status=409, refusal=refusal.message, missing=refusal.missing)
    messages.success(request, f"La signature de {signer} est enregistrée.")
    return redirect(_after(found, request.user))


@require_POST
def cosign_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the other evaluator, who has no password, a code to sign with on this device."""
    found, signer = _cosigner(request, pk)
    if refused := _not_yet(request, found):
        return refused
    if signer.has_usable_password():
        return redirect(_review_url(found))
    try:
        send_code(sheet=found, signer=signer, by=request.user)
    except TooMany:
        messages.error(request, f"Trop de codes demandés pour {signer} : attendez cinq minutes.")
    except OSError:
        messages.error(request, f"Le mail n'a pas pu partir : {signer} peut signer sur son propre appareil.")
    else:
        messages.success(request, f"Un code est parti à {signer}. Il vaut {SECONDS // 60} minutes.")
    return redirect(_review_url(found))


def _cosigner(request: HttpRequest, pk: int) -> tuple[ScoringSheet, User]:
    """Return the joint sheet and the other evaluator that the form names. Raises Http404."""
    found, assignment = get_sheet(request.user, pk)
    if not found.is_joint or assignment.state != Assignment.State.ACTIVE:
        raise Http404
    asked = request.POST.get("assignment", "")
    pk_asked = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    return found, get_object_or_404(other_evaluators(found, assignment), pk=pk_asked).appointment.user


def _not_yet(request: HttpRequest, found: ScoringSheet) -> HttpResponse | None:
    """Answer where nobody may sign after the person whose device it is: all have signed, or that person has not."""
    if found.state == ScoringSheet.State.SIGNED:
        return redirect(sheet_url(found))
    if not found.signatures.filter(assignment__appointment__user=request.user, seq=found.content_seq).exists():
        return _page(request, found.pk, status=409, refusal="Signez d'abord : l'autre évaluateur signe ensuite.")
    return None
