"""The answers typed on line: the plain form, what another device follows, and what came too late."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from candidates.dossiers import markup
from candidates.dossiers.deposit import DepositRefused, check_can_change
from candidates.dossiers.forms import AnswerForm
from candidates.dossiers.operations import DossierHandler
from candidates.dossiers.queries import own_dossiers
from candidates.models import Dossier
from cqp.core.text import parse_number
from cqp.models import Operation
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest
from referentiel.models import TrameItem


@dataclass(frozen=True)
class RefusedAnswer:
    """A text that was not taken: it is shown to its author, for nothing typed to be lost."""

    position: int
    text: str
    at: dt.datetime


@require_POST
def answer(request: PersonRequest, pk: int, position: int) -> HttpResponse:
    """Save the text under a heading. 302 to the dossier; 422 too long, 409 closed, each with the text to take back."""
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    heading = get_object_or_404(TrameItem, bloc=dossier.enrolment_bloc.bloc_id, position=position)
    form = AnswerForm(request.POST, dossier=dossier, heading=heading)
    context = {"dossier": dossier, "heading": heading, "form": form}
    if not form.is_valid():
        return render(request, "candidate/answer.html", context, status=422)
    operation = form.save(by=request.user)
    if operation.status == Operation.Status.REFUSED:
        return render(request, "candidate/answer.html", context | {"refusal": operation.refusal}, status=409)
    if operation.replaced:
        return render(request, "candidate/answer.html", context | _replaced(operation))
    messages.success(request, f"Votre réponse à la rubrique {position} est enregistrée.")
    return redirect(f"{reverse('candidate:dossier', args=[pk])}#rubrique-{position}")


def _replaced(operation: Operation) -> dict[str, object]:
    assert operation.replaced is not None
    return {"replaced": operation.replaced["text"], "base_seq": operation.seq}


@json_endpoint
@require_safe
def answers(request: PersonRequest, pk: int) -> JsonResponse:
    """The answers written after the rank `depuis`, and why nothing can be written any more ("" while it can):
    `{"seq": int, "refusal": str, "answers": [{"heading": int, "text": str, "seq": int}]}`. Four queries."""
    dossier = own_dossiers(request.user).prefetch_related(None).filter(pk=pk).first()
    if dossier is None:
        return JsonResponse({"message": "Ce dossier n'existe pas ou n'est pas le vôtre."}, status=404)
    try:
        check_can_change(dossier, request.user, timezone.now())
        refusal = ""
    except DepositRefused as refused:
        refusal = refused.message
    changed = dossier.answers.filter(seq__gt=parse_number(request.GET.get("depuis")) or 0)
    texts = [{"heading": a.trame_item_id, "text": a.text, "seq": a.seq} for a in changed]
    return JsonResponse({"seq": dossier.seq, "refusal": refusal, "answers": texts})


def refused_answers(dossier: Dossier) -> list[RefusedAnswer]:
    """Return, by heading, the last text that came too late for any version, unless the answer says it or was written since.

    `dossier` has its answers and the headings of its bloc at hand. One query.
    """
    answers = {answer.trame_item_id: answer for answer in dossier.answers.all()}
    streams = dossier.enrolment_bloc.dossiers.values(
        stream=Concat(Value(f"{DossierHandler.kind}:"), Cast("pk", CharField()))
    )
    operations = Operation.objects.filter(stream__in=streams, status=Operation.Status.REFUSED)
    last = {operation.payload["heading"]: operation for operation in operations.order_by("received_at", "pk")}
    refused = []
    for item in dossier.enrolment_bloc.bloc.trame_items.all():
        late, known = last.get(item.pk), answers.get(item.pk)
        text = markup.normalise(late.payload["text"]) if late else ""
        if late and text and not (known and (known.text == text or known.changed_at > late.received_at)):
            refused.append(RefusedAnswer(item.position, text, late.received_at))
    return refused
