"""Checkpoints: once a day, the heads of all chains are noted, chained, signed with the site's key, and copied to a file.

A chain whose tail was cut, head included, no longer holds what was noted. A checkpoint that was taken away is missed by the
file, which a backup keeps elsewhere.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from cqp import chain
from cqp.models import Checkpoint, JournalStream

EVERY = dt.timedelta(days=1)

type Head = tuple[str, int, str]


def journal_heads() -> Iterator[Head]:
    yield from JournalStream.objects.filter(seq__gt=0).values_list("name", "seq", "head").iterator()


# Each yields (chain, number of its last entry, its hash). An app adds its own.
HEADS: list[Callable[[], Iterable[Head]]] = [journal_heads]


def file_of_checkpoints() -> Path:
    return Path(settings.VAR_DIR) / "checkpoints.jsonl"


def known_heads() -> dict[str, tuple[int, str]]:
    """Return the last head that was noted of each chain."""
    known: dict[str, tuple[int, str]] = {}
    for heads in Checkpoint.objects.values_list("heads", flat=True).iterator():
        known |= {name: (seq, head) for name, (seq, head) in heads.items()}
    return known


def make_checkpoint(now: dt.datetime | None = None) -> Checkpoint:
    """Note the heads that changed since the last checkpoint. Raises IntegrityError when another process just did."""
    now = now or timezone.now()
    with transaction.atomic():
        last = Checkpoint.objects.last()
        known = known_heads()
        every = {name: (seq, head) for source in HEADS for name, seq, head in source()}
        heads = {name: list(one) for name, one in every.items() if known.get(name) != one}
        made = Checkpoint(at=now, heads=heads, total=len(every), prev=last.hash if last else chain.GENESIS)
        made.hash = checkpoint_hash(made)
        made.signature = signature_of(made)
        made.save()
        transaction.on_commit(lambda: _copy(made))
    return made


def make_daily_checkpoint(now: dt.datetime | None = None) -> Checkpoint | None:
    """Make one when the last is a day old. Called every minute."""
    now = now or timezone.now()
    last = Checkpoint.objects.only("at").last()
    if last and now - last.at < EVERY:
        return None
    try:
        return make_checkpoint(now)
    except IntegrityError:
        return None


def checkpoint_hash(one: Checkpoint) -> str:
    return chain.link(one.prev, one.chain_ids(), hashlib.sha256(chain.canonical(one.heads)).hexdigest())


def signature_of(one: Checkpoint) -> str:
    return salted_hmac("cqp.checkpoint", one.hash, algorithm="sha256").hexdigest()


def _copy(made: Checkpoint) -> None:
    path = file_of_checkpoints()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"at": made.at.isoformat(), "hash": made.hash, "signature": made.signature, "total": made.total}
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def broken_checkpoints() -> Iterator[str]:
    """Say what does not hold in the checkpoints themselves, and which of the file are gone."""
    prev, there = chain.GENESIS, set()
    for one in Checkpoint.objects.iterator():
        there.add(one.hash)
        if one.prev != prev:
            yield f"point de contrôle du {one} : il ne suit pas le précédent"
        if checkpoint_hash(one) != one.hash:
            yield f"point de contrôle du {one} : son contenu a été changé"
        if not constant_time_compare(signature_of(one), one.signature):
            yield f"point de contrôle du {one} : sa signature n'est pas celle de ce site"
        prev = one.hash
    path = file_of_checkpoints()
    if path.exists():
        for line in path.read_text().splitlines():
            told = json.loads(line)
            if told["hash"] not in there:
                yield f"point de contrôle du {told['at']} : il est dans {path.name} et n'est plus dans la base"
