"""« Préparer ma journée »: what a device fetches to spend the day without the network.

The service worker, its page without the network and the manifest say nothing of anybody: no login is needed.
"""

import datetime as dt
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Dossier, Session
from cqp.models import User
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest
from evaluations.models import ScoringSheet
from evaluations.sheets.day import prepare_day
from evaluations.sheets.services import sheet_url

STATIC = settings.BASE_DIR / "static"
ICONS = ("icons/192.png", "icons/512.png", "icons/maskable.png")


def _sources() -> list[Path]:
    """Our own files that a page may ask for."""
    files = [
        *STATIC.glob("*.css"),
        *STATIC.glob("*.svg"),
        *STATIC.glob("js/**/*.js"),
        *(STATIC / icon for icon in ICONS),
    ]
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
    script = f'import {{ serve }} from "{static("js/outbox/worker.js")}";\n\nserve({json.dumps(options)});\n'
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


@json_endpoint
@require_POST
def day(request: PersonRequest) -> JsonResponse:
    """Open ahead the sheets of today and tomorrow, and say what to fetch of them:
    `{"version": str, "interviews": [{"interview", "title", "sheet", "urls", "images", "expires"}]}`, `expires` in ms."""
    sheets = prepare_day(by=request.user)
    images = _page_images(request.user, [sheet.interview.enrolment_bloc_id for sheet in sheets])
    interviews = [_ready(sheet, images[sheet.interview.enrolment_bloc_id]) for sheet in sheets]
    return JsonResponse({"version": assets_version(), "interviews": interviews})


def _ready(sheet: ScoringSheet, images: list[str]) -> dict[str, Any]:
    interview = sheet.interview
    row = interview.enrolment_bloc
    url = sheet_url(sheet)
    return {
        "interview": interview.pk,
        "title": f"{row.enrolment.candidate}, bloc {row.bloc.number}",
        "sheet": url,
        "urls": [url, reverse("evaluator:prepare", args=[interview.pk])],
        "images": images,
        "expires": int(_expiry(row.enrolment.session).timestamp() * 1000),
    }


def _expiry(session: Session) -> dt.datetime:
    """The end of the last day of interviews, where they are held."""
    return timezone.make_aware(dt.datetime.combine(session.interviews_to, dt.time.max), session.zone)


def _page_images(user: User, enrolment_blocs: list[int]) -> dict[int, list[str]]:
    """Return the addresses of the drawn pages of each bloc's latest dossier, in one query."""
    dossiers = Dossier.objects.visible_to(user).filter(enrolment_bloc__in=enrolment_blocs).select_related("assembly")
    latest = {dossier.enrolment_bloc_id: dossier.assembly for dossier in dossiers.order_by("version")}
    return {
        bloc: [reverse("files:page", kwargs={"key": stored.key, "number": number}) for number in stored.page_numbers]
        if (stored := latest.get(bloc))
        else []
        for bloc in enrolment_blocs
    }
