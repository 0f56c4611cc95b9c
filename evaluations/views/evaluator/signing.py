"""Read again, then sign: one's own sheet, or the joint sheet, both on one device if need be."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from candidates.models import Assignment
from cqp.models import User
from cqp.workflow import Missing, TransitionRefused
from evaluations.forms.evaluator import CosignForm
from evaluations.models import ScoringSheet, Signature
from evaluations.results import digest, proposal, sheet_view
from evaluations.services.sheets import SheetChanged, missing_before_signing, sheet_url, sign_sheet
from evaluations.views.evaluator.access import get_sheet, may_fill
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
        return redirect(sheet_url(found))
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
    waiting = [one for one in _others(found, assignment) if one.pk not in signed] if found.is_joint else []
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
                cosign if cosign and cosign.signer == one.appointment.user else CosignForm(signer=one.appointment.user),
            )
            for one in waiting
        ],
    }
    return render(request, "evaluator/review.html", context, status=status)


def _others(found: ScoringSheet, assignment: Assignment) -> QuerySet[Assignment]:
    active = found.interview.assignments.filter(state=Assignment.State.ACTIVE)
    return active.exclude(pk=assignment.pk).select_related("appointment__user")


@require_POST
def cosign(request: HttpRequest, pk: int) -> HttpResponse:
    """The other evaluator signs the joint sheet on this device with their own password, and is not logged in.

    Only once the person whose device it is has signed.
    """
    found, assignment = get_sheet(request.user, pk)
    if not found.is_joint or assignment.state != Assignment.State.ACTIVE:
        raise Http404
    asked = request.POST.get("assignment", "")
    pk_asked = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    other = get_object_or_404(_others(found, assignment), pk=pk_asked)
    if found.state == ScoringSheet.State.SIGNED:
        return redirect(sheet_url(found))
    if not found.signatures.filter(assignment=assignment, seq=found.content_seq).exists():
        return _page(request, pk, status=409, refusal="Signez d'abord : l'autre évaluateur signe ensuite.")
    form = CosignForm(request.POST, signer=other.appointment.user)
    if not form.is_valid():
        form.fields["password"].widget.attrs["autofocus"] = True
        return _page(request, pk, status=422, cosign=form)
    try:
        sign_sheet(
            found, by=other.appointment.user, shown=request.POST.get("shown", ""), method=Signature.Method.PASSWORD
        )
    except SheetChanged:
        return _page(request, pk, status=409, refusal=CHANGED)
    except TransitionRefused as refused:
        return _page(request, pk, status=409, refusal=refused.message, missing=refused.missing)
    messages.success(request, f"La signature de {other.appointment.user} est enregistrée.")
    return redirect(sheet_url(found))
