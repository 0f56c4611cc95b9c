"""The link of an invitation, opened by whoever has it: without login."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from candidates.invitations import invitation_of
from candidates.models import Invitation
from candidates.services.identity import first_given_name
from candidates.services.invitations import enter, send_new_link


@login_not_required
@never_cache
@rate_limit(action="invitation")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say whom the link is for, and let them in when they touch « Entrer ». A link that no longer serves: 410."""
    found = invitation_of(token)
    if found is None:
        return _page(request, token, None, served=True, status=404)
    user = found.enrolment.candidate.user
    if request.user.is_authenticated and request.user != user:
        return _page(request, token, found, somebody_else=True, status=409 if request.method == "POST" else 200)
    if request.method == "GET":
        served = found.used_at is not None or found.expires_at <= timezone.now()
        return _page(request, token, found, served=served, status=410 if served else 200)
    if not enter(invitation=found, by=user):
        return _page(request, token, found, served=True, status=410)
    if request.user.is_authenticated:
        return redirect("candidate:home")
    record_authentication(request, user, method="invitation")
    return perform_login(request, Login(user=user, email=user.email, redirect_url=reverse("candidate:home")))


@login_not_required
@never_cache
@rate_limit(action="invitation")
@require_POST
def new_link(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a new link to the address of the old one. The answer never says whether there is such a person."""
    if found := invitation_of(token):
        send_new_link(invitation=found)
    return render(request, "candidate/invitation_asked.html", {"token": token})


def _page(
    request: HttpRequest,
    token: str,
    found: Invitation | None,
    *,
    served: bool = False,
    somebody_else: bool = False,
    status: int,
) -> HttpResponse:
    """`served`: the link does not let in any more; `somebody_else`: another person is logged in on this device."""
    context = {"token": token, "invitation": found, "served": served, "somebody_else": somebody_else}
    if found:
        context["first_name"] = first_given_name(found.enrolment.candidate.first_names)
        context["session"] = found.enrolment.session
        context["contacts"] = [found.enrolment.session.branch]
    return render(request, "candidate/invitation.html", context, status=status)
