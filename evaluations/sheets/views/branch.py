"""A branch's sheets: signed ones to read, and to open again with a reason; an evaluator's place given to another."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import Assignment
from candidates.planning.replacement import may_be_replaced
from cqp.models import User
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused
from evaluations.models import ScoringSheet
from evaluations.sheets.form_rows import PROPOSALS
from evaluations.sheets.forms import ReplacementForm
from evaluations.sheets.permissions import can_scan
from evaluations.sheets.queries import proposal, sheet_view
from evaluations.sheets.services import reopen_sheet


def _sheets(user: User) -> QuerySet[ScoringSheet]:
    return ScoringSheet.objects.administered_by(user).unless_scoring_alone(user).with_context()


@require_safe
def sheet(request: PersonRequest, pk: int) -> HttpResponse:
    """A signed sheet, or what a replaced evaluator left: evidence.

    Of another open one only that it is open: nobody looks over an evaluator's shoulder.
    """
    return _page(request, get_object_or_404(_sheets(request.user), pk=pk))


def _page(request: PersonRequest, sheet: ScoringSheet, refused: TransitionRefused | None = None) -> HttpResponse:
    signed = sheet.state == ScoringSheet.State.SIGNED
    left = sheet.assignment is not None and sheet.assignment.state != Assignment.State.ACTIVE
    view = sheet_view(sheet) if signed or left else None
    context = {
        "sheet": sheet,
        "session": sheet.interview.enrolment_bloc.enrolment.session,
        "view": view,
        "left": left,
        "scannable": not signed and can_scan(request.user, sheet),
        "proposal": PROPOSALS[proposal(view)] if view else "",
        "signatures": sheet.signatures.select_related("assignment__appointment__user"),
        "reopenings": sheet.reopenings.select_related("by").order_by("at"),
        "refused": refused,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "branch/sheets/sheet.html", context, status=409 if refused else 200)


@require_POST
def reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Open a signed sheet again. A second click finds it open and changes nothing."""
    sheet = get_object_or_404(_sheets(request.user), pk=pk)
    if sheet.state == ScoringSheet.State.SIGNED:
        try:
            reopen_sheet(sheet, by=request.user, reason=request.POST.get("reason", ""))
        except TransitionRefused as refused:
            sheet.refresh_from_db()
            return _page(request, sheet, refused)
        messages.success(request, "La fiche est rouverte : elle devra être signée de nouveau.")
    return redirect("branch:sheet", pk)


@require_http_methods(["GET", "POST"])
def replace(request: PersonRequest, pk: int) -> HttpResponse:
    """Choose who takes the place. Sent twice, or once the place is taken: back to the interview, which tells."""
    rows = Assignment.objects.administered_by(request.user).select_related(
        "appointment__user",
        "interview__enrolment_bloc__bloc",
        "interview__enrolment_bloc__enrolment__candidate",
        "interview__enrolment_bloc__enrolment__session__branch",
    )
    assignment = get_object_or_404(rows.prefetch_related("interview__assignments"), pk=pk)
    interview, leaving = assignment.interview, assignment.appointment.user
    if not may_be_replaced(assignment, interview):
        messages.info(request, f"La place de {leaving} n'est plus à donner : voici où en est l'entretien.")
        return redirect("branch:interview", interview.pk)
    form = ReplacementForm(request.POST if request.method == "POST" else None, by=request.user, assignment=assignment)
    if form.is_valid() and (new := form.save()):
        messages.success(request, f"{new.appointment.user} évalue l'entretien. Les deux personnes sont prévenues.")
        return redirect("branch:interview", interview.pk)
    context = {
        "form": form,
        "assignment": assignment,
        "interview": interview,
        "session": interview.enrolment_bloc.enrolment.session,
    }
    return render(request, "branch/sheets/replacement.html", context, status=422 if form.is_bound else 200)
