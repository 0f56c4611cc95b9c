"""The completeness check: the dossiers that were handed in, one by one, accepted or sent back; more time."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from candidates import dates
from candidates.forms.completeness import ExtendForm, ReturnForm
from candidates.models import Answer, Dossier, DossierFile
from candidates.services.completeness import accept_dossier, check_to_mend, return_refusal
from candidates.services.dossier import WAITING_STATES, deadline
from candidates.views.branch import RETURN_WARNINGS
from candidates.views.branch.sessions import administered_session
from cqp.models import User
from cqp.views.documents import document_response
from cqp.workflow import TransitionRefused

STATES = Dossier.State


def administered_dossiers(user: User) -> QuerySet[Dossier]:
    return Dossier.objects.administered_by(user).select_related(
        "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
    )


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's dossiers: those to check first, the oldest at the top; then sent back, awaited, complete."""
    session = administered_session(request, pk)
    rows = administered_dossiers(request.user).filter(enrolment_bloc__enrolment__session=session)
    # The last version of each.
    latest = {dossier.enrolment_bloc_id: dossier for dossier in rows.order_by("version")}.values()
    dossiers = sorted(latest, key=lambda one: (one.submitted_at or deadline(one, session), one.pk))
    groups = [
        ("À vérifier", [one for one in dossiers if one.state == STATES.SUBMITTED]),
        ("À reprendre par le candidat", [one for one in dossiers if one.state == STATES.DRAFT and one.version > 1]),
        ("Pas encore déposés", [one for one in dossiers if one.state == STATES.DRAFT and one.version == 1]),
        ("Complets", [one for one in dossiers if one.state == STATES.ACCEPTED]),
    ]
    return render(request, "branch/dossiers.html", {"session": session, "groups": groups, "total": len(dossiers)})


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Dossier:
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
    """The dossier's page. `returning`, `extending` came back with an error (422); `refused` says what was refused (409)."""
    session = dossier.enrolment_bloc.enrolment.session
    received = dossier.state in Dossier.RECEIVED
    kept = return_refusal(dossier) if received else ""
    may_extend = dossier.state == STATES.DRAFT and session.state in WAITING_STATES
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
        "headings": _headings(dossier),
        "declaration": dossier.receipt.context.get("declaration", []) if dossier.receipt else [],
        "to_mend": check_to_mend(dossier),
        "versions": dossier.enrolment_bloc.dossiers.order_by("version"),
        "deadline": dates.deadline_text(deadline(dossier, session), timezone.now(), session.zone),
        "kept": kept if kept != refused else "",
        "warnings": [text for warning in RETURN_WARNINGS for text in warning(dossier)] if received else [],
        "return_form": (returning or ReturnForm(dossier=dossier, by=request.user)) if received and not kept else None,
        "extend_form": (extending or ExtendForm(dossier=dossier, by=request.user)) if may_extend else None,
        "refused": refused,
    }
    status = 409 if refused else 422 if returning or extending else 200
    return render(request, "branch/dossier.html", context, status=status)


def _headings(dossier: Dossier) -> list[tuple[Any, list[DossierFile], Answer | None]]:
    """Return (heading or None for the whole bloc, its files, its answer), those of the trame first."""
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all() if answer.text.strip()}
    files = list(dossier.files.all())
    rows: list[tuple[Any, list[DossierFile], Answer | None]] = [
        (item, [file for file in files if file.trame_item_id == item.pk], answers.get(item.pk))
        for item in dossier.enrolment_bloc.bloc.trame_items.all()
    ]
    whole = [file for file in files if file.trame_item_id is None]
    return [*rows, (None, whole, None)] if whole else rows


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _found(request, pk)
    try:
        accept_dossier(dossier=dossier, by=request.user)
    except TransitionRefused as refused:
        return _page(request, _found(request, pk), refused=refused.message)
    messages.success(request, f"Le dossier de {dossier.enrolment_bloc} est complet.")
    return redirect("branch:dossiers", dossier.enrolment_bloc.enrolment.session_id)


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the dossier back. 302 to the list; 422 with what to correct, 409 when it can no longer be sent back."""
    dossier = _found(request, pk)
    form = ReturnForm(request.POST, dossier=dossier, by=request.user)
    try:
        if form.is_valid() and form.save():
            messages.success(
                request, f"Le dossier de {dossier.enrolment_bloc} est renvoyé. Le candidat en est prévenu."
            )
            return redirect("branch:dossiers", dossier.enrolment_bloc.enrolment.session_id)
    except TransitionRefused as refused:
        return _page(request, _found(request, pk), refused=refused.message, returning=form)
    return _page(request, dossier, returning=form)


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _found(request, pk)
    form = ExtendForm(request.POST, dossier=dossier, by=request.user)
    try:
        if form.is_valid() and form.save():
            messages.success(request, "Le délai est donné. Le candidat en est prévenu.")
            return redirect("branch:dossier", pk)
    except TransitionRefused as refused:
        return _page(request, _found(request, pk), refused=refused.message, extending=form)
    return _page(request, dossier, extending=form)


@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(
        administered_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False
    )
    return document_response(request, dossier.receipt, back=reverse("branch:dossier", args=[pk]))
