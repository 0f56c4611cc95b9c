"""The register of holders, those one bloc away, the blocs that expire; as a page and as a spreadsheet."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cqp.documents.views import document_response
from cqp.models import Document
from cqp.spreadsheets.formats import XLSX
from cqp.spreadsheets.writing import write_xlsx
from cqp.templatetags.pdf import grouped
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from evaluations.documents.days import get_certificate_day
from evaluations.documents.kinds import REGISTER
from evaluations.register.queries import certificates, expiring, nearly_there
from evaluations.register.services import issue_register

PER_PAGE = 50
LISTS = {
    "": "Titulaires",
    "annules": "Certificats annulés ou remplacés",
    "presque": "À un bloc du CQP",
    "expirent": "Blocs qui expirent dans l'année",
}


def _rows(request: PersonRequest, chosen: str, search: str) -> Any:
    branches = list(request.user.administered_branches.all())
    if not branches:
        raise Http404
    today = timezone.localdate()
    match chosen:
        case "presque":
            return nearly_there(branches, today)
        case "expirent":
            return expiring(branches, today)
    return certificates(request.user, search=search, in_force=chosen != "annules")


def _read_filters(request: HttpRequest) -> tuple[str, str]:
    chosen = request.GET.get("liste", "")
    return (chosen if chosen in LISTS else ""), " ".join(request.GET.get("q", "").split())[:100]


@require_GET
def register(request: PersonRequest) -> HttpResponse:
    chosen, search = _read_filters(request)
    page = Paginator(_rows(request, chosen, search), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "chosen": chosen, "lists": LISTS.items(), "title": LISTS[chosen]}
    if not chosen:
        issued = Document.objects.administered_by(request.user).filter(kind=REGISTER.name, erased_at=None)
        context["branches"] = request.user.administered_branches.order_by("name")
        context["issued"] = issued.defer("bytes", "context")[:10]
    return render(request, "branch/register/register.html", context)


@require_POST
def issue(request: PersonRequest, pk: int) -> HttpResponse:
    """Issue the register of a branch as a numbered document."""
    branch = get_object_or_404(request.user.administered_branches, pk=pk)
    document = issue_register(branch, by=request.user)
    messages.success(request, f"Le registre {document.reference} est émis, il se prépare.")
    return redirect("branch:register")


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Document.objects.administered_by(request.user).filter(kind=REGISTER.name)
    return document_response(request, get_object_or_404(rows, pk=pk), back=reverse("branch:register"))


@require_GET
def spreadsheet(request: PersonRequest) -> HttpResponse:
    chosen, search = _read_filters(request)
    rows = _rows(request, chosen, search)
    if chosen in ("", "annules"):  # with what the certificates say
        rows = rows.defer(None).defer("document__bytes", "document__superseded_by__bytes")
    header, lines = _lines(chosen, rows)
    return file_response(write_xlsx(LISTS[chosen], header, lines), XLSX, f"registre-{chosen or 'titulaires'}.xlsx")


def _lines(chosen: str, rows: Any) -> tuple[list[str], list[list[Any]]]:
    who = ["Nom de naissance", "Nom d'usage", "Prénoms", "Naissance"]

    def person(candidate: Any) -> list[Any]:
        names = [candidate.birth_name, candidate.used_name, candidate.first_names]
        return [*names, candidate.birth_cell]

    match chosen:
        case "presque":
            header = [*who, "Certification", "Version", "Bloc qui manque", "Intitulé"]
            return header, [
                [
                    *person(row.candidate),
                    *(row.referentiel.title, row.referentiel.version, row.missing.number, row.missing.title),
                ]
                for row in rows
            ]
        case "expirent":
            header = [*who, "Certification", "Bloc", "Obtenu le", "Valable jusqu'au"]
            return header, [
                [
                    *person(row.candidate),
                    *(row.bloc.referentiel.title, row.bloc.number, row.obtained_on, row.valid_until),
                ]
                for row in rows
            ]
    header = [
        *who,
        "Certification",
        "Session",
        "Certificat",
        "Code",
        "Décision du",
        "Émis le",
        "Annulé le",
        "Remplacé par",
    ]
    return header, [
        [
            *person(row.enrolment.candidate),
            *(row.session.referentiel.title, row.session.title, row.document.reference, grouped(row.document.code)),
            get_certificate_day(row.document.context, row.session.jury_on),
            row.document.issued_at.astimezone(row.session.zone).date(),
            row.document.voided_at.astimezone(row.session.zone).date() if row.document.voided_at else "",
            row.document.superseded_by.reference if getattr(row.document, "superseded_by", None) else "",
        ]
        for row in rows
    ]
