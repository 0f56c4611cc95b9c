"""Where one is logged in: the list, one session ended, all ended."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cqp.accounts import logins
from cqp.web.requests import PersonRequest


@require_safe
def list_logins(request: PersonRequest) -> HttpResponse:
    return render(request, "account/logins.html", {"logins": logins.list_logins(request, request.user)})


@require_POST
def end_login(request: PersonRequest, identity: str) -> HttpResponse:
    """End one session. 404 when it is over, or is not one's own."""
    current = logins.identity_of(request.session.session_key or "") == identity
    if not logins.end_login(by=request.user, identity=identity):
        raise Http404
    if current:
        return _leave(request)
    messages.success(request, "Cet appareil est déconnecté.")
    return redirect("account_logins")


@require_POST
def end_all(request: PersonRequest) -> HttpResponse:
    """End every session, this one too."""
    logins.end_logins(request.user)
    return _leave(request)


def _leave(request: PersonRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "Vous êtes déconnecté.")
    return redirect("account_login")
