"""How long staff stay logged in."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cqp.accounts.logins import note_seen, why_ended


class LoginSessionMiddleware:
    """End the sessions of staff that lasted or were idle for too long, and note when each session was last seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if request.user.is_authenticated and (why := why_ended(request, now)):
            logout(request)
            messages.info(request, f"Par sécurité, votre connexion a pris fin après {why}. Reconnectez-vous.")
        response = self.get_response(request)
        # What a page asks by itself is no sign of life of the person: an open board does not keep them logged in.
        if request.user.is_authenticated and "X-Automatic" not in request.headers:
            note_seen(request, now)
        return response
