"""A spreadsheet of criteria, read back row by row before it becomes a draft."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cqp import imports
from cqp.forms import ColumnsForm
from cqp.responses import file_response
from cqp.spreadsheet_files import annotate
from cqp.spreadsheets import EXTENSIONS
from referentiel.models import CriteriaSpreadsheet
from referentiel.services.criteria import CriteriaRun, make_draft, read_criteria, set_criteria_columns

SHOWN = 200


def _found(request: HttpRequest, pk: int) -> CriteriaSpreadsheet:
    return get_object_or_404(CriteriaSpreadsheet.objects.administered_by(request.user).select_related("branch"), pk=pk)


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    run = read_criteria(found)
    return render(request, "branch/criteria.html", _context(found, run, ColumnsForm(reading=run.reading)))


def _context(found: CriteriaSpreadsheet, run: CriteriaRun, form: ColumnsForm) -> dict[str, Any]:
    return {"found": found, "run": run, "reading": run.reading, "form": form, "refused": run.refused[:SHOWN]}


@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    run = read_criteria(found)
    form = ColumnsForm(request.POST, reading=run.reading)
    if form.is_valid():
        form.save(partial(set_criteria_columns, found=found, by=request.user))
        if not form.errors:
            return redirect("branch:criteria", pk)
    return render(request, "branch/criteria.html", _context(found, run, form), status=422)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    try:
        draft = make_draft(found=found, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("branch:criteria", pk)
    messages.success(request, "Le brouillon est créé. Il ne sert à aucune session avant d'être scellé.")
    return redirect("branch:draft", draft.pk)


@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file, with what is wrong beside each row."""
    found = _found(request, pk)
    run = read_criteria(found)
    reading = run.reading
    told = {reading.table.header: "À corriger"} | {row.number: imports.words(row) for row in run.refused}
    content = annotate(bytes(found.content), reading.book, reading.sheet.name, told)
    stem = found.name.rpartition(".")[0] or found.name
    return file_response(content, reading.book.type, f"{stem}-a-corriger.{EXTENSIONS[reading.book.type]}")
