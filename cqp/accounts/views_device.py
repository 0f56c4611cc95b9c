"""What the scripts of a page ask about the device: who is logged in, and the key of what it keeps."""

import base64

from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_POST, require_safe

from cqp.accounts.hooks import roles
from cqp.models import LocalKey, User
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest


def local_key(*, by: User) -> bytes | None:
    """Return the key (32 bytes) that encrypts a person's work on their devices, made at the first need.

    None for whoever holds no role whose work waits on a device.
    """
    if not any(role.keeps_work and role.branches(by).exists() for role in roles):
        return None
    return bytes(LocalKey.objects.get_or_create(user=by)[0].key)


@json_endpoint
@require_safe
def person(request: HttpRequest) -> JsonResponse:
    """Who is logged in, and a fresh token: a page that outlived its login goes on only for the same person."""
    return JsonResponse({"user": request.user.pk, "token": get_token(request)})


@json_endpoint
@require_POST
def key(request: PersonRequest) -> JsonResponse:
    """The key that encrypts the person's work on their devices: `{"user": int, "key": base64, "token": str}`.

    404 for whoever has no work to keep there.
    """
    local = local_key(by=request.user)
    if local is None:
        raise Http404
    response = JsonResponse(
        {"user": request.user.pk, "key": base64.b64encode(local).decode(), "token": get_token(request)}
    )
    response.headers["Cache-Control"] = "no-store"
    return response
