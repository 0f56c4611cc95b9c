"""Operations: what a screen sends, batch by batch, each counted once.

A stream ("sheet:12") takes operations `{key, kind, payload, base_seq, at}` from one device. Apps register a handler per kind
of stream. The whole batch is one transaction:

- not entitled: Http404, nothing stored;
- malformed: `Malformed` (422), nothing stored;
- a key already used for something else: `KeyReused` (409), nothing stored;
- a key already answered: the first answer again;
- entitled but late: stored as refused, with the reason.
"""

import datetime as dt
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cqp.models import Operation, User

BATCH_LIMIT = 200


class Malformed(Exception):
    """The batch cannot be read: 422. The message says in French what is wrong."""


class TooLarge(Malformed):
    """The batch holds more than BATCH_LIMIT operations: 413."""


class KeyReused(Exception):
    """A key was used before for another operation: 409."""


@dataclass(frozen=True)
class Incoming:
    """One operation as received, its envelope checked."""

    key: uuid.UUID
    kind: str
    payload: Mapping[str, Any]
    base_seq: int
    at: dt.datetime


@dataclass(frozen=True)
class Applied:
    """Done: `seq` is its rank in the stream; `replaced` what a stale change put aside, to be offered back."""

    seq: int
    replaced: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Refused:
    """Kept but not done; `reason` says why, in French."""

    reason: str


class StreamHandler:
    """Base of the handlers. One instance serves one batch, inside its transaction.

    `alone`: the kinds before which everything is written, since they read it from the database.
    """

    kind: str
    alone: frozenset[str] = frozenset()

    def __init__(self, user: User, pk: int, device: str, kinds: frozenset[str]) -> None:
        """Load and lock the stream's object, for a batch of these kinds.

        Raises Http404 unless `user` is or was entitled to it.
        """
        self.user, self.pk, self.device = user, pk, device

    def validate(self, incoming: Sequence[Incoming]) -> None:
        """Raise Malformed when a payload makes no sense. Sees the whole batch, so that it can query once."""
        raise NotImplementedError

    def apply(self, incoming: Incoming) -> Applied | Refused:
        """Decide in memory what the operation does."""
        raise NotImplementedError

    def flush(self, operations: Mapping[uuid.UUID, Operation]) -> None:
        """Write what `apply` decided since the last time. The operations are saved already."""
        raise NotImplementedError

    def seq(self) -> int:
        """Return the stream's rank after the batch."""
        raise NotImplementedError


HANDLERS: dict[str, type[StreamHandler]] = {}


def register[H: type[StreamHandler]](handler: H) -> H:
    """Class decorator: `handler` serves the streams of its kind."""
    assert HANDLERS.setdefault(handler.kind, handler) is handler, f"two handlers for {handler.kind}"
    return handler


def text(value: object, limit: int, name: str) -> str:
    """Return `value` if it is a text of at most `limit` characters. Raises Malformed, naming the field, otherwise."""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise Malformed(f"« {name} » doit être un texte d'au plus {limit} caractères.")
    return value


def whole(value: object, name: str) -> int:
    """Return `value` if it is a whole number that a database keeps. Raises Malformed, naming the field, otherwise."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Malformed(f"« {name} » doit être un nombre entier.")
    return value


def parse(body: object) -> tuple[str, list[Incoming]]:
    """Return the device's name and the operations of a decoded JSON body. Raises Malformed or TooLarge."""
    if not isinstance(body, dict) or not isinstance(body.get("operations"), list):
        raise Malformed("L'envoi doit être un objet avec une liste « operations ».")
    if len(body["operations"]) > BATCH_LIMIT:
        raise TooLarge(f"Un envoi porte au plus {BATCH_LIMIT} opérations : envoyez-les en plusieurs fois.")
    parsed = [_parse_one(raw) for raw in body["operations"]]
    if len({one.key for one in parsed}) != len(parsed):
        raise Malformed("Deux opérations du même envoi portent la même clé.")
    if not storable(body):
        raise Malformed("L'envoi porte des caractères ou des nombres qui ne peuvent pas être conservés.")
    return text(body.get("device", ""), 60, "device"), parsed


