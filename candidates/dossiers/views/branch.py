"""The dossiers that were handed in, one by one: accepted or sent back, given more time, read page by page."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.dossiers.completeness import accept_dossier, get_return_check, return_refusal
from candidates.dossiers.deposit import WAITING_STATES, deadline
from candidates.dossiers.forms import WithdrawalForm
from candidates.dossiers.forms_completeness import ExtendForm, ReturnForm
from candidates.dossiers.hooks import return_warnings
from candidates.dossiers.page_withdrawal import withdrawable_pages
from candidates.models import Answer, Dossier, DossierFile
from candidates.sessions import dates
from candidates.sessions.queries import administered_session
from cqp.documents.views import document_response
from cqp.models import User
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused

STATES = Dossier.State


def administered_dossiers(user: User) -> QuerySet[Dossier]:
    return Dossier.objects.administered_by(user).select_related(
        "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
    )


@require_GET
def index(request: PersonRequest, pk: int) -> HttpResponse:
    """The session's dossiers: those to check first, the oldest at the top; then sent back, awaited, complete."""
    session = administered_session(request, pk)
    rows = administered_dossiers(request.user).filter(enrolment_bloc__enrolment__session=session)
    # The last version of each.
    latest = {dossier.enrolment_bloc_id: dossier for dossier in rows.order_by("version")}.values()
    dossiers = sorted(latest, key=lambda dossier: (dossier.submitted_at or deadline(dossier, session), dossier.pk))
    groups = [
        ("À vérifier", [dossier for dossier in dossiers if dossier.state == STATES.SUBMITTED]),
        (
            "À reprendre par le candidat",
            [dossier for dossier in dossiers if dossier.state == STATES.DRAFT and dossier.version > 1],
        ),
        (
            "Pas encore déposés",
            [dossier for dossier in dossiers if dossier.state == STATES.DRAFT and dossier.version == 1],
        ),
        ("Complets", [dossier for dossier in dossiers if dossier.state == STATES.ACCEPTED]),
    ]
    return render(
        request, "branch/dossiers/dossiers.html", {"session": session, "groups": groups, "total": len(dossiers)}
    )


@require_GET
def page(request: PersonRequest, pk: int) -> HttpResponse:
    return _page(request, _get_dossier(request, pk))


def _get_dossier(request: PersonRequest, pk: int) -> Dossier:
    dossiers = administered_dossiers(request.user).prefetch_related(
        Prefetch("files", DossierFile.objects.select_related("stored_file", "trame_item")),
        Prefetch("answers", Answer.objects.select_related("trame_item")),
        "enrolment_bloc__bloc__trame_items",
        "checks__by",
        "checks__comments__trame_item",
    )
    return get_object_or_404(dossiers.select_related("receipt"), pk=pk)


def _page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    refused: str = "",
    returning: ReturnForm | None = None,
    extending: ExtendForm | None = None,
) -> HttpResponse:
    """The dossier's page. `returning`, `extending` came back with an error (422); `refused` is the refusal (409)."""
    session = dossier.enrolment_bloc.enrolment.session
    received = dossier.state in Dossier.RECEIVED
    refusal = return_refusal(dossier) if received else ""
    may_extend = dossier.state == STATES.DRAFT and session.state in WAITING_STATES
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
        "headings": _headings(dossier),
        "declaration": dossier.receipt.context.get("declaration", []) if dossier.receipt else [],
        "to_correct": get_return_check(dossier),
        "versions": dossier.enrolment_bloc.dossiers.order_by("version"),
        "deadline": dates.deadline_text(deadline(dossier, session), timezone.now(), session.zone),
        "return_refusal": refusal if refusal != refused else "",
        "warnings": [text for warning in return_warnings for text in warning(dossier)] if received else [],
        "return_form": (returning or ReturnForm(dossier=dossier, by=request.user))
        if received and not refusal
        else None,
        "extend_form": (extending or ExtendForm(dossier=dossier, by=request.user)) if may_extend else None,
        "refused": refused,
    }
    status = 409 if refused else 422 if returning or extending else 200
    return render(request, "branch/dossiers/dossier.html", context, status=status)


