"""A branch's sheets: signed ones to read, and to open again with a reason."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Assignment
from cqp.models import User
from cqp.workflow import TransitionRefused
from evaluations.models import ScoringSheet
from evaluations.permissions import can_scan
from evaluations.results import proposal, sheet_view
from evaluations.services.sheets import reopen_sheet
from evaluations.views.evaluator.rows import PROPOSALS


def _sheets(user: User) -> QuerySet[ScoringSheet]:
    return ScoringSheet.objects.administered_by(user).unless_scoring_alone(user).with_context()


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A signed sheet, or what a replaced evaluator left: evidence.

    Of another open one only that it is open: nobody looks over an evaluator's shoulder.
    """
    return _page(request, get_object_or_404(_sheets(request.user), pk=pk))


def _page(request: HttpRequest, found: ScoringSheet, refused: TransitionRefused | None = None) -> HttpResponse:
    signed = found.state == ScoringSheet.State.SIGNED
    left = found.assignment is not None and found.assignment.state != Assignment.State.ACTIVE
    view = sheet_view(found) if signed or left else None
    context = {
        "sheet": found,
        "session": found.interview.enrolment_bloc.enrolment.session,
        "view": view,
        "left": left,
        "scannable": not signed and can_scan(request.user, found),
        "proposal": PROPOSALS[proposal(view)] if view else "",
        "signatures": found.signatures.select_related("assignment__appointment__user"),
        "reopenings": found.reopenings.select_related("by").order_by("at"),
        "refused": refused,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "branch/sheet.html", context, status=409 if refused else 200)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a signed sheet again. A second click finds it open and changes nothing."""
    found = get_object_or_404(_sheets(request.user), pk=pk)
    if found.state == ScoringSheet.State.SIGNED:
        try:
            reopen_sheet(found, by=request.user, reason=request.POST.get("reason", ""))
        except TransitionRefused as refused:
            found.refresh_from_db()
            return _page(request, found, refused)
        messages.success(request, "La fiche est rouverte : elle devra être signée de nouveau.")
    return redirect("branch:sheet", pk)
