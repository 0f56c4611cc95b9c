"""The branch invites candidates, and changes the address to which it writes to them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from candidates.enrolments.invitations import invite, invite_all
from candidates.enrolments.queries import administered_enrolment
from candidates.people.forms import AddressForm
from candidates.sessions.queries import administered_session
from cqp.accounts.proof import raise_if_stale
from cqp.web.requests import PersonRequest


@require_POST
def invite_candidates(request: PersonRequest, pk: int) -> HttpResponse:
    """Invite those whom no invitation has reached."""
    count = invite_all(session=administered_session(request, pk), by=request.user)
    if count:
        plural = "s" if count > 1 else ""
        messages.success(request, f"{count} invitation{plural} part{'ent' if count > 1 else ''} par courriel.")
    else:
        messages.info(request, "Tous les candidats ont déjà été invités : rien n'est parti.")
    return redirect("branch:session", pk)


@require_POST
def invite_candidate(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    try:
        invite(enrolment=enrolment, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"L'invitation de {enrolment.candidate} part par courriel.")
    return redirect("branch:enrolment", pk)


@require_http_methods(["GET", "POST"])
def address(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    raise_if_stale(request, request.user)
    form = AddressForm(request.POST or None, by=request.user, enrolment=enrolment)
    if form.is_valid() and form.save():
        messages.success(
            request, f"L'adresse de {enrolment.candidate} est changée : les deux adresses en sont prévenues."
        )
        return redirect("branch:enrolment", pk)
    context = {"form": form, "enrolment": enrolment, "session": enrolment.session}
    return render(request, "branch/board/address.html", context, status=422 if form.is_bound else 200)
