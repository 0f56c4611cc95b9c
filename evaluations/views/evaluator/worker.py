"""What makes the site an application on a tablet: the service worker, its page without the network, the manifest.

None of it says anything of anybody: no login is needed.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

STATIC = settings.BASE_DIR / "static"
ICONS = ("icons/192.png", "icons/512.png", "icons/maskable.png")


def _sources() -> list[Path]:
    """Our own files that a page may ask for."""
    files = [*STATIC.glob("*.css"), *STATIC.glob("*.svg"), *STATIC.glob("js/*.js"), *(STATIC / icon for icon in ICONS)]
    return sorted(files)


def assets() -> list[str]:
    """Return the addresses of what the device keeps of the site itself, without data."""
    names = [str(file.relative_to(STATIC)) for file in _sources()]
    return [static(name) for name in ["vendor/bootstrap.min.css", *names]]


def _version() -> str:
    """Return a name of this state of the assets, whether or not their addresses have a hash."""
    content = hashlib.sha256("".join(assets()).encode())
    for file in _sources():
        content.update(file.read_bytes())
    return content.hexdigest()[:16]


assets_version = _version if settings.DEBUG else cache(_version)


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It changes, and so is installed anew, whenever an asset does."""
    options = {
        "version": assets_version(),
        "assets": assets(),
        # Without a hash in its address, an asset is asked to the site first.
        "hashed": not (settings.TEST or settings.DEBUG),
        "shell": reverse("evaluator:offline"),
    }
    script = f'import {{ serve }} from "{static("js/worker.js")}";\n\nserve({json.dumps(options)});\n'
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page shown without the network where the device keeps nothing. The worker asks for it without cookies."""
    response = render(request, "evaluator/offline.html")
    response.headers["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a tablet needs to install the site as an application."""
    icons = [
        {"src": static("icons/192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("icons/512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("icons/maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    response = JsonResponse(
        {
            "name": "Sessions CQP",
            "short_name": "CQP",
            "lang": "fr",
            "start_url": reverse("evaluator:home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5563",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
