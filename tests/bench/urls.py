"""The site, and what it is compared with: bare forms of 25 fields, and a bare view that runs a save's SQL by hand."""

from functools import cache

from django import forms
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from cqp.urls import handler403, handler404, handler500
from cqp.urls import urlpatterns as site
from cqp.web.middleware import json_endpoint
from tests.bench import replay

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]

LEVELS = [(0, "Non démontré"), (1, "Partiellement démontré"), (2, "Démontré"), (3, "Non abordé")]


FIELDS = [f"level-{number}" for number in range(1, 26)]
Choices = type(
    "Choices", (forms.Form,), {name: forms.ChoiceField(choices=LEVELS, widget=forms.RadioSelect) for name in FIELDS}
)
Texts = type("Texts", (forms.Form,), {name: forms.CharField(required=False) for name in FIELDS})


@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    return render(request, "bare_form.html", {"form": Choices()})


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    return render(request, "bare_form.html", {"form": Texts()})


@cache
def save() -> tuple[int, list[replay.Statement]]:
    return replay.load(settings.VAR_DIR)


@json_endpoint
@require_POST
def bare_save(request: HttpRequest) -> JsonResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        replay.run(cursor, save())
    return JsonResponse({"seq": 1, "answers": []})


urlpatterns = [
    path("bench/choices/", choices),
    path("bench/texts/", texts),
    path("bench/save/", bare_save),
    *site,
]