def storable(value: object) -> bool:
    """Tell whether both databases can keep a JSON value: no NUL, half surrogate, or number that JSON has not."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, dict):
        return all(storable(k) and storable(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(storable, value))
    return not isinstance(value, float) or math.isfinite(value)


def _parse_one(raw: object) -> Incoming:
    if not isinstance(raw, dict):
        raise Malformed("Chaque opération doit être un objet.")
    try:
        key = uuid.UUID(text(raw.get("key"), 36, "key"))
        at = parse_datetime(text(raw.get("at"), 40, "at"))
    except ValueError as error:
        raise Malformed("« key » doit être un UUID et « at » une date.") from error
    base_seq, payload = raw.get("base_seq"), raw.get("payload")
    if at is None or timezone.is_naive(at) or not 2000 <= at.year < 2100:
        raise Malformed("« at » doit être une date avec son décalage horaire.")
    if not isinstance(base_seq, int) or isinstance(base_seq, bool) or not 0 <= base_seq < 2**31:
        raise Malformed("« base_seq » doit être un entier positif.")
    if not isinstance(payload, dict):
        raise Malformed("« payload » doit être un objet.")
    return Incoming(key, text(raw.get("kind"), 30, "kind"), payload, base_seq, at)


def receive(
    kind: str, pk: int, incoming: Sequence[Incoming], *, by: User, device: str = ""
) -> tuple[int, list[Operation]]:
    """Apply a batch to stream `kind:pk` and return the stream's rank and the answers, in the batch's order.

    Raises Http404, Malformed, KeyReused. The keys are taken to be new; only when the database says that one is not are
    the earlier answers read, so that an ordinary save costs no look-up.
    """
    kinds = frozenset(one.kind for one in incoming)
    with transaction.atomic():
        handler = HANDLERS[kind](by, pk, device, kinds)
        handler.validate(incoming)
        try:
            with transaction.atomic():
                return _apply(handler, f"{kind}:{pk}", incoming, by, device)
        except IntegrityError:
            earlier = {o.key: o for o in Operation.objects.filter(user=by, key__in=[one.key for one in incoming])}
            if not earlier:
                raise
        handler = HANDLERS[kind](by, pk, device, kinds)
        handler.validate(incoming)
        for one in incoming:
            _check_same(one, earlier.get(one.key), f"{kind}:{pk}")
        fresh = [one for one in incoming if one.key not in earlier]
        seq, answers = _apply(handler, f"{kind}:{pk}", fresh, by, device)
        known = earlier | {o.key: o for o in answers}
        return seq, [known[one.key] for one in incoming]


def _check_same(one: Incoming, before: Operation | None, stream: str) -> None:
    if before and (before.stream, before.kind, before.payload) != (stream, one.kind, dict(one.payload)):
        raise KeyReused("Cette clé a déjà servi pour une autre opération.")


def _apply(
    handler: StreamHandler, stream: str, incoming: Sequence[Incoming], by: User, device: str
) -> tuple[int, list[Operation]]:
    answers = []
    for group in _groups(incoming, handler.alone):
        operations = [_answer(handler, stream, one, by, device) for one in group]
        Operation.objects.bulk_create(operations)
        handler.flush({operation.key: operation for operation in operations})
        answers += operations
    return handler.seq(), answers


def _groups(incoming: Sequence[Incoming], alone: frozenset[str]) -> Iterator[list[Incoming]]:
    """Cut a batch, in its order, around each operation of these kinds."""
    group: list[Incoming] = []
    for one in incoming:
        if group and (one.kind in alone or group[-1].kind in alone):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _answer(handler: StreamHandler, stream: str, one: Incoming, by: User, device: str) -> Operation:
    operation = Operation(
        user=by,
        key=one.key,
        stream=stream,
        kind=one.kind,
        payload=dict(one.payload),
        base_seq=one.base_seq,
        device=device,
        at=one.at,
    )
    match handler.apply(one):
        case Applied(seq, replaced):
            operation.status, operation.seq = Operation.Status.APPLIED, seq
            operation.replaced = dict(replaced) if replaced else None
        case Refused(reason):
            operation.status, operation.refusal = Operation.Status.REFUSED, reason
    return operation
