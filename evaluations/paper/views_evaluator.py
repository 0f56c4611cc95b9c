"""Paper as the last resort: the blank forms to print, and a form filled by hand that is copied afterwards."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from candidates.models import Assignment
from cqp.files.requests import limited_body
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from evaluations.assignments.queries import can_open, get_assignment, get_sheet
from evaluations.models import ScoringSheet
from evaluations.paper.forms import CodeForm, CopyForm
from evaluations.paper.forms_pdf import Part, paper_pdf, printable, sheet_code
from evaluations.paper.services import PaperRefused, back_to_screen, find_sheet
from evaluations.sheets.permissions import can_copy
from evaluations.sheets.services import sheet_url


@require_safe
def paper(request: PersonRequest, interview: int) -> HttpResponse:
    """What to print for an interview, and how to copy it afterwards."""
    assignment = get_assignment(request.user, interview)
    if assignment.appointment.undertaking_signed_at is None:
        return redirect("evaluator:undertaking", assignment.appointment.session_id)
    context = {"assignment": assignment, "interview": assignment.interview, "code": sheet_code(assignment)}
    return render(request, "evaluator/paper.html", context)


@require_safe
def grid_pdf(request: PersonRequest, interview: int) -> HttpResponse:
    """The blank interview grid; with one's own notes and questions when asked for (`?notes`)."""
    return _pdf(request, interview, "grid", "grille", personal="notes" in request.GET)


@require_safe
def scoring_pdf(request: PersonRequest, interview: int) -> HttpResponse:
    """The blank scoring form."""
    return _pdf(request, interview, "scoring", "fiche", personal=False)


def _pdf(request: PersonRequest, interview: int, part: Part, name: str, *, personal: bool) -> HttpResponse:
    mine = Assignment.objects.filter(
        interview=interview, appointment__user=request.user, appointment__undertaking_signed_at__isnull=False
    )
    assignment = get_object_or_404(printable(mine))
    content = paper_pdf([assignment], (part,), personal=personal)
    return file_response(content, "application/pdf", f"{name}-{sheet_code(assignment)}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def paper_code(request: PersonRequest) -> HttpResponse:
    """Type the code of a filled form, and go to its sheet. Another's code is a 404, a typing error a 422."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "home": "evaluator:home", "label": "Mes entretiens"}
        return render(request, "evaluator/paper_code.html", context, status=422 if form.is_bound else 200)
    sheet = find_sheet(form.cleaned_data["code"], by=request.user)
    if sheet is None:
        raise Http404
    return redirect("evaluator:copy", sheet.pk)


@limited_body
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: PersonRequest, pk: int) -> HttpResponse:
    """Say that the sheet is copied from paper: the scan, the hours kept by hand; then the usual scoring form."""
    sheet, assignment = get_sheet(request.user, pk)
    if not can_copy(request.user, sheet) or not can_open(sheet, assignment):
        raise Http404
    if "screen" in request.POST:
        return _to_screen(request, sheet)
    form = CopyForm(*((request.POST, request.FILES) if request.method == "POST" else ()), sheet=sheet, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "La fiche est notée comme recopiée d'une grille en papier. Recopiez ses niveaux.")
        return redirect(sheet_url(sheet))
    context = {
        "form": form,
        "sheet": sheet,
        "interview": sheet.interview,
        "code": sheet_code(assignment),
        "back": sheet_url(sheet),
    }
    return render(request, "evaluator/paper_copy.html", context, status=422 if form.is_bound else 200)


def _to_screen(request: PersonRequest, sheet: ScoringSheet) -> HttpResponse:
    try:
        back_to_screen(sheet, by=request.user)
    except PaperRefused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "La fiche est de nouveau une fiche saisie à l'écran.")
    return redirect(sheet_url(sheet))
