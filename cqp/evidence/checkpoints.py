"""Checkpoints: once a day, the heads of all chains are noted, chained, signed with the site's key, and copied to a file.

A chain whose tail was cut, head included, no longer holds what was noted. A checkpoint that was taken away is missed by the
file, which a backup keeps elsewhere.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from cqp.evidence import chain
from cqp.evidence.hooks import chain_heads, checkpoint_reasons
from cqp.models import Checkpoint, JournalStream

EVERY = dt.timedelta(days=1)


def list_journal_heads() -> Iterator[JournalStream]:
    yield from JournalStream.objects.filter(seq__gt=0).iterator()


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
        every = {head.chain_name: (head.seq, head.head) for list_heads in chain_heads for head in list_heads()}
        heads = {name: list(head) for name, head in every.items() if known.get(name) != head}
        checkpoint = Checkpoint(at=now, heads=heads, total=len(every), prev=last.hash if last else chain.GENESIS)
        checkpoint.hash = checkpoint_hash(checkpoint)
        checkpoint.signature = signature_of(checkpoint)
        checkpoint.save()
        transaction.on_commit(lambda: _copy(checkpoint))
    return checkpoint


def make_daily_checkpoint(now: dt.datetime | None = None) -> Checkpoint | None:
    """Make one when the last is a day old, or something asks for one since (results that came out). Called every minute."""
    now = now or timezone.now()
    last = Checkpoint.objects.only("at").last()
    if last and now - last.at < EVERY and not any(asks(last.at, now) for asks in checkpoint_reasons):
        return None
    try:
        return make_checkpoint(now)
    except IntegrityError:
        return None


def checkpoint_hash(checkpoint: Checkpoint) -> str:
    return chain.link(
        checkpoint.prev, checkpoint.chain_ids(), hashlib.sha256(chain.canonical(checkpoint.heads)).hexdigest()
    )


def signature_of(checkpoint: Checkpoint, secret: str | None = None) -> str:
    return salted_hmac("cqp.checkpoint", checkpoint.hash, secret=secret, algorithm="sha256").hexdigest()


def _is_signed(checkpoint: Checkpoint) -> bool:
    """Return whether the site's key, or one that it had before, signed a checkpoint."""
    secrets = (None, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(signature_of(checkpoint, secret), checkpoint.signature) for secret in secrets)


def _copy(checkpoint: Checkpoint) -> None:
    path = file_of_checkpoints()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": checkpoint.at.isoformat(),
        "hash": checkpoint.hash,
        "signature": checkpoint.signature,
        "total": checkpoint.total,
    }
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def broken_checkpoints() -> Iterator[str]:
    """Say what does not hold in the checkpoints themselves, and which of the file are gone."""
    prev, there = chain.GENESIS, set()
    for checkpoint in Checkpoint.objects.iterator():
        there.add(checkpoint.hash)
        if checkpoint.prev != prev:
            yield f"point de contrôle du {checkpoint} : il ne suit pas le précédent"
        if checkpoint_hash(checkpoint) != checkpoint.hash:
            yield f"point de contrôle du {checkpoint} : son contenu a été changé"
        if not _is_signed(checkpoint):
            yield f"point de contrôle du {checkpoint} : sa signature n'est pas celle de ce site"
        prev = checkpoint.hash
    path = file_of_checkpoints()
    if path.exists():
        for line in path.read_text().splitlines():
            copy = json.loads(line)
            if copy["hash"] not in there:
                yield f"point de contrôle du {copy['at']} : il est dans {path.name} et n'est plus dans la base"
