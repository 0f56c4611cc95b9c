"""The acts of the half hour from plain forms: each is sent as the operation that the device would send."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from cqp.models import Operation
from cqp.operations import Incoming, Malformed, receive
from evaluations.services.sheets import sheet_url
from evaluations.views.evaluator.access import get_sheet


def _incident(post: QueryDict) -> dict[str, Any]:
    return {"category": post.get("category", ""), "text": post.get("text", "")}


def _pause(post: QueryDict) -> dict[str, Any]:
    return {"planned": True} if post.get("planned") else _incident(post)


def _absence(post: QueryDict) -> dict[str, Any]:
    excused = {"yes": True, "no": False}.get(post.get("excused", ""))
    return {"excused": excused, "reason": post.get("reason", "")}


# The payload of each act, and what is said once it is done. The candidate's signature is drawn: that takes JavaScript.
ACTS: dict[str, tuple[Callable[[QueryDict], dict[str, Any]], str]] = {
    "identity": (lambda post: {"paper": post.get("paper", "")}, "La pièce d'identité est notée."),
    "start": (lambda post: {}, "L'entretien est commencé."),
    "finish": (lambda post: {}, "L'entretien est terminé."),
    "absent": (_absence, "L'absence est notée. La branche décide de la suite."),
    "interrupt": (
        lambda post: {"reason": post.get("reason", "")},
        "L'entretien est interrompu. Vos saisies sont gardées.",
    ),
    "incident": (_incident, "L'incident est noté."),
    "pause": (_pause, "L'horloge est arrêtée."),
    "resume": (lambda post: {}, "L'horloge repart."),
}
CLOSING = ("absent", "interrupt")


@require_POST
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Do the act that the form's `kind` names, say what became of it, and go back to the sheet; home once it is closed."""
    found, _ = get_sheet(request.user, pk)
    kind = request.POST.get("kind", "")
    if kind not in ACTS:
        messages.error(request, "Cette action n'existe pas : rechargez la page.")
        return redirect(sheet_url(found))
    read, done = ACTS[kind]
    incoming = Incoming(uuid.uuid4(), kind, read(request.POST), found.seq, timezone.now())
    try:
        _, [answer] = receive("sheet", found.pk, [incoming], by=request.user, device="formulaire")
    except Malformed as error:
        messages.error(request, f"{error} Rien n'a été enregistré.")
        return redirect(sheet_url(found))
    if answer.status == Operation.Status.REFUSED:
        messages.error(request, f"Non pris en compte. {answer.refusal}")
        return redirect(sheet_url(found))
    messages.success(request, done)
    return redirect("evaluator:home") if kind in CLOSING else redirect(sheet_url(found))