def _headings(dossier: Dossier) -> list[tuple[Any, list[DossierFile], Answer | None]]:
    """Return (heading or None for the whole bloc, its files, its answer), those of the trame first."""
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all() if answer.text.strip()}
    files = list(dossier.files.all())
    rows: list[tuple[Any, list[DossierFile], Answer | None]] = [
        (item, [file for file in files if file.trame_item_id == item.pk], answers.get(item.pk))
        for item in dossier.enrolment_bloc.bloc.trame_items.all()
    ]
    bloc_files = [file for file in files if file.trame_item_id is None]
    return [*rows, (None, bloc_files, None)] if bloc_files else rows


@require_POST
def accept(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = _get_dossier(request, pk)
    try:
        accept_dossier(dossier=dossier, by=request.user)
    except TransitionRefused as refused:
        return _page(request, _get_dossier(request, pk), refused=refused.message)
    messages.success(request, f"Le dossier de {dossier.enrolment_bloc} est complet.")
    return redirect("branch:dossiers", dossier.enrolment_bloc.enrolment.session_id)


@require_POST
def send_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Send the dossier back. 302 to the list; 422 with what to correct, 409 when it can no longer be sent back."""
    dossier = _get_dossier(request, pk)
    form = ReturnForm(request.POST, dossier=dossier, by=request.user)
    try:
        if form.is_valid() and form.save():
            messages.success(
                request, f"Le dossier de {dossier.enrolment_bloc} est renvoyé. Le candidat en est prévenu."
            )
            return redirect("branch:dossiers", dossier.enrolment_bloc.enrolment.session_id)
    except TransitionRefused as refused:
        return _page(request, _get_dossier(request, pk), refused=refused.message, returning=form)
    return _page(request, dossier, returning=form)


@require_POST
def extend(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = _get_dossier(request, pk)
    form = ExtendForm(request.POST, dossier=dossier, by=request.user)
    try:
        if form.is_valid() and form.save():
            messages.success(request, "Le délai est donné. Le candidat en est prévenu.")
            return redirect("branch:dossier", pk)
    except TransitionRefused as refused:
        return _page(request, _get_dossier(request, pk), refused=refused.message, extending=form)
    return _page(request, dossier, extending=form)


@require_GET
def receipt(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(
        administered_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False
    )
    return document_response(request, dossier.receipt, back=reverse("branch:dossier", args=[pk]))


def _submitted_dossier(request: PersonRequest, pk: int) -> Dossier:
    """Return a dossier that was handed in. Raises Http404."""
    dossiers = administered_dossiers(request.user).filter(submitted_at__isnull=False).select_related("assembly")
    return get_object_or_404(dossiers.prefetch_related("withdrawn_pages__by"), pk=pk)


@require_GET
def pages(request: PersonRequest, pk: int) -> HttpResponse:
    dossier = _submitted_dossier(request, pk)
    shown = dossier.assembly.page_numbers if dossier.assembly else []
    withdrawn = {page.number for page in dossier.withdrawn_pages.all()}
    withdrawable = withdrawable_pages(dossier)
    context = {
        **_pages_context(dossier),
        "pages": [(number, number in withdrawable and number not in withdrawn) for number in shown],
        "complete": dossier.assembly is not None and len(shown) == dossier.assembly.pages,
    }
    return render(request, "branch/dossiers/dossier_pages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    """Withdraw a page: 302 to the pages, 422 with what to correct."""
    dossier = _submitted_dossier(request, pk)
    if number not in withdrawable_pages(dossier):
        raise Http404
    form = WithdrawalForm(request.POST or None, by=request.user, dossier=dossier, number=number)
    if form.is_valid() and form.save():
        messages.success(request, f"La page {number} est retirée. Le dossier s'assemble de nouveau, sans elle.")
        return redirect("branch:dossier_pages", pk)
    drawn = dossier.assembly is not None and number in dossier.assembly.page_numbers
    context = {**_pages_context(dossier), "form": form, "number": number, "drawn": drawn}
    return render(request, "branch/dossiers/page_withdraw.html", context, status=422 if form.is_bound else 200)


def _pages_context(dossier: Dossier) -> dict[str, object]:
    enrolment = dossier.enrolment_bloc.enrolment
    return {
        "dossier": dossier,
        "session": enrolment.session,
        "candidate": enrolment.candidate,
        "bloc": dossier.enrolment_bloc.bloc,
    }
