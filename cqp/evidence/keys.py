"""The keys of the site's evidence, which are not in the database: who writes there without them cannot make a proof.

`EVIDENCE_KEYS` (environment, separated by commas): the first makes new proofs, the others check old ones. Without it, the
key is derived from SECRET_KEY, and each of SECRET_KEY_FALLBACKS gives an older one.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


@lru_cache(maxsize=4)
def _derive(secrets: tuple[str, ...]) -> dict[str, bytes]:
    """Return the keys by their names; the first is the one in use. A name tells nothing of its key."""
    keys = [hashlib.sha256(f"cqp.evidence {secret}".encode()).digest() for secret in secrets]
    return {hashlib.sha256(b"name of" + key).hexdigest()[:8]: key for key in keys}


def list_keys() -> dict[str, bytes]:
    """Return the site's keys by their names of 8 letters, the one in use first."""
    own = tuple(settings.EVIDENCE_KEYS)
    return _derive(own or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def get_current_key() -> str:
    """Return the name of the key that makes new proofs."""
    return next(iter(list_keys()))


def sign(content: bytes, key: str) -> str:
    """Return HMAC-SHA-256 under the key of that name, in hexadecimal. Raises KeyError for a key that the site lacks."""
    return hmac.new(list_keys()[key], content, hashlib.sha256).hexdigest()


def sign_head(name: str, seq: int, head: str) -> str:
    """Return the signature of the end of a chain: the key's name, then the HMAC of the chain's name, rank and hash."""
    key = get_current_key()
    return f"{key}{sign(f'{name}|{seq}|{head}'.encode(), key)}"


def is_head_signed(name: str, seq: int, head: str, signature: str) -> bool:
    """Return whether one of the site's keys signed this end of the chain."""
    key = signature[:8]
    expected = f"{key}{sign(f'{name}|{seq}|{head}'.encode(), key)}" if key in list_keys() else ""
    return bool(expected) and hmac.compare_digest(expected, signature)
