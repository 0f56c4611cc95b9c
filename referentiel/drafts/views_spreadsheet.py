"""A spreadsheet of criteria, read back row by row before it becomes a draft."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cqp.spreadsheets import columns as imports
from cqp.spreadsheets.formats import EXTENSIONS
from cqp.spreadsheets.forms import ColumnsForm
from cqp.spreadsheets.writing import annotate
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from referentiel.drafts.spreadsheet_services import CriteriaRun, make_draft, read_criteria, set_criteria_columns
from referentiel.models import CriteriaSpreadsheet

SHOWN = 200


def _sent(request: HttpRequest, pk: int) -> CriteriaSpreadsheet:
    return get_object_or_404(CriteriaSpreadsheet.objects.administered_by(request.user).select_related("branch"), pk=pk)


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    sent = _sent(request, pk)
    run = read_criteria(sent)
    return render(request, "branch/referentiel/criteria.html", _context(sent, run, ColumnsForm(reading=run.reading)))


def _context(sent: CriteriaSpreadsheet, run: CriteriaRun, form: ColumnsForm) -> dict[str, Any]:
    return {
        "sent": sent,
        "run": run,
        "reading": run.reading,
        "form": form,
        "refused": run.refused[:SHOWN],
        "doubtful": [row for row in run.rows if row.warnings][:SHOWN],
    }


@require_POST
def columns(request: PersonRequest, pk: int) -> HttpResponse:
    sent = _sent(request, pk)
    run = read_criteria(sent)
    form = ColumnsForm(request.POST, reading=run.reading)
    if form.is_valid():
        form.save(partial(set_criteria_columns, sent=sent, by=request.user))
        if not form.errors:
            return redirect("branch:criteria", pk)
    return render(request, "branch/referentiel/criteria.html", _context(sent, run, form), status=422)


@require_POST
def apply(request: PersonRequest, pk: int) -> HttpResponse:
    sent = _sent(request, pk)
    try:
        draft = make_draft(sent=sent, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("branch:criteria", pk)
    messages.success(request, "Le brouillon est créé. Il ne sert à aucune session avant d'être scellé.")
    return redirect("branch:draft", draft.pk)


@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file, with what is wrong beside each row."""
    sent = _sent(request, pk)
    run = read_criteria(sent)
    reading = run.reading
    notes = {reading.table.header: "À corriger"} | {row.number: imports.row_text(row) for row in run.refused}
    content = annotate(bytes(sent.content), reading.book, reading.sheet.name, notes)
    stem = sent.name.rpartition(".")[0] or sent.name
    return file_response(content, reading.book.type, f"{stem}-a-corriger.{EXTENSIONS[reading.book.type]}")
