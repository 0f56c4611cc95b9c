"""Spreadsheets of candidates, evaluators and blocs held: sent, read back line by line, then done."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.forms.imports import ImportFileForm
from candidates.imports import KINDS
from candidates.models import Import
from candidates.services.imports import DryRun, apply_import, choose, dry_run, set_columns
from candidates.views.branch.sessions import administered_session
from cqp import imports
from cqp.forms import ColumnsForm
from cqp.responses import file_response
from cqp.spreadsheet_files import annotate, write_xlsx
from cqp.spreadsheets import EXTENSIONS, XLSX

PER_PAGE = 100
# What a list of rows is about, in the order of the page.
LISTS = {
    "refused": "À corriger",
    "choose": "À trancher",
    "create": "À créer",
    "enrol": "Déjà connus, à inscrire",
    "update": "À compléter",
    "same": "Sans changement",
}


def administered_import(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.administered_by(request.user).select_related("session"), pk=pk)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    session = administered_session(request, pk)
    if kind not in KINDS:
        raise Http404
    form = ImportFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (found := form.save(session, kind, request.user)):
        return redirect("branch:import", found.pk)
    context = {
        "session": session,
        "form": form,
        "kind": kind,
        "title": KINDS[kind].title,
        "columns": KINDS[kind].columns(session),
        "earlier": session.imports.filter(kind=kind).defer("content", "mapping")[:10],
    }
    return render(request, "branch/import_start.html", context, status=422 if form.is_bound else 200)


@require_GET
def template(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A workbook with the titles that are understood, and a row to show what they hold."""
    session = administered_session(request, pk)
    if kind not in KINDS:
        raise Http404
    columns = KINDS[kind].columns(session)
    content = write_xlsx("Modèle", [one.label for one in columns], [[one.example for one in columns]])
    return file_response(content, XLSX, f"modele-{kind}.xlsx")


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    found = administered_import(request, pk)
    if found.state != Import.State.DRAFT:
        return render(request, "branch/import_done.html", {"import": found, "session": found.session})
    run = dry_run(found)
    return render(request, "branch/import.html", _context(request, found, run, ColumnsForm(reading=run.reading)))


def _context(request: HttpRequest, found: Import, run: DryRun, form: ColumnsForm) -> dict[str, Any]:
    counts = [(act, label, run.count(act)) for act, label in LISTS.items()]
    first = next((act for act, _, count in counts if count), "create")
    chosen = request.GET.get("voir", first)
    rows = [one for one in run.planned if one.act == chosen]
    return {
        "import": found,
        "session": found.session,
        "title": KINDS[found.kind].title,
        "run": run,
        "reading": run.reading,
        "form": form,
        "chosen": chosen,
        "counts": [one for one in counts if one[2]],
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "ready": len(run.ready),
        "stopped": run.count("refused", "choose"),
    }


@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    found = administered_import(request, pk)
    run = dry_run(found)
    form = ColumnsForm(request.POST, reading=run.reading)
    if form.is_valid():
        form.save(partial(set_columns, found=found, by=request.user))
        if not form.errors:
            return redirect("branch:import", pk)
    return render(request, "branch/import.html", _context(request, found, run, form), status=422)


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who is who, of the rows that resemble somebody."""
    found = administered_import(request, pk)
    prefix = "row-"
    told = {name.removeprefix(prefix): value for name, value in request.POST.items() if name.startswith(prefix)}
    _told(request, lambda: choose(found=found, choices=told, by=request.user))
    return redirect("branch:import", pk)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    found = administered_import(request, pk)
    _told(request, lambda: apply_import(found=found, by=request.user))
    return redirect("branch:import", pk)


def _told(request: HttpRequest, act: Any) -> None:
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))


@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file, with what is wrong beside each row."""
    found = administered_import(request, pk)
    run = dry_run(found)
    texts = {one.row.number: imports.words(one.row) for one in run.planned if one.row.errors}
    texts |= {one.row.number: f"à trancher : ressemble à {one.twin}" for one in run.planned if one.act == "choose"}
    reading = run.reading
    told = {reading.table.header: "À corriger", **texts}
    content = annotate(bytes(found.content), reading.book, reading.sheet.name, told)
    stem = found.name.rpartition(".")[0] or found.name
    return file_response(content, reading.book.type, f"{stem}-a-corriger.{EXTENSIONS[reading.book.type]}")
