"""The communes offered while a birthplace is typed."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from candidates.communes import suggest
from cqp.middleware import json_endpoint


@json_endpoint
@require_safe
@cache_control(private=True, max_age=86400)
def communes(request: HttpRequest) -> JsonResponse:
    """`{"communes": ["Saint-Denis (93)", …]}` for `?q=`: at most 20, none for fewer than two letters."""
    found = suggest(request.GET.get("q", "")[:100])
    return JsonResponse({"communes": [str(commune) for commune in found]})
