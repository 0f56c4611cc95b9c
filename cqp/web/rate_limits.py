"""How often something may be missed, by whom: counted in the shared cache."""

from django.core.cache import cache


def reached(key: str, limit: int) -> bool:
    """Tell whether `limit` misses were counted."""
    return bool(cache.get(key, 0) >= limit)


def miss(key: str, seconds: int) -> None:
    """Count one more; all are forgotten `seconds` after the first."""
    if not cache.add(key, 1, seconds):
        cache.incr(key)
