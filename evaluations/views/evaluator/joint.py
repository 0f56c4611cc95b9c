"""The agreement: the evaluators' sheets side by side, differences first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from evaluations.forms.evaluator import SheetForm
from evaluations.models import ScoringSheet
from evaluations.results import SheetView, sheet_views
from evaluations.views.evaluator.access import get_sheet, may_fill, sheets_of
from evaluations.views.evaluator.rows import ActivityRow, add_opinions
from evaluations.views.evaluator.sheet import read_page, save, scoring_context, scoring_page


@require_http_methods(["GET", "HEAD", "POST"])
def joint(request: HttpRequest, pk: int) -> HttpResponse:
    """The joint sheet: to agree on while it is open, then to read. Where it is the only one, it is scored directly."""
    found, assignment = get_sheet(request.user, pk)
    if not found.is_joint:
        return redirect("evaluator:sheet", pk)
    signed = _signed(request, found, assignment)
    if not signed:
        return scoring_page(request, found, assignment)
    views = sheet_views([found, *signed])
    view = views[found.pk]
    form = SheetForm(view, assignment.pk, request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST":
        refusal = save(request, form)
        if not refusal:
            return redirect("evaluator:joint", pk)
    if not may_fill(found, assignment):
        return read_page(request, view, assignment)
    context = scoring_context(request, form, assignment)
    context |= _differences(context["rows"], [views[one.pk] for one in signed], assignment)
    context["refusal"] = refusal
    return render(request, "evaluator/joint.html", context, status=422 if refusal else 200)


def _differences(rows: list[ActivityRow], signed: list[SheetView], assignment: Assignment) -> dict[str, Any]:
    """Write the opinions on the rows, and return the rows to settle, those on which all agree, and the progress."""
    opinions = []
    for view in signed:
        mine = view.sheet.assignment_id == assignment.pk
        opinions.append(("vous" if mine else str(view.sheet.assignment.appointment.user), mine, view))
    add_opinions(rows, opinions)
    competences = [competence for row in rows for competence in row.competences]
    criteria = [criterion for competence in competences for criterion in competence.criteria]
    return {
        "evaluators": [name for name, _, _ in opinions],
        "competences": competences,
        "different": [row for row in criteria if not row.equal],
        "equal": [row for row in criteria if row.equal],
        "settled": sum(1 for row in criteria if not row.equal and row.settled),
    }


def _signed(request: HttpRequest, found: ScoringSheet, assignment: Assignment) -> list[ScoringSheet]:
    """Return the signed sheets of the active evaluators, one's own first."""
    sheets = sheets_of(request.user).filter(
        interview=found.interview_id, assignment__state=Assignment.State.ACTIVE, state=ScoringSheet.State.SIGNED
    )
    return sorted(sheets, key=lambda one: (one.assignment_id != assignment.pk, one.assignment_id))
