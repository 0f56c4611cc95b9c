"""What a person's device needs in order to keep their work while it cannot be sent."""

from cqp.models import LocalKey, User
from cqp.roles import ROLES


def local_key(*, by: User) -> bytes | None:
    """Return the key (32 bytes) that encrypts a person's work on their devices, made at the first need.

    None for whoever holds no role whose work waits on a device.
    """
    if not any(role.keeps_work and role.branches(by).exists() for role in ROLES.values()):
        return None
    return bytes(LocalKey.objects.get_or_create(user=by)[0].key)
