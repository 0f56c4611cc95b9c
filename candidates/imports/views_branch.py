"""Spreadsheets of candidates, evaluators and blocs held: sent, read back line by line, then done."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.imports.kinds import KINDS
from candidates.imports.services import (
    ImportPreview,
    accept_all_readings,
    accept_readings,
    apply_import,
    preview_import,
    resolve_duplicates,
    set_columns,
    start_import,
)
from candidates.models import Import, Session
from candidates.sessions.queries import administered_session
from cqp.models import User
from cqp.spreadsheets import columns as spreadsheet_columns
from cqp.spreadsheets.formats import EXTENSIONS, XLSX
from cqp.spreadsheets.forms import ColumnsForm, SpreadsheetForm
from cqp.spreadsheets.writing import annotate, write_xlsx
from cqp.web.forms import save_or_show
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response


class ImportFileForm(SpreadsheetForm):
    def save(self, session: Session, kind: str, by: User) -> Import | None:
        file = self.cleaned_data["file"]
        return save_or_show(
            self, lambda: start_import(session=session, kind=kind, name=file.name, content=file.read(), by=by)
        )


PER_PAGE = 100
# What a list of rows is about, in the order of the page.
LISTS = {
    "refused": "À corriger",
    "choose": "À trancher",
    "check": "À vérifier",
    "create": "À créer",
    "enrol": "Déjà connus, à inscrire",
    "update": "À compléter",
    "same": "Sans changement",
}


def administered_import(request: HttpRequest, pk: int) -> Import:
    return get_object_or_404(Import.objects.administered_by(request.user).select_related("session"), pk=pk)


@require_http_methods(["GET", "POST"])
def start(request: PersonRequest, pk: int, kind: str) -> HttpResponse:
    session = administered_session(request, pk)
    if kind not in KINDS:
        raise Http404
    form = ImportFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (import_ := form.save(session, kind, request.user)):
        return redirect("branch:import", import_.pk)
    context = {
        "session": session,
        "form": form,
        "kind": kind,
        "title": KINDS[kind].title,
        "columns": KINDS[kind].columns(session),
        "earlier": session.imports.filter(kind=kind).defer("content", "mapping")[:10],
    }
    return render(request, "branch/imports/import_start.html", context, status=422 if form.is_bound else 200)


@require_GET
def template(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A workbook with the titles that are understood, and a row to show what they hold."""
    session = administered_session(request, pk)
    if kind not in KINDS:
        raise Http404
    columns = KINDS[kind].columns(session)
    content = write_xlsx("Modèle", [column.label for column in columns], [[column.example for column in columns]])
    return file_response(content, XLSX, f"modele-{kind}.xlsx")


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    import_ = administered_import(request, pk)
    if import_.state != Import.State.DRAFT:
        return render(request, "branch/imports/import_done.html", {"import": import_, "session": import_.session})
    preview = preview_import(import_)
    return render(
        request, "branch/imports/import.html", _context(request, import_, preview, ColumnsForm(reading=preview.reading))
    )


def _context(request: HttpRequest, import_: Import, preview: ImportPreview, form: ColumnsForm) -> dict[str, Any]:
    counts = [(act, label, preview.count(act)) for act, label in LISTS.items()]
    first = next((act for act, _, count in counts if count), "create")
    chosen = request.GET.get("voir", first)
    rows = [plan for plan in preview.plans if plan.stage == chosen]
    return {
        "import": import_,
        "session": import_.session,
        "title": KINDS[import_.kind].title,
        "preview": preview,
        "reading": preview.reading,
        "form": form,
        "chosen": chosen,
        "counts": [(act, label, count) for act, label, count in counts if count],
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "ready": len(preview.ready),
        "stopped": preview.count("refused", "choose"),
        "to_check": preview.count("check"),
    }


@require_POST
def columns(request: PersonRequest, pk: int) -> HttpResponse:
    import_ = administered_import(request, pk)
    preview = preview_import(import_)
    form = ColumnsForm(request.POST, reading=preview.reading)
    if form.is_valid():
        form.save(partial(set_columns, import_=import_, by=request.user))
        if not form.errors:
            return redirect("branch:import", pk)
    return render(request, "branch/imports/import.html", _context(request, import_, preview, form), status=422)


@require_POST
def settle(request: PersonRequest, pk: int) -> HttpResponse:
    """Say who is who, of the rows that resemble somebody."""
    import_ = administered_import(request, pk)
    prefix = "row-"
    choices = {name.removeprefix(prefix): str(value) for name, value in request.POST.items() if name.startswith(prefix)}
    _run_or_show(request, lambda: resolve_duplicates(import_=import_, choices=choices, by=request.user))
    return redirect("branch:import", pk)


@require_POST
def accept(request: PersonRequest, pk: int) -> HttpResponse:
    """Agree to how rows were read: to some (`doubt`), or to all that the page showed (`all`)."""
    import_ = administered_import(request, pk)
    if digest := request.POST.get("all", ""):
        _run_or_show(request, lambda: accept_all_readings(import_=import_, digest=digest, by=request.user))
    else:
        ids = request.POST.getlist("doubt")
        _run_or_show(request, lambda: accept_readings(import_=import_, ids=ids, by=request.user))
    return redirect("branch:import", pk)


@require_POST
def apply(request: PersonRequest, pk: int) -> HttpResponse:
    import_ = administered_import(request, pk)
    _run_or_show(request, lambda: apply_import(import_=import_, by=request.user))
    return redirect("branch:import", pk)


def _run_or_show(request: HttpRequest, service: Callable[[], object]) -> None:
    """Call a service; its refusal is shown on the next page."""
    try:
        service()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))


@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file, with what is wrong beside each row."""
    import_ = administered_import(request, pk)
    preview = preview_import(import_)
    texts = {plan.row.number: spreadsheet_columns.row_text(plan.row) for plan in preview.plans if plan.row.errors}
    texts |= {
        plan.row.number: " ; ".join(
            f"à vérifier : {doubt.problem.text}" for doubt in plan.doubts if not doubt.is_accepted
        )
        for plan in preview.plans
        if plan.stage == "check"
    }
    texts |= {
        plan.row.number: f"à trancher : ressemble à {plan.twin}" for plan in preview.plans if plan.act == "choose"
    }
    reading = preview.reading
    notes = {reading.table.header: "À corriger", **texts}
    content = annotate(bytes(import_.content), reading.book, reading.sheet.name, notes)
    stem = import_.name.rpartition(".")[0] or import_.name
    return file_response(content, reading.book.type, f"{stem}-a-corriger.{EXTENSIONS[reading.book.type]}")
