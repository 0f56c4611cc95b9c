"""What every handler reads from a payload."""

from cqp.operations import Malformed

NOTE_LIMIT = 4000


def whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Malformed(f"« {name} » doit être un nombre entier.")
    return value
