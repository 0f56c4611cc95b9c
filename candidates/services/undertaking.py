"""The undertaking of confidentiality that opens the dossiers."""

from django.db import transaction
from django.utils import timezone

from candidates.models import Appointment
from cqp import journal
from cqp.models import User


def sign_undertaking(appointment: Appointment, *, by: User) -> Appointment:
    """Note that the appointed person signed the undertaking. Signing twice keeps the first time.

    Raises PermissionError when `by` is not the appointed person.
    """
    if appointment.user_id != by.pk:
        raise PermissionError("Only the appointed person signs.")
    with transaction.atomic():
        locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if locked.undertaking_signed_at is None:
            locked.undertaking_signed_at = timezone.now()
            locked.save(update_fields=["undertaking_signed_at"])
            journal.record(f"session:{locked.session_id}", "undertaking.signed", {"appointment": locked.pk}, by=by)
    return locked
