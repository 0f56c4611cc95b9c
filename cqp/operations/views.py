"""The one endpoint of the operations: batches in, answers out, as JSON."""

from django.conf import settings
from django.http import Http404, JsonResponse
from django.views.decorators.http import require_POST

from cqp.core import failpoints
from cqp.core.text import parse_number
from cqp.models import Operation
from cqp.operations import hooks as operations_hooks
from cqp.operations import protocol as mechanism
from cqp.operations.hooks import handlers
from cqp.web.middleware import json_endpoint
from cqp.web.received import UnreadableJsonError, parse_json
from cqp.web.requests import PersonRequest

NOT_THEIRS = "Cette page n'existe pas ou n'est pas la vôtre."


def answer(operation: Operation) -> dict[str, object]:
    """Return what the device is told of one operation."""
    return {
        "key": str(operation.key),
        "status": operation.status,
        "refusal": operation.refusal,
        "seq": operation.seq,
        "replaced": operation.replaced,
    }


@json_endpoint
@require_POST
def operations(request: PersonRequest, kind: str, pk: int) -> JsonResponse:
    """Take a batch `{"device": str, "operations": [{key, kind, payload, base_seq, at}]}` for one stream.

    200 with `{"seq": int, "answers": [...]}`; 401 not logged in; 404 not entitled; 409 a key used twice; 413 too large;
    422 malformed. Except with 200, nothing is stored.
    """
    if failpoints.is_down("operations"):
        return JsonResponse({}, status=503)
    if kind not in handlers:
        return JsonResponse({"message": NOT_THEIRS}, status=404)
    if (parse_number(request.headers.get("Content-Length"), 10**15) or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return JsonResponse({"message": "L'envoi est trop gros : envoyez-le en plusieurs fois."}, status=413)
    try:
        device, incoming = mechanism.parse(parse_json(request.body))
        seq, answered = mechanism.receive(kind, pk, incoming, by=request.user, device=device)
    except Http404:
        return JsonResponse({"message": NOT_THEIRS}, status=404)
    except mechanism.TooLargeError as error:
        return JsonResponse({"message": str(error)}, status=413)
    except (operations_hooks.MalformedError, UnreadableJsonError) as error:
        return JsonResponse({"message": str(error)}, status=422)
    except mechanism.KeyReusedError as error:
        return JsonResponse({"message": str(error)}, status=409)
    failpoints.reach("operations-committed")
    return JsonResponse({"seq": seq, "answers": [answer(operation) for operation in answered]})
