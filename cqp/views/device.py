"""What the scripts of a page ask about the device: who is logged in, and the key of what it keeps."""

import base64

from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_POST, require_safe

from cqp.devices import local_key
from cqp.middleware import json_endpoint


@json_endpoint
@require_safe
def person(request: HttpRequest) -> JsonResponse:
    """Who is logged in, and a fresh token: a page that outlived its login goes on only for the same person."""
    return JsonResponse({"user": request.user.pk, "token": get_token(request)})


@json_endpoint
@require_POST
def key(request: HttpRequest) -> JsonResponse:
    """The key that encrypts the person's work on their devices: `{"user": int, "key": base64, "token": str}`.

    404 for whoever has no work to keep there.
    """
    found = local_key(by=request.user)
    if found is None:
        raise Http404
    response = JsonResponse(
        {"user": request.user.pk, "key": base64.b64encode(found).decode(), "token": get_token(request)}
    )
    response.headers["Cache-Control"] = "no-store"
    return response
