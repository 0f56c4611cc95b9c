"""The completeness check: the dossiers that were handed in, one by one, accepted or sent back; more time."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates import dates
from candidates.declaration import sentences
from candidates.forms.completeness import ExtendForm, ReturnForm
from candidates.models import Answer, Dossier, DossierFile, Session
from candidates.services.completeness import accept_dossier, check_to_mend
from candidates.views.branch.sessions import administered_session
from cqp.models import JournalEntry, User
from cqp.views.documents import document_response
from cqp.workflow import TransitionRefused

STATES = Dossier.State


def administered_dossiers(user: User) -> QuerySet[Dossier]:
    return Dossier.objects.administered_by(user).select_related(
        "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
    )


@require_GET
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The session's dossiers: those to check first, the oldest at the top; then awaited, sent back, complete."""
    session = administered_session(request, pk)
    latest: dict[int, Dossier] = {}
    for dossier in (
        administered_dossiers(request.user).filter(enrolment_bloc__enrolment__session=session).order_by("version")
    ):
        latest[dossier.enrolment_bloc_id] = dossier
    dossiers = sorted(latest.values(), key=lambda one: (one.submitted_at or session.deposit_closes_at, one.pk))
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
        "withdrawn_pages",
    )
    return get_object_or_404(dossiers.select_related("assembly", "receipt"), pk=pk)


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
    expected = session.state in (Session.State.DEPOSIT, Session.State.INTERVIEWS)
    may_return = expected and dossier.state in Dossier.RECEIVED
    may_extend = expected and dossier.state == STATES.DRAFT
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
        "headings": _headings(dossier),
        "declaration": _declaration(dossier),
        "to_mend": check_to_mend(dossier),
        "deadline": dates.deadline_text(dossier.due_at or session.deposit_closes_at, timezone.now(), session.zone),
        "return_form": (returning or ReturnForm(dossier=dossier, by=request.user)) if may_return else None,
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


def _declaration(dossier: Dossier) -> list[str]:
    """Return what was declared when the dossier was handed in, from the journal."""
    if not dossier.submitted_at:
        return []
    entries = JournalEntry.objects.filter(stream=dossier.enrolment_bloc.enrolment.stream, verb="dossier.received")
    for entry in entries.order_by("-seq"):
        if entry.payload and entry.payload["dossier"] == dossier.pk:
            told = entry.payload["declaration"]
            return sentences(told) if isinstance(told, dict) else [told]
    return []


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = _found(request, pk)
    try:
        accept_dossier(dossier=dossier, by=request.user)
    except TransitionRefused as refused:
        return _page(request, _found(request, pk), refused=refused.message)
    messages.success(request, f"Le dossier de {dossier.enrolment_bloc} est complet.")
    return redirect("branch:dossiers", dossier.enrolment_bloc.enrolment.session_id)


@require_http_methods(["POST"])
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
