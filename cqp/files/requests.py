"""What a view that receives a file needs: no connection held meanwhile; what is too large or unreadable gets a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from cqp.core.text import parse_number
from cqp.files.inspection import MAX_BYTES

# What a multipart body holds besides the file: its fields and boundaries.
BODY_MARGIN = 10**6
# A body beyond that is not read to its end before the answer: the browser may then show its own error.
DRAINED_BYTES = 10 * MAX_BYTES


def let_go() -> None:
    """Give the database connection back before waiting for a slow phone: others need it. The next query takes one again."""
    if not connection.in_atomic_block:  # a test's
        connection.close()


def limited_body(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view that receives one file: a body that is too large gets a page that says so, status 413.

    The check must come before the CSRF check, which reads the body.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        length = parse_number(request.META.get("CONTENT_LENGTH"), 10**15) or 0
        if length > MAX_BYTES + BODY_MARGIN:
            _drain(request, min(length, DRAINED_BYTES))
            return _too_large(request)
        let_go()
        try:
            return protected(request, *args, **kwargs)
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
            return _too_large(request)
        except MultiPartParserError:
            return render(request, "candidate/unreadable.html", {"is_candidate": _is_candidate(request)}, status=400)

    return limited


def _drain(request: HttpRequest, length: int) -> None:
    """Read and forget a body: a browser shows the answer only once it has sent everything."""
    while length > 0 and (chunk := request.read(min(length, 65536))):
        length -= len(chunk)


def _too_large(request: HttpRequest) -> HttpResponseBase:
    context = {"limit": MAX_BYTES, "is_candidate": _is_candidate(request)}
    return render(request, "candidate/too_large.html", context, status=413)


def _is_candidate(request: HttpRequest) -> bool:
    """Tell whether the page is a candidate's: it leads back to their own pages."""
    return request.resolver_match is not None and request.resolver_match.namespace == "candidate"
