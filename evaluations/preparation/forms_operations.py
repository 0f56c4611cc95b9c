"""Forms whose changes are sent as operations."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from cqp.core.text import parse_number
from cqp.models import Operation, User
from cqp.operations import protocol
from cqp.operations.hooks import Incoming
from cqp.web.received import UnreadableJsonError, parse_json


def fingerprint(value: str) -> str:
    """Return eight letters that tell whether a field still holds what was shown."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()[:8]


class OperationsForm:
    """Fields of one stream. `initial` holds what the database says, `values` what the page shows, both as texts.

    A field has changed when it no longer holds what this page showed: a form left open in a second tab takes back
    nothing that it did not touch. A key is made of the page's token and of what is sent: a double click counts once.
    """

    stream: str

    def __init__(self, pk: int, seq: int, initial: Mapping[str, str], data: Mapping[str, str] | None = None) -> None:
        self.pk, self.initial = pk, dict(initial)
        posted = {name: data[name].replace("\r\n", "\n") for name in self.initial if name in data} if data else {}
        self.values = self.initial | posted
        self.seq = _parse_rank((data or {}).get("base_seq"), seq)
        self.token = _token((data or {}).get("token"))
        self.shown = {name: fingerprint(value) for name, value in self.initial.items()} | _shown(data)
        self.changed = {name for name in posted if fingerprint(posted[name]) != self.shown[name]}

    @property
    def shown_json(self) -> str:
        return json.dumps(self.shown, separators=(",", ":"))

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give (kind, payload) of what changed. Raises MalformedError."""
        raise NotImplementedError

    def save(self, *, by: User) -> list[Operation]:
        """Send what changed, return the answers. Raises MalformedError, KeyReusedError, Http404: nothing is then stored."""
        incoming = [
            Incoming(self._key(kind, payload), kind, payload, self.seq, timezone.now())
            for kind, payload in self.operations()
        ]
        if not incoming:
            return []
        _, answers = protocol.receive(self.stream, self.pk, incoming, by=by, device=f"formulaire {self.token.hex[:12]}")
        return answers

    def _key(self, kind: str, payload: dict[str, Any]) -> uuid.UUID:
        return uuid.uuid5(self.token, json.dumps([kind, payload], sort_keys=True))


def _parse_rank(value: str | None, default: int) -> int:
    rank = parse_number(value)
    return default if rank is None else rank


def _token(value: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(value or "")
    except ValueError:
        return uuid.uuid4()


def _shown(data: Mapping[str, str] | None) -> dict[str, str]:
    try:
        shown = parse_json((data or {}).get("shown", "{}"))
    except UnreadableJsonError:
        return {}
    return {str(name): str(value) for name, value in shown.items()} if isinstance(shown, dict) else {}
