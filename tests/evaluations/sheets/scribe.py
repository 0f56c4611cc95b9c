"""What an evaluator's device does, in a few words."""

import json
import uuid
from typing import Any

from django.utils import timezone

from cqp.operations import protocol
from evaluations.models import ScoringSheet
from evaluations.sheets.queries import digest, sheet_view
from evaluations.sheets.services import sign_sheet


def operation(kind: str, base_seq: int = 0, key: str = "", **payload: Any) -> dict[str, Any]:
    return {
        "key": key or str(uuid.uuid4()),
        "kind": kind,
        "payload": payload,
        "base_seq": base_seq,
        "at": timezone.now().isoformat(),
    }


def send(user, sheet, *batch: dict[str, Any], device: str = "tablette"):
    """Hand a batch to the mechanism, as the endpoint would. Returns (seq, answers)."""
    name, incoming = protocol.parse({"device": device, "operations": list(batch)})
    return protocol.receive("sheet", sheet.pk, incoming, by=user, device=name)


def post(client, sheet, *batch: dict[str, Any], stream: str = "sheet"):
    body = json.dumps({"device": "tablette", "operations": list(batch)})
    return client.post(f"/operations/{stream}/{sheet.pk}/", body, content_type="application/json")


def score_all(user, sheet, level: int = 2) -> None:
    criteria = sheet.scores.values_list("criterion", flat=True)
    send(user, sheet, *[operation("score", criterion=pk, level=level) for pk in criteria])


def read(sheet) -> str:
    """The digest of what a person reads on the sheet now."""
    return digest(sheet_view(ScoringSheet.objects.with_context().get(pk=sheet.pk)))


def sign(user, sheet):
    return sign_sheet(sheet, by=user, shown=read(sheet))
