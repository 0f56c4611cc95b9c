"""What an evaluator's device needs in order to keep their work."""

from candidates.models import Appointment
from cqp.models import LocalKey, User


def local_key(*, by: User) -> bytes | None:
    """Return the key (32 bytes) that encrypts a person's work on their devices, made at the first need; None for whoever
    evaluates no session."""
    if not Appointment.objects.filter(user=by, role=Appointment.Role.EVALUATOR).exists():
        return None
    return bytes(LocalKey.objects.get_or_create(user=by)[0].key)
