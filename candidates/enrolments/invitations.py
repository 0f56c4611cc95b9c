"""The invitation by mail with which a candidate enters: its token, its sending, a new link, where it stands."""

import datetime as dt
import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from candidates.models import Enrolment, Invitation, Session
from candidates.sessions import dates
from candidates.sessions.services import administered
from cqp.core import queues
from cqp.evidence import journal
from cqp.mail.outbox import DELAYS, redact, send_now
from cqp.models import User
from cqp.web.rate_limits import Rate, count_attempt

logger = logging.getLogger(__name__)

# What the worker has not sent by then, it will not.
STALLED = dt.timedelta(hours=1)
NONCE_LENGTH = 32


@dataclass(frozen=True)
class Standing:
    """Where an invitation stands. `state` is the badge's; `unreached`: none went out, for the reason `error` if it failed."""

    state: str
    label: str
    unreached: bool = False
    error: str = ""


def link_token(invitation: Invitation) -> str:
    """Return the token of the link: the nonce, then its HMAC with the address. Another address, another token."""
    nonce, user = invitation.nonce.hex, invitation.enrolment.candidate.user
    assert user is not None
    return nonce + salted_hmac("candidates.invitation", f"{nonce}:{user.email}", algorithm="sha256").hexdigest()


def get_invitation(token: str) -> Invitation | None:
    """Return the invitation of a link; None when it is not one of ours, or was sent to an address that has changed."""
    try:
        nonce = uuid.UUID(hex=token[:NONCE_LENGTH])
    except ValueError:
        return None
    rows = Invitation.objects.select_related("enrolment__candidate__user", "enrolment__session__branch")
    invitation = rows.filter(nonce=nonce, enrolment__candidate__user__isnull=False).first()
    return invitation if invitation and constant_time_compare(token, link_token(invitation)) else None


@task(queue_name=queues.MAILS)
def send_invitation(pk: int, attempt: int = 1) -> None:
    """Mail an invitation with its link. Idempotent; nothing is sent when it was used, or when a newer one exists.

    It counts as sent before it leaves: who is killed meanwhile never sends it twice, and its mail says that it is in doubt.
    """
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related(
            "enrolment__candidate__user", "enrolment__session__branch", "enrolment__session__referentiel"
        )
        invitation = rows.filter(pk=pk, sent_at=None, used_at=None).first()
        if invitation is None or invitation.enrolment.invitations.filter(pk__gt=pk).exists():
            return
        user, token = invitation.enrolment.candidate.user, link_token(invitation)
        if user is None:  # erased since
            return
        context, scope = _mail_context(invitation, token), invitation.enrolment.session.mail_scope
        invitation.sent_at, invitation.error = timezone.now(), ""
        invitation.save(update_fields=["sent_at", "error"])
    try:
        send_now("invitation", user.email, context, (token,), **scope)
    except Exception as error:
        if not isinstance(error, OSError):
            logger.exception("Invitation %s cannot be made.", pk)
        with transaction.atomic():
            invitation.sent_at = None
            invitation.error = redact(str(error), (token,)) or type(error).__name__
            invitation.save(update_fields=["sent_at", "error"])
            if attempt <= len(DELAYS):
                later = timezone.now() + DELAYS[attempt - 1]
                send_invitation.using(run_after=later).enqueue(pk, attempt + 1)


def _mail_context(invitation: Invitation, token: str) -> dict[str, Any]:
    enrolment = invitation.enrolment
    session, now = enrolment.session, timezone.now()
    blocs = enrolment.enrolment_blocs.order_by("bloc__number").values_list("bloc__number", "bloc__title")
    zone, closes, opens = session.zone, session.deposit_closes_at, session.deposit_opens_at
    return {
        "name": enrolment.candidate.display_name,
        "session": session.title,
        "title": session.referentiel.title,
        "branch": session.branch,
        "blocs": [f"bloc {number} : {title}" for number, title in blocs],
        "opens": dates.moment_text(opens, now, zone) if opens > now else "",
        "deadline": dates.deadline_text(closes, now, zone) if closes > now else "",
        "until": f"{dates.moment_text(invitation.expires_at, now, zone)}, {dates.zone_text(zone)}",
        "path": reverse("candidate:invitation", args=[token]),
        "code_path": reverse("account_request_login_code"),
    }


def standing(enrolment: Enrolment, now: dt.datetime) -> Standing:
    """Tell whether a candidate was invited and has entered. Reads the invitations and the candidate's account."""
    zone, user = enrolment.session.zone, enrolment.candidate.user
    if user is None:
        return Standing("none", "sans compte")
    invitations = list(enrolment.invitations.all())
    entries = [invitation.used_at for invitation in invitations if invitation.used_at]
    if user.last_login and user.last_login >= enrolment.created_at:
        entries.append(user.last_login)
    if entries:
        return Standing("entered", f"entré le {dates.moment_text(min(entries), now, zone)}")
    if not invitations:
        return Standing("none", "pas encore invité", unreached=True)
    last = invitations[0]
    if last.error:
        return Standing("failed", "échec de l'invitation", unreached=True, error=last.error)
    if last.sent_at is None and now - last.created_at > STALLED:
        return Standing("failed", "l'invitation n'est pas partie", unreached=True)
    if last.sent_at is None:
        return Standing("queued", "invitation en cours d'envoi")
    lapsed = " ; le lien a expiré" if last.expires_at <= now else ""
    return Standing("invited", f"invité le {dates.moment_text(last.sent_at, now, zone)}, pas encore entré{lapsed}")


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
    user = invitation.enrolment.candidate.user
    if user and count_attempt(Rate(f"new-link:{user.pk}", NEW_LINKS, WITHIN.total_seconds())).is_allowed:
        with transaction.atomic():
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
