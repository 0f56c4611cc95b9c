"""django-zeal on every page that is read. A write locks and reads its rows again on purpose: it is left to its counts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from zeal import zeal_context

# allauth's own pages read a person and a session more than once.
LIBRARY = "/compte/"


def pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or request.path.startswith(LIBRARY):
            return get_response(request)
        with zeal_context():
            return get_response(request)

    return middleware
