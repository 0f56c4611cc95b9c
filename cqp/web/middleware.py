"""Login by default; what every answer says to browsers and caches; what is said when there is no such thing, or no room."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from cqp.core import typography
from cqp.sandbox.box import BoxUnavailableError

# What the pages use: passkeys. The rest of what devices can do is for nobody, frames and hostile scripts included.
USED = ("publickey-credentials-create", "publickey-credentials-get")
UNUSED = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join([f"{name}=(self)" for name in USED] + [f"{name}=()" for name in UNUSED])


def json_endpoint[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Mark a view as JSON: without login it answers 401, never a redirection to a page."""
    view.json_endpoint = True  # type: ignore[attr-defined]
    return view


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if getattr(view_func, "json_endpoint", False):
            return JsonResponse({"message": "Votre connexion a expiré : reconnectez-vous."}, status=401)
        return super().handle_no_permission(request, view_func)


class HeadersMiddleware:
    """The first of all: on every answer, static files and failures too, what browsers may do with it.

    No cache keeps what is not static, whoever asked: not even a page of entrance, whose form has a token. A view that says
    otherwise is right (what a person's own browser may keep, the service worker's own revalidation).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if "Cache-Control" not in response.headers and not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "private, no-store"
        return response


class FrenchMiddleware:
    """Every page has its French spaces, wherever its texts come from: templates, messages, labels, what people wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = typography.join_french_html(response.text).encode()
        return response


class OverflowMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

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
