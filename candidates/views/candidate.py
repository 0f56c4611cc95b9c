"""The candidate's pages: what to do next, a dossier, its receipt."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from candidates import dates
from candidates.dossier_forms import WHOLE_BLOC, FileForm, SubmitForm
from candidates.dossier_workflow import whatever_is_missing
from candidates.models import Dossier, DossierFile, Enrolment, EnrolmentBloc, Interview
from candidates.next_step import Step, current_dossier, current_interview, next_step
from candidates.services.dossier import (
    DECLARATION,
    AlreadyThere,
    DepositRefused,
    deposit_refusal,
    move_file,
    reference,
    remove_file,
)
from candidates.views.uploads import limited_body
from cqp.files import MAX_BYTES, BadFile
from cqp.models import User
from cqp.workflow import Missing, TransitionRefused
from referentiel.models import TrameItem


@dataclass(frozen=True)
class BlocCard:
    """A bloc on the home page: what was received and when the interview is."""

    enrolment_bloc: EnrolmentBloc
    dossier: Dossier | None
    received: int
    size: int
    headings_done: int
    headings: int
    interview: Interview | None


@dataclass(frozen=True)
class Heading:
    """A heading of the trame on the dossier's page (None: the whole bloc), its files and its form."""

    item: TrameItem | None
    files: list[DossierFile]
    form: FileForm | None


def own_dossiers(user: User) -> QuerySet[Dossier]:
    """A candidate's own dossiers, with what their pages show."""
    return (
        Dossier.objects.visible_to(user)
        .filter(enrolment_bloc__enrolment__candidate__user=user)
        .select_related(
            "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
        )
        .prefetch_related(
            Prefetch("files", DossierFile.objects.select_related("stored_file", "trame_item")),
            "enrolment_bloc__bloc__trame_items",
        )
    )


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Every enrolment of the person, the current one first: one next step, the blocs, the results."""
    enrolments = (
        Enrolment.objects.filter(candidate__user=request.user)
        .select_related("session__branch", "session__referentiel", "candidate")
        .prefetch_related(
            Prefetch("enrolment_blocs", EnrolmentBloc.objects.select_related("bloc")),
            "enrolment_blocs__bloc__trame_items",
            Prefetch("enrolment_blocs__dossiers__files", DossierFile.objects.select_related("stored_file")),
            "enrolment_blocs__interviews",
        )
        .order_by("-session__interviews_from", "-pk")
    )
    now = timezone.now()
    # The sort is stable: among those that are over, the last one stays first.
    rows = sorted(enrolments, key=lambda enrolment: enrolment.session.is_published)
    sections: list[tuple[Enrolment, Step, list[BlocCard]]] = [
        (enrolment, next_step(enrolment, now), [_card(bloc) for bloc in enrolment.enrolment_blocs.all()])
        for enrolment in rows
    ]
    return render(request, "candidate/home.html", {"sections": sections})


def _card(enrolment_bloc: EnrolmentBloc) -> BlocCard:
    dossier = current_dossier(enrolment_bloc)
    files = list(dossier.files.all()) if dossier else []
    items = enrolment_bloc.bloc.trame_items.all()
    covered = {file.trame_item_id for file in files}
    return BlocCard(
        enrolment_bloc,
        dossier,
        received=len(files),
        size=sum(file.stored_file.size for file in files),
        headings_done=len(items) if None in covered else len(covered),
        headings=len(items),
        interview=current_interview(enrolment_bloc),
    )


@require_GET
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    return _dossier_page(request, get_object_or_404(own_dossiers(request.user), pk=pk))


def _dossier_page(
    request: HttpRequest,
    dossier: Dossier,
    *,
    status: int = 200,
    refusal: str = "",
    bound: FileForm | None = None,
    submit_form: SubmitForm | None = None,
    missing_now: bool = False,
) -> HttpResponse:
    """The dossier's page. `bound` and `submit_form` came back with an error; `refusal` says what was refused."""
    session = dossier.enrolment_bloc.enrolment.session
    now = timezone.now()
    closed = deposit_refusal(session, now)
    editable = dossier.state == Dossier.State.DRAFT and not closed
    missing: list[Missing] = whatever_is_missing(dossier) if dossier.state == Dossier.State.DRAFT else []
    context: dict[str, Any] = {
        "dossier": dossier,
        "session": session,
        "bloc": dossier.enrolment_bloc.bloc,
        "headings": _headings(dossier, editable=editable, bound=bound),
        "editable": editable,
        "closed": closed,
        "refusal": refusal,
        "missing": missing,
        "missing_now": missing_now,
        "deadline": dates.deadline_text(session.deposit_closes_at, now, session.zone),
        "max_bytes": MAX_BYTES,
        "submit_form": (submit_form or SubmitForm(dossier=dossier)) if editable else None,
    }
    return render(request, "candidate/dossier.html", context, status=status)


