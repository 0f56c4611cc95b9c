"""The half hour: its acts from plain forms, sent as the operations of the device, and what a device is told of it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Assignment
from cqp.core.text import parse_number
from cqp.models import Operation
from cqp.operations.hooks import Incoming, MalformedError
from cqp.operations.protocol import receive
from cqp.web.middleware import json_endpoint
from cqp.web.requests import PersonRequest
from evaluations.assignments.queries import get_sheet
from evaluations.models import Divergence
from evaluations.sheets import interview_course
from evaluations.sheets.form_rows import position_text
from evaluations.sheets.operations import entitled_sheets
from evaluations.sheets.services import sheet_url


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
def course(request: PersonRequest, pk: int) -> HttpResponse:
    """Do the act that the form's `kind` names, say what became of it, and go back to the sheet; home once it is closed."""
    sheet, _ = get_sheet(request.user, pk)
    kind = request.POST.get("kind", "")
    if kind not in ACTS:
        messages.error(request, "Cette action n'existe pas : rechargez la page.")
        return redirect(sheet_url(sheet))
    read_payload, message = ACTS[kind]
    incoming = Incoming(uuid.uuid4(), kind, read_payload(request.POST), sheet.seq, timezone.now())
    try:
        _, [answer] = receive("sheet", sheet.pk, [incoming], by=request.user, device="formulaire")
    except MalformedError as error:
        messages.error(request, f"{error} Rien n'a été enregistré.")
        return redirect(sheet_url(sheet))
    if answer.status == Operation.Status.REFUSED:
        messages.error(request, f"Non pris en compte. {answer.refusal}")
        return redirect(sheet_url(sheet))
    messages.success(request, message)
    return redirect("evaluator:home") if kind in CLOSING else redirect(sheet_url(sheet))


@json_endpoint
@require_safe
def state(request: PersonRequest, pk: int) -> JsonResponse:
    """The sheet and its interview as they are now, for those who score on it; of the fields, those changed after `depuis`
    (`tout`: each):

    `{"now": ms, "seq": int, "state": str, "life": {…}, "fields": {name: text}, "seqs": {"criterion 12": int}}`, `life` as
    `evaluations.sheets.interview_course.read_course`, the fields by their names in the form. Four queries; six for a
    change on a joint sheet.
    """
    sheets: Any = entitled_sheets(request.user)
    mine = sheets.filter(pk=pk, my_state=Assignment.State.ACTIVE)
    sheet = mine.select_related("interview__enrolment_bloc__enrolment").first()
    if sheet is None:
        return JsonResponse({"message": "Vous n'évaluez plus cet entretien."}, status=404)
    fields, seqs = _changes(sheet, _rank(request.GET.get("depuis", "")))
    life = interview_course.read_course(sheet.interview, timezone.now())
    return JsonResponse(
        {"now": life["now"], "seq": sheet.seq, "state": sheet.state, "life": life, "fields": fields, "seqs": seqs}
    )


def _rank(since: str) -> int:
    if since == "tout":
        return -1
    return parse_number(since) or 0


def _changes(sheet: Any, since: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the fields whose rank is above `since`, with their texts, and the rank of each subject."""
    fields: dict[str, str] = {}
    seqs: dict[str, int] = {}
    divergences = Divergence.objects.filter(sheet=sheet, criterion=OuterRef("criterion"), seq__gt=since)
    scores = list(sheet.scores.annotate(value=F("level__value")).filter(Q(seq__gt=since) | Exists(divergences)))
    for score in scores:
        pk = score.criterion_id
        fields |= {f"level-{pk}": _text(score.value), f"note-{pk}": score.note}
        seqs[f"criterion {pk}"] = score.seq
    if sheet.is_joint and scores:
        _add_positions(sheet, [score.criterion_id for score in scores], fields, seqs)
    for verdict in sheet.verdicts.filter(seq__gt=since):
        pk = verdict.competence_id
        fields |= {f"verdict-{pk}": verdict.outcome, f"comment-{pk}": verdict.comment}
        seqs[f"competence {pk}"] = verdict.seq
    return fields, seqs


def _add_positions(sheet: Any, criteria: list[int], fields: dict[str, str], seqs: dict[str, int]) -> None:
    """Add, on these criteria of a joint sheet, one's own position and what each of the others says, in words."""
    others = sheet.interview.assignments.filter(state=Assignment.State.ACTIVE).exclude(pk=sheet.my_assignment)
    positions_by_criterion: dict[int, dict[int, Divergence]] = {pk: {} for pk in criteria}
    for divergence in Divergence.objects.filter(sheet=sheet, criterion__in=criteria).select_related("level"):
        positions_by_criterion[divergence.criterion_id][divergence.assignment_id] = divergence
    known = set(others.values_list("pk", flat=True))
    for pk, positions in positions_by_criterion.items():
        mine = positions.pop(sheet.my_assignment, None)
        fields |= {f"position-{pk}": str(mine.level.value) if mine else "", f"reason-{pk}": mine.reason if mine else ""}
        for other in known | positions.keys():
            fields[f"theirs-{pk}-{other}"] = position_text(positions[other]) if other in positions else ""
        ranks = [divergence.seq for divergence in (mine, *positions.values()) if divergence]
        seqs[f"criterion {pk}"] = max([seqs[f"criterion {pk}"], *ranks])


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
