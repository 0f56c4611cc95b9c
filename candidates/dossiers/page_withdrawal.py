"""A page of a dossier is withdrawn on a ground of confidentiality: nobody reads it any more, and its number stays."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from candidates.dossiers.deposit import lock_dossier
from candidates.dossiers.tasks import drop_assembly
from candidates.models import Appointment, Assignment, Dossier, WithdrawnPage
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User


def withdrawable_pages(dossier: Dossier) -> range:
    """Return the pages of the parts: neither the cover nor the contents. None before the dossier was assembled once."""
    if not dossier.contents:
        return range(0)
    last = dossier.contents[-1]
    return range(dossier.contents[0]["page"], last["page"] + last["pages"])


def withdraw_page(*, dossier: Dossier, number: int, reason: str, by: User) -> WithdrawnPage:
    """Put a notice in the place of a page, for good: the dossier is assembled again, its evaluators are written to.

    The files as they were sent stay with the candidate and the branch. Raises ValidationError, PermissionError.
    """
    with transaction.atomic():
        session = administered(dossier.enrolment_bloc.enrolment.session, by)
        locked = lock_dossier(dossier)
        if number not in withdrawable_pages(locked):
            raise ValidationError("Cette page ne peut pas être retirée.")
        if locked.withdrawn_pages.filter(number=number).exists():
            raise ValidationError(f"La page {number} est déjà retirée.")
        if not reason.strip():
            raise ValidationError({"reason": "Écrivez pourquoi cette page est retirée : le motif sera conservé."})
        withdrawn = WithdrawnPage(dossier=locked, number=number, reason=reason.strip(), by=by)
        withdrawn.full_clean()
        withdrawn.save()
        payload = {"dossier": locked.pk, "number": number, "reason": withdrawn.reason}
        journal.record(locked.enrolment_bloc.enrolment.stream, "dossier.page_withdrawn", payload, by=by)
        drop_assembly(locked)
        for evaluator in _evaluators(locked):
            context = {
                "name": str(evaluator.user),
                "number": number,
                "session": session.title,
                "candidate": locked.enrolment_bloc.enrolment.candidate.display_name,
                "bloc_number": locked.enrolment_bloc.bloc.number,
                "path": reverse("home"),
            }
            outbox.queue_mail("page_withdrawn", evaluator.user.email, context, **session.mail_scope)
    return withdrawn


def _evaluators(dossier: Dossier) -> list[Appointment]:
    """Return those who may have read the dossier to evaluate it."""
    reading = Assignment.objects.filter(
        interview__enrolment_bloc=dossier.enrolment_bloc_id,
        appointment__undertaking_signed_at__isnull=False,
        state=Assignment.State.ACTIVE,
    )
    return list(Appointment.objects.filter(pk__in=reading.values("appointment")).select_related("user"))
