"""The scoring form, the same form without JavaScript, and the end of the interview."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import Assignment, Interview
from cqp.middleware import json_endpoint
from cqp.models import Operation
from cqp.operations import KeyReused, Malformed
from cqp.workflow import TransitionRefused
from evaluations import scoring
from evaluations.forms.evaluator import SheetForm
from evaluations.models import PreparationNote, ScoringSheet
from evaluations.results import SheetView, proposal, sheet_view
from evaluations.services.sheets import finish_interview, sheet_url
from evaluations.views.evaluator.access import get_assignment, get_sheet, may_fill, sheets_of
from evaluations.views.evaluator.dossier import dossier_headings
from evaluations.views.evaluator.rows import PROPOSALS, activity_rows, outcome_text


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own sheet: the scoring form while it is open, then to read. Another's, once signed, to read."""
    found, assignment = get_sheet(request.user, pk)
    if found.is_joint:
        return redirect("evaluator:joint", pk)
    return scoring_page(request, found, assignment)


def scoring_page(request: HttpRequest, found: ScoringSheet, assignment: Assignment) -> HttpResponse:
    view = sheet_view(found)
    refusal = ""
    form = SheetForm(view, assignment.pk, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refusal = save(request, form)
        if not refusal:
            return redirect(sheet_url(found))
    if not may_fill(found, assignment):
        return read_page(request, view, assignment)
    context = scoring_context(request, form, assignment) | {
        "action": sheet_url(found),
        "refusal": refusal,
        "headings": dossier_headings(request.user, found.interview, empty=False),
    }
    return render(request, "evaluator/sheet.html", context, status=422 if refusal else 200)


def read_page(request: HttpRequest, view: SheetView, assignment: Assignment) -> HttpResponse:
    """A sheet that nobody fills now: signed, or of an interview that the person left."""
    context = {
        "sheet": view.sheet,
        "view": view,
        "proposal": PROPOSALS[proposal(view)],
        "mine": view.sheet.assignment_id == assignment.pk,
        "signatures": view.sheet.signatures.select_related("assignment__appointment__user"),
        "joint": sheets_of(request.user).filter(interview=view.sheet.interview_id, assignment=None).first(),
    }
    return render(request, "evaluator/sheet_read.html", context)


def scoring_context(request: HttpRequest, form: SheetForm, assignment: Assignment) -> dict[str, Any]:
    """Return what a page to score shows: the form's rows, the clock, the pace, the progress."""
    view, interview = form.view, form.view.sheet.interview
    weights = [sum(len(c.criteria) for c in activity.competences) for activity in view.activities]
    minutes = scoring.share_minutes(weights, interview.minutes) if weights else ()
    notes = PreparationNote.objects.filter(assignment=assignment).values_list("activity", "text")
    now = timezone.now()
    end = interview.finished_at or now
    elapsed = max(0, int((end - interview.started_at).total_seconds())) if interview.started_at else 0
    rows = activity_rows(form, minutes, dict(notes))
    return {
        "sheet": view.sheet,
        "interview": interview,
        "assignment": assignment,
        "view": view,
        "form": form,
        "rows": rows,
        "running": interview.state == Interview.State.RUNNING,
        "now": now,
        "elapsed_minutes": elapsed // 60,
        "shares": [[row.activity.code, row.minutes] for row in rows],
        "pace": rows[scoring.pace(minutes, elapsed // 60)].activity if rows else None,
        "proposal": PROPOSALS[proposal(view)],
    }


def save(request: HttpRequest, form: SheetForm) -> str:
    """Save the plain form and tell what became of it. Return why nothing was saved, or ""."""
    try:
        answers = form.save(by=request.user)
    except Malformed as error:
        return f"{error} Rien n'a été enregistré : corrigez, puis enregistrez de nouveau."
    except KeyReused as error:
        return f"{error} Rechargez la page."
    names = {
        line.criterion.pk: f"{c.competence.code}, critère {rank}"
        for c in form.view.competences
        for rank, line in enumerate(c.criteria, 1)
    }
    levels = {level.value: level.label for level in form.view.scale}
    for operation in answers:
        if operation.status == Operation.Status.REFUSED:
            messages.error(
                request, f"Non pris en compte : {_content(operation.payload, names, levels)}. {operation.refusal}"
            )
        elif operation.replaced:
            messages.warning(
                request,
                f"Valeur remplacée : {_content(operation.replaced, names, levels)}. Elle avait été "
                "saisie ailleurs depuis l'ouverture de cette page.",
            )
    if all(operation.status == Operation.Status.APPLIED for operation in answers):
        messages.success(request, "Tout est enregistré.")
    return ""


def _content(payload: dict[str, Any], names: dict[int, str], levels: dict[int, str]) -> str:
    """Say in words what an operation carried: `C1.1, critère 2 : Démontré`."""
    values = [levels.get(payload["level"], "aucun niveau")] if "level" in payload else []
    values += [f"« {payload[name]} »" for name in ("text", "comment", "reason") if payload.get(name)]
    return f"{names.get(payload.get('criterion'), 'avis')} : {', '.join(values) or 'note vide'}"


@json_endpoint
@require_safe
def results(request: HttpRequest, pk: int) -> JsonResponse:
    """What the rule says of the sheet as saved: `{"competences": {pk: text}, "proposal": text}`. For its author."""
    found = get_object_or_404(sheets_of(request.user), pk=pk)
    view = sheet_view(found)
    competences = {str(line.competence.pk): outcome_text(line) for line in view.competences}
    return JsonResponse({"competences": competences, "proposal": PROPOSALS[proposal(view)]})


@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """End the interview: either evaluator may. The sheets stay open until they are signed."""
    found, _ = get_sheet(request.user, pk)
    assignment = get_assignment(request.user, found.interview_id)
    if assignment.interview.state == Interview.State.RUNNING:
        try:
            finish_interview(assignment.interview, by=request.user)
        except TransitionRefused as refused:
            if Interview.objects.get(pk=found.interview_id).state != Interview.State.FINISHED:
                messages.error(request, refused.message)
    return redirect(sheet_url(found))