def _headings(dossier: Dossier, *, editable: bool, bound: FileForm | None) -> list[Heading]:
    """The headings in order, then the whole bloc."""
    items: list[TrameItem | None] = [*dossier.enrolment_bloc.bloc.trame_items.all(), None]
    return [
        Heading(
            item,
            [file for file in dossier.files.all() if file.trame_item_id == (item.pk if item else None)],
            (bound if bound and item == bound.heading else FileForm(dossier=dossier, heading=item))
            if editable
            else None,
        )
        for item in items
    ]


@limited_body
@require_POST
def add_file(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """Receive one file. 302 to the dossier; 422 for a file that cannot be accepted, 409 when the dossier is closed.

    A script that asks for JSON gets the same in one sentence, `{"message": str}`, with 201 or the refusal's status.
    """
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    form = FileForm(request.POST, request.FILES, dossier=dossier, heading=_heading_at(dossier, position))
    if not form.is_valid():
        return _add_refused(request, dossier, form, " ".join(form.errors["file"]), 422)
    try:
        added = form.save(by=request.user)
    except AlreadyThere as known:
        return _added(request, dossier, position, known.message)
    except BadFile as bad:
        form.add_error("file", bad.message)
        return _add_refused(request, dossier, form, bad.message, 422)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return _add_refused(request, dossier, form, refused.message, 409)
    return _added(request, dossier, position, f"« {added.stored_file.name} » est bien reçu.")


def _heading_at(dossier: Dossier, position: int) -> TrameItem | None:
    """Return the heading at `position`, None for the whole bloc. Raises Http404."""
    if position == WHOLE_BLOC:
        return None
    for item in dossier.enrolment_bloc.bloc.trame_items.all():
        if item.position == position:
            return item
    raise Http404


def _added(request: HttpRequest, dossier: Dossier, position: int, message: str) -> HttpResponse:
    if request.accepts("text/html"):
        messages.success(request, message)
        return redirect(f"{reverse('candidate:dossier', args=[dossier.pk])}#rubrique-{position}")
    return JsonResponse({"message": message}, status=201)


def _add_refused(request: HttpRequest, dossier: Dossier, form: FileForm, message: str, status: int) -> HttpResponse:
    if not request.accepts("text/html"):
        return JsonResponse({"message": message}, status=status)
    if status == 409:
        return _dossier_page(request, dossier, refusal=message, status=status)
    return _dossier_page(request, dossier, bound=form, refusal=message, status=status)


@require_POST
def remove(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Take a file out. Done twice, the second says that it is done."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    file = next((file for file in dossier.files.all() if file.pk == file_pk), None)
    if file is None:
        messages.info(request, "Ce fichier n'est plus dans le dossier : il en a déjà été retiré.")
        return redirect("candidate:dossier", pk)
    position = file.trame_item.position if file.trame_item else WHOLE_BLOC
    try:
        remove_file(file, by=request.user)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return _dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, f"« {file.stored_file.name} » est retiré du dossier.")
    return redirect(f"{reverse('candidate:dossier', args=[pk])}#rubrique-{position}")


@require_POST
def move(request: HttpRequest, pk: int, file_pk: int, up: bool) -> HttpResponse:
    """Move a file one place up or down under its heading."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    file = get_object_or_404(dossier.files.select_related("trame_item"), pk=file_pk)
    position = file.trame_item.position if file.trame_item else WHOLE_BLOC
    try:
        move_file(file, up=up, by=request.user)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return _dossier_page(request, dossier, refusal=refused.message, status=409)
    return redirect(f"{reverse('candidate:dossier', args=[pk])}#rubrique-{position}")


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the dossier in. Done twice, the second leads to the receipt."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    if dossier.state == Dossier.State.SUBMITTED:
        messages.info(request, "Ce dossier était déjà déposé : voici son récépissé.")
        return redirect("candidate:receipt", pk)
    form = SubmitForm(request.POST, dossier=dossier)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return _dossier_page(request, dossier, submit_form=form, refusal=first, status=422)
    try:
        form.save(by=request.user)
    except TransitionRefused as refused:
        return _dossier_page(request, dossier, submit_form=form, refusal=refused.message, missing_now=True, status=422)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return _dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, "Votre dossier est déposé.")
    return redirect("candidate:receipt", pk)


@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a dossier that was handed in: names, sizes, SHA-256, time, reference. Made to be printed."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk, state=Dossier.State.SUBMITTED)
    session = dossier.enrolment_bloc.enrolment.session
    assert dossier.submitted_at is not None
    context = {
        "dossier": dossier,
        "bloc": dossier.enrolment_bloc.bloc,
        "session": session,
        "candidate": dossier.enrolment_bloc.enrolment.candidate,
        "reference": reference(dossier),
        "when": f"{dates.exact_text(dossier.submitted_at, session.zone)}, {dates.zone_text(session.zone)}",
        "declaration": DECLARATION,
    }
    return render(request, "candidate/receipt.html", context)
