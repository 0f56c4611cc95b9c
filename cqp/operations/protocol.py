"""Operations: what a screen sends, batch by batch, each counted once.

A stream ("sheet:12") takes operations `{key, kind, payload, base_seq, at}` from one device. Packages declare a handler per
kind of stream (`cqp.operations.hooks`). The whole batch is one transaction:

- not entitled: Http404, nothing stored;
- malformed: `MalformedError` (422), nothing stored;
- a key already used for something else: `KeyReusedError` (409), nothing stored;
- a key already answered: the first answer again;
- entitled but late: stored as refused, with the reason.
"""

import uuid
from collections.abc import Iterator, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cqp.core.text import MOST
from cqp.models import Operation, User
from cqp.operations.hooks import Applied, Incoming, MalformedError, Refused, StreamHandler, handlers, parse_text

BATCH_LIMIT = 200


class TooLargeError(MalformedError):
    """The batch holds more than BATCH_LIMIT operations: 413."""


class KeyReusedError(Exception):
    """A key was used before for another operation: 409."""


def parse(body: object) -> tuple[str, list[Incoming]]:
    """Return the device's name and the operations of a body read by `parse_json`. Raises MalformedError or TooLargeError."""
    if not isinstance(body, dict) or not isinstance(body.get("operations"), list):
        raise MalformedError("L'envoi doit être un objet avec une liste « operations ».")
    if len(body["operations"]) > BATCH_LIMIT:
        raise TooLargeError(f"Un envoi porte au plus {BATCH_LIMIT} opérations : envoyez-les en plusieurs fois.")
    parsed = [_parse_operation(raw) for raw in body["operations"]]
    if len({operation.key for operation in parsed}) != len(parsed):
        raise MalformedError("Deux opérations du même envoi portent la même clé.")
    return parse_text(body.get("device", ""), 60, "device"), parsed


def _parse_operation(raw: object) -> Incoming:
    if not isinstance(raw, dict):
        raise MalformedError("Chaque opération doit être un objet.")
    try:
        key = uuid.UUID(parse_text(raw.get("key"), 36, "key"))
        at = parse_datetime(parse_text(raw.get("at"), 40, "at"))
    except ValueError as error:
        raise MalformedError("« key » doit être un UUID et « at » une date.") from error
    base_seq, payload = raw.get("base_seq"), raw.get("payload")
    if at is None or timezone.is_naive(at) or not 2000 <= at.year < 2100:
        raise MalformedError("« at » doit être une date avec son décalage horaire.")
    if not isinstance(base_seq, int) or isinstance(base_seq, bool) or not 0 <= base_seq <= MOST:
        raise MalformedError("« base_seq » doit être un entier positif.")
    if not isinstance(payload, dict):
        raise MalformedError("« payload » doit être un objet.")
    return Incoming(key, parse_text(raw.get("kind"), 30, "kind"), payload, base_seq, at)


def receive(
    kind: str, pk: int, incoming: Sequence[Incoming], *, by: User, device: str = ""
) -> tuple[int, list[Operation]]:
    """Apply a batch to stream `kind:pk` and return the stream's rank and the answers, in the batch's order.

    Raises Http404, MalformedError, KeyReusedError. The keys are taken to be new; only when the database says that one is
    not are the earlier answers read, so that an ordinary save costs no look-up.
    """
    kinds = frozenset(operation.kind for operation in incoming)
    with transaction.atomic():
        handler = handlers.for_key(kind)(by, pk, device, kinds)
        handler.validate(incoming)
        try:
            with transaction.atomic():
                return _apply(handler, f"{kind}:{pk}", incoming, by, device)
        except IntegrityError:
            earlier = {
                o.key: o for o in Operation.objects.filter(user=by, key__in=[operation.key for operation in incoming])
            }
            if not earlier:
                raise
        handler = handlers.for_key(kind)(by, pk, device, kinds)
        handler.validate(incoming)
        for operation in incoming:
            _check_same(operation, earlier.get(operation.key), f"{kind}:{pk}")
        fresh = [operation for operation in incoming if operation.key not in earlier]
        seq, answers = _apply(handler, f"{kind}:{pk}", fresh, by, device)
        known = earlier | {o.key: o for o in answers}
        return seq, [known[operation.key] for operation in incoming]


def _check_same(operation: Incoming, before: Operation | None, stream: str) -> None:
    if before and (before.stream, before.kind, before.payload) != (stream, operation.kind, dict(operation.payload)):
        raise KeyReusedError("Cette clé a déjà servi pour une autre opération.")


def _apply(
    handler: StreamHandler, stream: str, incoming: Sequence[Incoming], by: User, device: str
) -> tuple[int, list[Operation]]:
    answers = []
    for group in _groups(incoming, handler.alone):
        operations = [_answer(handler, stream, received, by, device) for received in group]
        Operation.objects.bulk_create(operations)
        handler.flush({operation.key: operation for operation in operations})
        answers += operations
    return handler.seq(), answers


def _groups(incoming: Sequence[Incoming], alone: frozenset[str]) -> Iterator[list[Incoming]]:
    """Cut a batch, in its order, around each operation of these kinds."""
    group: list[Incoming] = []
    for operation in incoming:
        if group and (operation.kind in alone or group[-1].kind in alone):
            yield group
            group = []
        group.append(operation)
    if group:
        yield group


def _answer(handler: StreamHandler, stream: str, received: Incoming, by: User, device: str) -> Operation:
    operation = Operation(
        user=by,
        key=received.key,
        stream=stream,
        kind=received.kind,
        payload=dict(received.payload),
        base_seq=received.base_seq,
        device=device,
        at=received.at,
    )
    match handler.apply(received):
        case Applied(seq, replaced):
            operation.status, operation.seq = Operation.Status.APPLIED, seq
            operation.replaced = dict(replaced) if replaced else None
        case Refused(reason):
            operation.status, operation.refusal = Operation.Status.REFUSED, reason
    return operation
