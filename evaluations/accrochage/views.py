"""The accrochage: who must be sent, the flows, their receipts."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.models import Enrolment
from candidates.people.countries import list_countries
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from evaluations.accrochage.flow import lacks_birthplace
from evaluations.accrochage.forms import CivilStatusForm, ReceiptForm, SenderForm
from evaluations.accrochage.queries import LABELS, Standing, holder_rows, waiting_flows
from evaluations.accrochage.receipt import BadReceiptError
from evaluations.accrochage.services import FlowRefused, give_up, make_flow, set_sender, take_receipt
from evaluations.documents.kinds import CERTIFICATE
from evaluations.models import AccrochageFlow, SessionDocument
from referentiel.models import Branch

PER_PAGE = 50


@require_GET
def page(request: PersonRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: PersonRequest,
    *,
    branch: Branch | None = None,
    sender: SenderForm | None = None,
    receipt: ReceiptForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """`sender` or `receipt` came back on `branch`."""
    branches = list(request.user.administered_branches.select_related("settings").order_by("name"))
    if not branches:
        raise Http404
    rows = holder_rows(branches)
    counts = Counter(row.standing for row in rows)
    chosen = request.GET.get("etat", "")
    listed = [row for row in rows if chosen not in LABELS or row.standing == chosen]
    own: list[dict[str, Any]] = []
    for administered in branches:
        is_bound = administered == branch
        own.append(
            {
                "branch": administered,
                "ready": sum(row.may_be_sent for row in rows if row.certificate.session.branch_id == administered.pk),
                "sender": sender if is_bound and sender else SenderForm(branch=administered),
                "receipt": receipt if is_bound and receipt else ReceiptForm(branch=administered),
            }
        )
    context = {
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "counts": [(standing.value, LABELS[standing], counts[standing]) for standing in Standing],
        "total": len(rows),
        "unsettled": sum(row.standing == Standing.MISSING and lacks_birthplace(row.holder) for row in rows),
        "late": sum(row.is_late for row in rows),
        "chosen": chosen if chosen in LABELS else "",
        "branches": own,
        "flows": waiting_flows(branches)[:20],
        "refusal": refusal,
    }
    return render(request, "branch/accrochage/accrochage.html", context, status=status)


def _branch(request: PersonRequest, pk: int) -> Branch:
    return get_object_or_404(request.user.administered_branches.select_related("settings"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: PersonRequest, pk: int) -> HttpResponse:
    """The civil status of a holder, to be completed or corrected before it is sent. 422 for what cannot be."""
    rows = SessionDocument.objects.administered_by(request.user).filter(document__kind=CERTIFICATE.name)
    enrolments = Enrolment.objects.filter(pk__in=rows.values("enrolment"), candidate__erased_at=None)
    enrolment = get_object_or_404(enrolments.select_related("candidate", "session__branch"), pk=pk)
    form = CivilStatusForm(request.POST if request.method == "POST" else None, enrolment=enrolment, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, f"L'état civil de {enrolment.candidate} est enregistré.")
        return redirect("branch:accrochage")
    context = {"enrolment": enrolment, "form": form, "countries": list_countries()}
    return render(request, "branch/accrochage/accrochage_holder.html", context, status=422 if form.is_bound else 200)


@require_POST
def sender(request: PersonRequest, pk: int) -> HttpResponse:
    branch = _branch(request, pk)
    form = SenderForm(request.POST, branch=branch)
    if not form.is_valid():
        return _page(request, branch=branch, sender=form, status=422)
    set_sender(branch, by=request.user, **form.cleaned_data)
    messages.success(request, "Les identifiants de la branche sont enregistrés.")
    return redirect("branch:accrochage")


@require_POST
def make(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a flow of who is ready; 409 when there is nobody, or the branch's identifiers are missing."""
    branch = _branch(request, pk)
    try:
        flow = make_flow(branch, by=request.user)
    except FlowRefused as refused:
        return _page(request, branch=branch, refusal=refused.message, status=409)
    messages.success(
        request, f"Le flux {flow.id_flux} est prêt : téléchargez-le, déposez-le, puis lisez ici son rapport."
    )
    return redirect("branch:accrochage")


@require_POST
def receipt(request: PersonRequest, pk: int) -> HttpResponse:
    """Read a receipt. 422 for what is none, or speaks of another flow."""
    branch = _branch(request, pk)
    form = ReceiptForm(request.POST, request.FILES, branch=branch)
    if not form.is_valid():
        return _page(request, branch=branch, receipt=form, status=422)
    try:
        result = take_receipt(branch, form.cleaned_data["receipt"], by=request.user)
    except BadReceiptError as bad:
        form.add_error("receipt", bad.message)
        return _page(request, branch=branch, receipt=form, status=422)
    messages.success(
        request,
        f"Rapport de {result.flow.id_flux} : acceptés {result.accepted}, rejetés {result.rejected}.",
    )
    if result.unknown:
        named = ", ".join(name[:60] for name in result.unknown[:10]) + ("…" if len(result.unknown) > 10 else "")
        messages.warning(
            request,
            f"Le rapport nomme aussi {len(result.unknown)} titulaire(s) que ce flux n'avait pas : {named}. "
            "Rien n'en est fait ; demandez à la plateforme d'où ils viennent.",
        )
    return redirect("branch:accrochage")


@require_POST
def abandon(request: PersonRequest, pk: int) -> HttpResponse:
    """Give up a flow that was not sent or is lost. 409 when its receipt was read."""
    rows = AccrochageFlow.objects.administered_by(request.user).select_related("branch").defer("content")
    flow = get_object_or_404(rows, pk=pk)
    try:
        give_up(flow, by=request.user, reason=request.POST.get("reason", ""))
    except FlowRefused as refused:
        return _page(request, branch=flow.branch, refusal=refused.message, status=409)
    messages.success(request, f"Le flux {flow.id_flux} est abandonné : ses titulaires sont de nouveau prêts.")
    return redirect("branch:accrochage")


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    flow = get_object_or_404(AccrochageFlow.objects.administered_by(request.user), pk=pk, content__isnull=False)
    return file_response(bytes(flow.content or b""), "application/xml", flow.file_name)
