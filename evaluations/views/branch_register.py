"""The register of holders, those one bloc away, the blocs that expire; as a page and as a spreadsheet."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cqp.models import Document
from cqp.responses import file_response
from cqp.spreadsheet_files import write_xlsx
from cqp.spreadsheets import XLSX
from cqp.views.documents import document_response
from evaluations.kinds import REGISTER
from evaluations.register import certificates, expiring, nearly_there
from evaluations.services.register import issue_register

PER_PAGE = 50
LISTS = {
    "": "Titulaires",
    "annules": "Certificats annulés ou remplacés",
    "presque": "À un bloc du CQP",
    "expirent": "Blocs qui expirent dans l'année",
}


def _rows(request: HttpRequest, chosen: str, search: str) -> Any:
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


def _asked(request: HttpRequest) -> tuple[str, str]:
    chosen = request.GET.get("liste", "")
    return (chosen if chosen in LISTS else ""), " ".join(request.GET.get("q", "").split())[:100]


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    chosen, search = _asked(request)
    page = Paginator(_rows(request, chosen, search), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "chosen": chosen, "lists": LISTS.items(), "title": LISTS[chosen]}
    if not chosen:
        issued = Document.objects.administered_by(request.user).filter(kind=REGISTER.name, erased_at=None)
        context["branches"] = request.user.administered_branches.order_by("name")
        context["issued"] = issued.defer("bytes", "context")[:10]
    return render(request, "branch/register.html", context)


@require_POST
def issue(request: HttpRequest, pk: int) -> HttpResponse:
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
def spreadsheet(request: HttpRequest) -> HttpResponse:
    chosen, search = _asked(request)
    header, lines = _lines(chosen, _rows(request, chosen, search))
    return file_response(write_xlsx(LISTS[chosen], header, lines), XLSX, f"registre-{chosen or 'titulaires'}.xlsx")


def _lines(chosen: str, rows: Any) -> tuple[list[str], list[list[Any]]]:
    who = ["Nom de naissance", "Nom d'usage", "Prénoms", "Naissance"]

    def person(candidate: Any) -> list[str]:
        names = [candidate.birth_name, candidate.used_name, candidate.first_names]
        return [*names, candidate.birth_date_text]

    match chosen:
        case "presque":
            header = [*who, "Certification", "Version", "Bloc qui manque", "Intitulé"]
            return header, [
                [
                    *person(one.candidate),
                    *(one.referentiel.title, one.referentiel.version, one.missing.number, one.missing.title),
                ]
                for one in rows
            ]
        case "expirent":
            header = [*who, "Certification", "Bloc", "Obtenu le", "Valable jusqu'au"]
            return header, [
                [
                    *person(one.candidate),
                    *(one.bloc.referentiel.title, one.bloc.number, one.obtained_on, one.valid_until),
                ]
                for one in rows
            ]
    header = [*who, "Certification", "Session", "Certificat", "Émis le", "Annulé le", "Remplacé par"]
    return header, [
        [
            *person(one.enrolment.candidate),
            *(one.session.referentiel.title, one.session.title, one.document.reference),
            one.document.issued_at.astimezone(one.session.zone).date(),
            one.document.voided_at.astimezone(one.session.zone).date() if one.document.voided_at else "",
            one.document.superseded_by.reference if getattr(one.document, "superseded_by", None) else "",
        ]
        for one in rows
    ]
