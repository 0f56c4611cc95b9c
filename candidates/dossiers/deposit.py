"""The rules of a deposit: until when, by whom, and what the journal keeps of it."""

import datetime as dt
from typing import Any

from django.db.models import Q

from candidates.dossiers import workflow as dossier_workflow
from candidates.models import Dossier, DossierFile, Session, Upload
from candidates.sessions import dates
from candidates.sessions.queries import contact_text
from cqp.core.refusals import RefusedError
from cqp.models import User


class DepositRefused(RefusedError):
    """The dossier cannot be changed now. The message says why in French, and what to do."""


# What came just before the deadline may still be being checked at it.
CHECKING_TIME = dt.timedelta(minutes=10)
# Where a dossier with a deadline of its own is still expected.
WAITING_STATES = (Session.State.DEPOSIT, Session.State.INTERVIEWS)


class DuplicateFileRefused(DepositRefused):
    """The same file is already under this heading: nothing was stored twice."""


def deadline(dossier: Dossier | None, session: Session) -> dt.datetime:
    """Return until when a dossier is handed in: its own deadline, given by the branch, else the session's."""
    return (dossier.due_at if dossier else None) or session.deposit_closes_at


def deposit_refusal(
    session: Session, now: dt.datetime, dossier: Dossier | None = None, *, finishing: bool = False
) -> str:
    """Return why nothing can be deposited at `now`, and what to do; "" when the deposit is open.

    It is open from `deposit_opens_at` on, and until the deadline, which is excluded. finishing: an upload goes on, or the
    dossier is handed in; what was begun before the deadline may still be finished within the session's grace.
    """
    zone, closes = session.zone, deadline(dossier, session)
    early = session.state == Session.State.PREPARATION or now < session.deposit_opens_at
    if early and session.deposit_opens_at <= now:
        return f"Le dépôt n'est pas encore ouvert. Pour savoir quand il ouvrira : {contact_text(session)}."
    if early:
        opening = f"{dates.moment_text(session.deposit_opens_at, now, zone)}, {dates.zone_text(zone)}"
        return f"Le dépôt n'est pas encore ouvert : il ouvrira le {opening}. Revenez à partir de ce moment."
    if now >= closes:
        grace = grace_until(dossier, session, now)
        if grace and finishing:
            return ""
        closing = f"{dates.moment_text(closes, now, zone)}, {dates.zone_text(zone)}"
        if grace:
            until = dates.hour_text(grace.astimezone(zone).time())
            return (
                f"La date limite de dépôt est passée ({closing}) : plus rien ne s'ajoute. Votre envoi commencé avant peut "
                f"finir, et vous pouvez déposer le dossier jusqu'à {until}."
            )
        return f"La date limite de dépôt est passée ({closing}). Prévenez vite la branche : {contact_text(session)}."
    if session.state not in (WAITING_STATES if dossier and dossier.due_at else (Session.State.DEPOSIT,)):
        return f"Le dépôt est clos, la session est à l'étape suivante. Écrivez à la branche : {contact_text(session)}."
    return ""


def grace_until(dossier: Dossier | None, session: Session, now: dt.datetime) -> dt.datetime | None:
    """Return until when a dossier may still be finished past its deadline: only where an upload was under way at it.

    One query, and only between the deadline and the end of the grace.
    """
    closes = deadline(dossier, session)
    ends = closes + dt.timedelta(minutes=session.deposit_grace_minutes)
    if dossier is None or session.state not in WAITING_STATES or not closes <= now < ends:
        return None
    under_way = Q(state__in=(Upload.State.RECEIVING, Upload.State.JOINING)) | Q(touched_at__gte=closes - CHECKING_TIME)
    return ends if dossier.uploads.filter(under_way, begun_at__lt=closes).exists() else None


def reference(dossier: Dossier) -> str:
    """Return what a dossier is called by: `DP-000042-1`, the dossier and its version."""
    return f"DP-{dossier.pk:06d}-{dossier.version}"


def lock_dossier(dossier: Dossier) -> Dossier:
    return (
        Dossier.objects.select_for_update(of=("self",))
        .select_related(
            "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
        )
        .get(pk=dossier.pk)
    )


def check_can_change(dossier: Dossier, by: User, now: dt.datetime, *, finishing: bool = False) -> None:
    """Raise PermissionError for another's dossier, DepositRefused when it is handed in or the deposit is not open.

    finishing: see `deposit_refusal`.
    """
    if not dossier_workflow.is_own(by, dossier):
        raise PermissionError("Only the candidate changes a dossier.")
    session = dossier.enrolment_bloc.enrolment.session
    if dossier.state == Dossier.State.RETURNED:
        raise DepositRefused(
            "La branche vous a renvoyé cette version, rien n'y a été modifié. Reprenez votre dossier dans la version "
            "suivante : elle est sur votre page « Mon parcours »."
        )
    if dossier.submitted_at is not None:
        when = dates.moment_text(dossier.submitted_at, now, session.zone)
        raise DepositRefused(
            f"Ce dossier a été déposé le {when} : il ne change plus, rien n'a été modifié. S'il manque quelque chose "
            f"d'important, écrivez à la branche : {contact_text(session)}."
        )
    if refusal := deposit_refusal(session, now, dossier, finishing=finishing):
        raise DepositRefused(refusal)


def file_payload(dossier_file: DossierFile) -> dict[str, Any]:
    """Return what the journal keeps of a file."""
    stored = dossier_file.stored_file
    return {
        "dossier": dossier_file.dossier_id,
        "heading": dossier_file.trame_item.position if dossier_file.trame_item else None,
        "key": str(stored.key),
        "name": stored.name,
        "size": stored.size,
        "sha256": stored.sha256,
    }
