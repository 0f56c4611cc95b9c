"""The arithmetic of the evidence: what makes one entry hold on to the one before it.

Nothing here reads or writes the database. A chain is a list of entries, each with `prev` (the hash of the entry before, ""
for the first), `mac` (the keyed digest of its payload) and `hash`. Erasing a payload and its salt leaves `mac`: the chain
still verifies, and nobody can guess the payload from it.
"""

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.utils import timezone

from cqp.evidence import keys

GENESIS = ""


def new_salt() -> str:
    """Return 16 random bytes as hexadecimal text."""
    return secrets.token_hex(16)


def canonical(payload: Any) -> bytes:
    """Return the one byte string that stands for a JSON value, whatever the order of its keys."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def payload_mac(salt: str, payload: Any) -> str:
    """Return HMAC-SHA-256 of the payload under its own salt, in hexadecimal."""
    return hmac.new(bytes.fromhex(salt), canonical(payload), hashlib.sha256).hexdigest()


def link(prev: str, ids: Mapping[str, Any], mac: str) -> str:
    """Return the hash of an entry: SHA-256 of the previous hash, what identifies the entry, and its payload's mac."""
    return hashlib.sha256(canonical([prev, ids, mac])).hexdigest()


class Link(Protocol):
    """What an entry of a chain must show to be verified."""

    seq: int
    prev: str
    mac: str
    hash: str
    salt: str | None
    payload: Any

    def chain_ids(self) -> Mapping[str, Any]: ...


class DatedLink(Link, Protocol):
    """An entry that says when it was added."""

    at: dt.datetime


class Head(Protocol):
    """What knows the end of a chain: the number and the hash of its last entry, signed with the site's key."""

    seq: int
    head: str
    signature: str

    @property
    def chain_name(self) -> str: ...

    @property
    def signed_name(self) -> str:
        """What is signed beside the rank and the hash: the chain's name, and what else of it is not to change."""
        ...


# What an append changes of a head: whoever appends writes them together.
HEAD_FIELDS = ("seq", "head", "signature")


def append(head: Head, entry: DatedLink) -> None:
    """Put `entry`, which has its payload and who made it, after the last of the chain of `head`, and move `head` to it.

    In memory: the caller holds the lock on the row of `head`, and writes both.
    """
    entry.seq, entry.prev, entry.at = head.seq + 1, head.head, timezone.now()
    entry.salt = new_salt()
    entry.mac = payload_mac(entry.salt, entry.payload)
    entry.hash = link(entry.prev, entry.chain_ids(), entry.mac)
    head.seq, head.head = entry.seq, entry.hash
    sign(head)


def sign(head: Head) -> None:
    """Sign where a chain ends: without the key, nobody writes the chain anew."""
    head.signature = keys.sign_head(head.signed_name, head.seq, head.head)


def is_signed(head: Head) -> bool:
    """Return whether one of the site's keys signed where a chain ends."""
    return keys.is_head_signed(head.signed_name, head.seq, head.head, head.signature)


def broken_links(entries: Iterable[Link], *, head: str, length: int) -> list[str]:
    """Return in words what does not hold in a chain given in order; an empty list if it verifies.

    `head` and `length` are the hash and the number of the last entry as noted elsewhere, so that a cut tail is found.
    """
    faults: list[str] = []
    prev, count = GENESIS, 0
    for entry in entries:
        count += 1
        if entry.seq != count:
            faults.append(f"seq {entry.seq} where {count} was expected")
        if entry.prev != prev:
            faults.append(f"seq {entry.seq}: does not follow the entry before it")
        if entry.salt is not None and payload_mac(entry.salt, entry.payload) != entry.mac:
            faults.append(f"seq {entry.seq}: its content was altered")
        if link(entry.prev, entry.chain_ids(), entry.mac) != entry.hash:
            faults.append(f"seq {entry.seq}: its hash is wrong")
        prev = entry.hash
    if prev != head or count != length:
        faults.append(f"ends at {count} where {length} entries were noted, or on another hash")
    return faults
