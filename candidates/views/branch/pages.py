"""The assembled dossier as evaluators read it, page by page; one of them withdrawn on a ground of confidentiality."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from candidates.forms.withdrawal import WithdrawalForm
from candidates.models import Dossier
from candidates.services.withdrawal import withdrawable_pages
from candidates.views.branch.completeness import administered_dossiers


def _found(request: HttpRequest, pk: int) -> Dossier:
    """Return a dossier that was handed in. Raises Http404."""
    dossiers = administered_dossiers(request.user).filter(submitted_at__isnull=False).select_related("assembly")
    return get_object_or_404(dossiers.prefetch_related("withdrawn_pages__by"), pk=pk)


@require_GET
def pages(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _found(request, pk)
    shown = dossier.assembly.page_numbers if dossier.assembly else []
    withdrawn = {page.number for page in dossier.withdrawn_pages.all()}
    can_be = withdrawable_pages(dossier)
    context = {
        **_context(dossier),
        "pages": [(number, number in can_be and number not in withdrawn) for number in shown],
        "complete": dossier.assembly is not None and len(shown) == dossier.assembly.pages,
    }
    return render(request, "branch/dossier_pages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Withdraw a page: 302 to the pages, 422 with what to correct."""
    dossier = _found(request, pk)
    if number not in withdrawable_pages(dossier):
        raise Http404
    form = WithdrawalForm(request.POST or None, by=request.user, dossier=dossier, number=number)
    if form.is_valid() and form.save():
        messages.success(request, f"La page {number} est retirée. Le dossier s'assemble de nouveau, sans elle.")
        return redirect("branch:dossier_pages", pk)
    drawn = dossier.assembly is not None and number in dossier.assembly.page_numbers
    context = {**_context(dossier), "form": form, "number": number, "drawn": drawn}
    return render(request, "branch/page_withdraw.html", context, status=422 if form.is_bound else 200)


def _context(dossier: Dossier) -> dict[str, object]:
    enrolment = dossier.enrolment_bloc.enrolment
    return {
        "dossier": dossier,
        "session": enrolment.session,
        "candidate": enrolment.candidate,
        "bloc": dossier.enrolment_bloc.bloc,
    }
