"""Login by default; private pages stay out of shared caches and of the back button after logging out."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from cqp.sandbox.box import BoxUnavailableError


def json_endpoint[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Mark a view as JSON: without login it answers 401, never a redirection to a page."""
    view.json_endpoint = True  # type: ignore[attr-defined]
    return view


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if getattr(view_func, "json_endpoint", False):
            return JsonResponse({"message": "Votre connexion a expiré : reconnectez-vous."}, status=401)
        return super().handle_no_permission(request, view_func)


class PrivatePagesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """SQLite has no room for a number of thirty digits in an address: there is no such thing, 404."""
        if isinstance(exception, OverflowError):
            return render(request, "errors/404.html", status=404)
        return None


class BusyMiddleware:
    """No box was free for a received file: who sent it tries again, and nothing was written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BoxUnavailableError):
            return None
        if request.accepts("text/html"):
            response = render(request, "errors/503.html", {"message": exception.message}, status=503)
        else:
            response = JsonResponse({"message": exception.message}, status=503)
        response.headers["Retry-After"] = "10"
        return response
