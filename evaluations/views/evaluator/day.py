"""« Préparer ma journée »: what a device fetches to spend the day without the network."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from candidates.models import Dossier, Session
from cqp.middleware import json_endpoint
from cqp.models import User
from evaluations.models import ScoringSheet
from evaluations.services.day import prepare_day
from evaluations.services.sheets import sheet_url
from evaluations.views.evaluator.worker import assets_version


@json_endpoint
@require_POST
def day(request: HttpRequest) -> JsonResponse:
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
