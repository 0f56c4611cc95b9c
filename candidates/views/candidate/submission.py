"""Handing a dossier in, and its receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from candidates.dossier_forms import SubmitForm
from candidates.services.dossier import DepositRefused
from candidates.views.candidate.dossier import dossier_page
from candidates.views.candidate.own import own_dossiers
from cqp.views.documents import document_response
from cqp.workflow import TransitionRefused


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the dossier in. Done twice, the second leads to the receipt."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    if dossier.submitted_at:
        messages.info(request, "Ce dossier était déjà déposé : voici son récépissé.")
        return redirect("candidate:receipt", pk)
    form = SubmitForm(request.POST, dossier=dossier)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return dossier_page(request, dossier, submit_form=form, refusal=first, status=422)
    try:
        form.save(by=request.user)
    except TransitionRefused as refused:
        return dossier_page(request, dossier, submit_form=form, refusal=refused.message, missing_now=True, status=422)
    except DepositRefused as refused:
        dossier.refresh_from_db(fields=["state", "submitted_at"])
        if dossier.submitted_at:
            return redirect("candidate:receipt", pk)
        return dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, "Votre dossier est déposé.")
    return redirect("candidate:receipt", pk)


@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a dossier that was handed in: names, sizes, SHA-256, time, reference. Made to be printed."""
    dossier = get_object_or_404(own_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False)
    return render(request, "candidate/receipt.html", {"dossier": dossier, "receipt": dossier.receipt})


@require_GET
def receipt_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(own_dossiers(request.user).select_related("receipt"), pk=pk, receipt__isnull=False)
    return document_response(request, dossier.receipt, back=reverse("candidate:receipt", args=[pk]))
