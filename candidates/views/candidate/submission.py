"""Handing a dossier in, and its receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from candidates import dates
from candidates.dossier_forms import SubmitForm
from candidates.services.dossier import DepositRefused, reference
from candidates.services.submission import DECLARATION
from candidates.views.candidate.dossier import dossier_page
from candidates.views.candidate.own import own_dossiers
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
        return dossier_page(request, dossier, refusal=refused.message, status=409)
    messages.success(request, "Votre dossier est déposé.")
    return redirect("candidate:receipt", pk)


@require_GET
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a dossier that was handed in: names, sizes, SHA-256, time, reference. Made to be printed."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk, submitted_at__isnull=False)
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
