"""Candidates are invited by the branch, ask for a new link, and enter with it."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from candidates.invitations import send_invitation, standing
from candidates.models import Enrolment, Invitation, Session
from candidates.services.sessions import administered
from cqp import journal
from cqp.models import User

LASTS = dt.timedelta(days=14)
# A second touch of « Entrer » finds the link just used: it still lets in.
SECOND_TOUCH = dt.timedelta(minutes=2)
# What one person may ask for with their old links.
NEW_LINKS, WITHIN = 3, dt.timedelta(hours=1)


def invite(*, enrolment: Enrolment, by: User) -> Invitation:
    """Mail a candidate a link to enter with. Raises ValidationError without an account, PermissionError."""
    with transaction.atomic():
        session = administered(enrolment.session, by)
        locked = Enrolment.objects.select_related("candidate__user").get(pk=enrolment.pk)
        locked.session = session
        if locked.candidate.user is None:
            raise ValidationError(f"{locked.candidate} n'a pas de compte : il ne peut pas être invité.")
        return _invite(locked, by)


def invite_all(*, session: Session, by: User) -> int:
    """Invite the candidates whom no invitation has reached: return how many. Raises PermissionError."""
    with transaction.atomic():
        locked = administered(session, by)
        rows = locked.enrolments.select_related("candidate__user").prefetch_related("invitations")
        now, unreached = timezone.now(), []
        for enrolment in rows:
            enrolment.session = locked
            if standing(enrolment, now).unreached:
                unreached.append(enrolment)
        for enrolment in unreached:
            _invite(enrolment, by)
    return len(unreached)


def send_new_link(*, invitation: Invitation) -> None:
    """Mail a new link to the candidate whose link no longer serves. Past NEW_LINKS per person, nothing is sent."""
    with transaction.atomic():
        # The person's row is the lock: links are counted by person, whatever the number of their sessions.
        user = User.objects.select_for_update(of=("self",)).get(candidacies=invitation.enrolment.candidate)
        asked = Invitation.objects.filter(
            enrolment__candidate__user=user, created_by=None, created_at__gt=timezone.now() - WITHIN
        )
        if asked.count() < NEW_LINKS:
            _invite(invitation.enrolment, None)


def enter(*, invitation: Invitation, by: User) -> bool:
    """Use an invitation, and with it the others of the enrolment. `by` is its candidate. False: it no longer serves."""
    with transaction.atomic():
        now = timezone.now()
        locked = Invitation.objects.select_for_update(of=("self",)).select_related("enrolment").get(pk=invitation.pk)
        if locked.used_at:
            return now - locked.used_at <= SECOND_TOUCH
        if locked.expires_at <= now:
            return False
        locked.enrolment.invitations.filter(used_at=None).update(used_at=now)
        journal.record(locked.enrolment.stream, "invitation.used", {"invitation": locked.pk}, by=by)
        return True


def _invite(enrolment: Enrolment, by: User | None) -> Invitation:
    expires = max(timezone.now() + LASTS, enrolment.session.deposit_closes_at)
    invitation = Invitation.objects.create(enrolment=enrolment, created_by=by, expires_at=expires)
    verb = "invitation.sent" if by else "invitation.asked"
    journal.record(enrolment.stream, verb, {"invitation": invitation.pk}, by=by or enrolment.candidate.user)
    send_invitation.enqueue(invitation.pk)
    return invitation
