"""The link of an invitation, opened by whoever has it: without login."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from candidates.enrolments.invitations import enter, get_invitation, send_new_link
from candidates.models import Invitation
from candidates.people.identity import first_given_name
from cqp.accounts.allauth_internals import log_in
from cqp.web.rate_limits import Attempt, Rate, count_attempts, too_many
from cqp.web.requests import client_address

# A whole training centre may share one address.
BY_ADDRESS, BY_PERSON = (30, 60), (30, 600)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say whom the link is for, and let them in when they touch « Entrer ». A link that no longer serves: 410."""
    link = get_invitation(token)
    if request.method == "POST" and not (attempt := _count(request, link)).is_allowed:
        return too_many(request, attempt.wait)
    if link is None:
        return _page(request, token, None, served=True, status=404)
    user: Any = link.enrolment.candidate.user
    if request.user.is_authenticated and request.user != user:
        return _page(request, token, link, somebody_else=True, status=409 if request.method == "POST" else 200)
    if request.method == "GET":
        served = link.used_at is not None or link.expires_at <= timezone.now()
        return _page(request, token, link, served=served, status=410 if served else 200)
    if not enter(invitation=link, by=user):
        return _page(request, token, link, served=True, status=410)
    if request.user.is_authenticated:
        return redirect("candidate:home")
    return log_in(request, user, method="invitation", redirect_url=reverse("candidate:home"))


@login_not_required
@never_cache
@require_POST
def new_link(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a new link to the address of the old one. The answer never says whether there is such a person."""
    link = get_invitation(token)
    if not (attempt := _count(request, link)).is_allowed:
        return too_many(request, attempt.wait)
    if link:
        send_new_link(invitation=link)
    return render(request, "candidate/invitation_asked.html", {"token": token})


def _count(request: HttpRequest, link: Invitation | None) -> Attempt:
    """Count a touch by where it comes from, and by whom the link is for."""
    rates = [Rate(f"invitation:{client_address(request)}", *BY_ADDRESS)]
    if link:
        rates.append(Rate(f"invitation-of:{link.enrolment.candidate.user_id}", *BY_PERSON))
    return count_attempts(rates)


def _page(
    request: HttpRequest,
    token: str,
    link: Invitation | None,
    *,
    served: bool = False,
    somebody_else: bool = False,
    status: int,
) -> HttpResponse:
    """`served`: the link does not let in any more; `somebody_else`: another person is logged in on this device."""
    context: dict[str, Any] = {"token": token, "invitation": link, "served": served, "somebody_else": somebody_else}
    if link:
        context["first_name"] = first_given_name(link.enrolment.candidate.first_names)
        context["session"] = link.enrolment.session
        context["contacts"] = [link.enrolment.session.branch]
    return render(request, "candidate/invitation.html", context, status=status)
