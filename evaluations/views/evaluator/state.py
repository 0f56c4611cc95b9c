"""What a device that follows a sheet is told: what changed on it, and the course of the interview."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from candidates.models import Assignment
from cqp.middleware import json_endpoint
from evaluations.course import course
from evaluations.models import Divergence
from evaluations.operations.sheet import entitled_sheets
from evaluations.views.evaluator.rows import position_text


@json_endpoint
@require_safe
def state(request: HttpRequest, pk: int) -> JsonResponse:
    """The sheet and its interview as they are now, for those who score on it; of the fields, those changed after `depuis`
    (`tout`: each):

    `{"now": ms, "seq": int, "state": str, "life": {…}, "fields": {name: text}, "seqs": {"criterion 12": int}}`, `life` as
    `evaluations.course.course`, the fields by their names in the form. Four queries; six for a change on a joint sheet.
    """
    mine: Any = entitled_sheets(request.user).filter(pk=pk, my_state=Assignment.State.ACTIVE)
    found = mine.select_related("interview__enrolment_bloc__enrolment").first()
    if found is None:
        return JsonResponse({"message": "Vous n'évaluez plus cet entretien."}, status=404)
    fields, seqs = _changes(found, _rank(request.GET.get("depuis", "")))
    life = course(found.interview, timezone.now())
    return JsonResponse(
        {"now": life["now"], "seq": found.seq, "state": found.state, "life": life, "fields": fields, "seqs": seqs}
    )


def _rank(since: str) -> int:
    if since == "tout":
        return -1
    return int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0


def _changes(sheet: Any, since: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the fields whose rank is above `since`, with their texts, and the rank of each subject."""
    fields: dict[str, str] = {}
    seqs: dict[str, int] = {}
    told = Divergence.objects.filter(sheet=sheet, criterion=OuterRef("criterion"), seq__gt=since)
    scores = list(sheet.scores.annotate(value=F("level__value")).filter(Q(seq__gt=since) | Exists(told)))
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
    told: dict[int, dict[int, Divergence]] = {pk: {} for pk in criteria}
    for one in Divergence.objects.filter(sheet=sheet, criterion__in=criteria).select_related("level"):
        told[one.criterion_id][one.assignment_id] = one
    known = set(others.values_list("pk", flat=True))
    for pk, positions in told.items():
        mine = positions.pop(sheet.my_assignment, None)
        fields |= {f"position-{pk}": str(mine.level.value) if mine else "", f"reason-{pk}": mine.reason if mine else ""}
        for other in known | positions.keys():
            fields[f"theirs-{pk}-{other}"] = position_text(positions[other]) if other in positions else ""
        ranks = [one.seq for one in (mine, *positions.values()) if one]
        seqs[f"criterion {pk}"] = max([seqs[f"criterion {pk}"], *ranks])


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
