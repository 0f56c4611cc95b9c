"""The edge: what arrives by HTTP is made fit to be kept before a view, a form or a log reads it.

Query strings, forms, cookies: the request itself, by ReceivedMiddleware. JSON: parse_json. Fields of one line: FormRenderer.
"""

import json
import math
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.handlers.wsgi import WSGIRequest
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.utils.functional import cached_property

from cqp.core.text import MOST, clean_line, clean_text


class UnreadableJsonError(ValueError):
    """What was sent is not JSON, or holds what JSON has not: NaN, numbers without end, lists in lists without end."""


def clean_query(query: QueryDict) -> QueryDict:
    """Return names and values cleaned, in their order."""
    cleaned = QueryDict(mutable=True, encoding=query.encoding)
    for name, values in query.lists():
        for value in values:
            cleaned.appendlist(clean_line(name), clean_text(value))
    cleaned._mutable = False
    return cleaned


class ReceivedRequest(WSGIRequest):
    """A request whose query, form and cookies are clean. They are still read when first asked for, never before."""

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]
        return clean_query(super().GET)

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override]
        # A quoted cookie may spell any byte: \\000.
        return {name: clean_line(value) for name, value in super().COOKIES.items()}

    @property  # type: ignore[override]
    def POST(self) -> QueryDict:
        raw = super().POST
        if self.__dict__.get("_raw") is not raw:
            self._raw, self._clean = raw, clean_query(raw)
        return self._clean

    @POST.setter
    def POST(self, value: QueryDict) -> None:
        WSGIRequest.POST.fset(self, value)  # type: ignore[attr-defined]


class ReceivedMiddleware:
    """The first of all: it gives the request its clean class, so that nothing reads it otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if type(request) is WSGIRequest:
            request.__class__ = ReceivedRequest
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """No object has a number that no column holds, nor a name that no text is."""
        for value in kwargs.values():
            if (isinstance(value, int) and value > MOST) or (isinstance(value, str) and clean_line(value) != value):
                raise Http404


class ReceivedField(BoundField):
    """A field of one line holds one line, whoever sends it: browsers see to it, programs do not."""

    @property
    def data(self) -> Any:
        received = super().data
        is_line = isinstance(received, str) and isinstance(self.field.widget, forms.TextInput)
        return clean_line(received) if is_line else received


class FormRenderer(TemplatesSetting):
    bound_field_class = ReceivedField


def parse_json(content: bytes | str) -> Any:
    """Return what a JSON text says, its texts cleaned. Raises UnreadableJsonError."""
    try:
        return _cleaned(json.loads(content))
    except (ValueError, RecursionError) as error:  # also an integer of more than 4300 digits
        raise UnreadableJsonError("L'envoi n'est pas du JSON lisible.") from error


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_line(name): _cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("JSON has no such number.")
    return value
