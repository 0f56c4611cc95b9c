"""The page of the half hour: the reception, the scoring form, the same form without JavaScript."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from candidates.interviews.clock import signal_text
from candidates.models import Assignment, Incident, Reception
from cqp.models import Operation
from cqp.operations.hooks import MalformedError
from cqp.operations.protocol import KeyReusedError
from cqp.web.requests import PersonRequest
from evaluations.assignments.dossier import dossier_headings
from evaluations.assignments.queries import (
    can_fill,
    can_open,
    get_assignment,
    get_sheet,
    other_evaluators,
    sheets_of,
)
from evaluations.models import ScoringSheet
from evaluations.preparation.queries import load_preparation
from evaluations.scoring import rules as scoring
from evaluations.sheets.day import open_ahead
from evaluations.sheets.form_rows import PROPOSALS, activity_rows, add_positions, rule_data
from evaluations.sheets.forms import SheetForm
from evaluations.sheets.interview_course import read_course
from evaluations.sheets.queries import SheetView, proposal, sheet_view
from evaluations.sheets.services import sheet_url


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: PersonRequest, pk: int) -> HttpResponse:
    """One's own sheet: the scoring form while it is open, then to read. Another's, once signed, to read."""
    sheet, assignment = get_sheet(request.user, pk)
    if sheet.is_joint:
        return redirect("evaluator:joint", pk)
    return scoring_page(request, sheet, assignment)


def scoring_page(request: PersonRequest, sheet: ScoringSheet, assignment: Assignment) -> HttpResponse:
    view = sheet_view(sheet)
    refusal = ""
    form = SheetForm(view, assignment.pk, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refusal = save(request, form)
        if not refusal:
            return redirect(sheet_url(sheet))
    if not can_open(sheet, assignment):
        return read_page(request, view, assignment)
    context = scoring_context(request, form, assignment) | {
        "action": sheet_url(sheet),
        "refusal": refusal,
        "fillable": can_fill(sheet, assignment),
        "papers": Reception.Paper.choices,
        "incidents": Incident.Category.choices,
        "headings": dossier_headings(request.user, sheet.interview),
    }
    return render(request, "evaluator/sheet.html", context, status=422 if refusal else 200)


def read_page(request: PersonRequest, view: SheetView, assignment: Assignment) -> HttpResponse:
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
    planned_break = interview.enrolment_bloc.enrolment.break_minutes
    minutes = scoring.share_minutes(weights, interview.minutes - planned_break) if weights else ()
    life = read_course(interview, timezone.now())
    rows = activity_rows(form, minutes, load_preparation(assignment, interview))
    others = list(other_evaluators(view.sheet, assignment)) if view.sheet.is_joint else []
    add_positions(rows, others, assignment.pk)
    return {
        "sheet": view.sheet,
        "interview": interview,
        "assignment": assignment,
        "view": view,
        "form": form,
        "rows": rows,
        "others": others,
        "life": life,
        "rule": rule_data(view),
        "planned_break": planned_break,
        "elapsed": life["elapsed"],
        "elapsed_minutes": life["elapsed"] // 60,
        "signal": signal_text(life["elapsed"], life["minutes"]) if _calls(life) else "",
        "shares": [[row.activity.code, row.minutes] for row in rows],
        "pace": rows[scoring.pace(minutes, life["elapsed"] // 60)].activity if rows else None,
        "proposal": PROPOSALS[proposal(view)],
    }


def _calls(life: Mapping[str, Any]) -> bool:
    """The end is near for an interview whose clock runs."""
    return life["state"] == "running" and not life["paused_since"]


def save(request: PersonRequest, form: SheetForm) -> str:
    """Save the plain form and tell what became of it. Return why nothing was saved, or ""."""
    try:
        answers = form.save(by=request.user)
    except MalformedError as error:
        return f"{error} Rien n'a été enregistré : corrigez, puis enregistrez de nouveau."
    except KeyReusedError as error:
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


def _content(payload: dict[str, Any], names: Mapping[Any, str], levels: dict[int, str]) -> str:
    """Say in words what an operation carried: `C1.1, critère 2 : Démontré`."""
    values = [levels.get(payload["level"], "aucun niveau")] if "level" in payload else []
    values += [f"« {payload[name]} »" for name in ("text", "comment", "reason") if payload.get(name)]
    return f"{names.get(payload.get('criterion'), 'avis')} : {', '.join(values) or 'note vide'}"


@require_POST
def open_sheet(request: PersonRequest, interview: int) -> HttpResponse:
    """Open one's own sheet ahead and go to it: the reception and the start are there."""
    assignment = get_assignment(request.user, interview)
    if assignment.appointment.undertaking_signed_at is None:
        messages.error(request, "Avant d'ouvrir la fiche, signez l'engagement de confidentialité.")
        return redirect("evaluator:undertaking", assignment.appointment.session_id)
    sheet = open_ahead(assignment)
    if sheet is None:
        messages.error(request, "La session n'en est pas aux entretiens : la branche doit la faire avancer.")
        return redirect("evaluator:prepare", interview)
    return redirect(sheet_url(sheet))
