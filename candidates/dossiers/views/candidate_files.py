"""Adding, ordering and removing the files of a dossier, by plain forms."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from candidates.dossiers.deposit import DepositRefused, DuplicateFileRefused
from candidates.dossiers.files import move_file, order_files, remove_file
from candidates.dossiers.forms import WHOLE_BLOC, FileForm
from candidates.dossiers.queries import own_dossiers, own_uploads
from candidates.dossiers.uploads import abandon_upload
from candidates.dossiers.views.candidate import dossier_page
from candidates.models import Dossier
from cqp.core.text import parse_number
from cqp.files.inspection import FileRefused
from cqp.files.requests import limited_body
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest
from referentiel.models import TrameItem


@limited_body
@require_POST
def add_file(request: PersonRequest, pk: int, position: int) -> HttpResponse:
    """Receive one file. 302 to the dossier; 422 for a file that cannot be accepted, 409 when the dossier is closed.

    A script that asks for JSON gets the same in one sentence, `{"message": str}`, with 201 or the refusal's status.
    """
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    form = FileForm(request.POST, request.FILES, dossier=dossier, heading=heading_at(dossier, position))
    if not form.is_valid():
        return _add_refused(request, dossier, form, " ".join(map(str, form.errors["file"])), 422)
    try:
        added = form.save(by=request.user)
    except DuplicateFileRefused as known:
        return _added(request, dossier, position, known.message)
    except FileRefused as bad:
        form.add_error("file", bad.message)
        return _add_refused(request, dossier, form, bad.message, 422)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return _add_refused(request, dossier, form, refused.message, 409)
    return _added(request, dossier, position, f"« {added.stored_file.name} » est bien reçu.")


def heading_at(dossier: Dossier, position: int) -> TrameItem | None:
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
        return dossier_page(request, dossier, refusal=message, status=status)
    return dossier_page(request, dossier, bound=form, refusal=message, status=status)


@require_POST
def remove(request: PersonRequest, pk: int, file_pk: int) -> HttpResponse:
    """Take a file out. Sent twice, the second says that it is out already."""
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
        return dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, f"« {file.stored_file.name} » est retiré du dossier.")
    return redirect(f"{reverse('candidate:dossier', args=[pk])}#rubrique-{position}")


@require_POST
def move(request: PersonRequest, pk: int, file_pk: int, up: bool) -> HttpResponse:
    """Move a file one place up or down under its heading."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    file = get_object_or_404(dossier.files.select_related("trame_item"), pk=file_pk)
    position = file.trame_item.position if file.trame_item else WHOLE_BLOC
    try:
        move_file(file, up=up, by=request.user)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        return dossier_page(request, dossier, refusal=refused.message, status=409)
    return redirect(f"{reverse('candidate:dossier', args=[pk])}#rubrique-{position}")


@json_endpoint
@require_POST
def order(request: PersonRequest, pk: int, position: int) -> JsonResponse:
    """Put the files of a heading in the order of `order`, a list of their numbers separated by commas. 200, or 409."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    texts = request.POST.get("order", "").split(",")
    file_pks = [number for text in texts if (number := parse_number(text)) is not None]
    try:
        order_files(dossier, heading_at(dossier, position), file_pks, by=request.user)
    except DepositRefused as refused:
        return JsonResponse({"message": refused.message}, status=409)
    return JsonResponse({"message": "L'ordre est enregistré."})


@require_POST
def abandon(request: PersonRequest, key: uuid.UUID) -> HttpResponse:
    """Forget an upload that is not complete, or that was refused: the plain form of what tus deletes."""
    upload = get_object_or_404(own_uploads(request.user), key=key)
    abandon_upload(upload, by=request.user)
    messages.success(request, f"« {upload.name} » n'est plus dans la liste.")
    position = upload.trame_item.position if upload.trame_item else WHOLE_BLOC
    return redirect(f"{reverse('candidate:dossier', args=[upload.dossier_id])}#rubrique-{position}")
