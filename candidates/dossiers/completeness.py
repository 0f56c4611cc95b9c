"""What the branch does with a dossier that was handed in: it is complete, or it goes back to the candidate; more time."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.deposit import WAITING_STATES, deadline, lock_dossier
from candidates.models import Answer, CompletenessCheck, Dossier, DossierFile, HeadingComment, Interview, Session
from candidates.sessions import dates
from candidates.sessions.queries import contact_text
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User
from cqp.workflow import TransitionRefused, perform

# The code of the error of a date that must be confirmed.
CONFIRM = "confirm"


def accept_dossier(*, dossier: Dossier, by: User) -> Dossier:
    """Say that a dossier is complete. Raises TransitionRefused (another administrator was first), PermissionError."""
    with transaction.atomic():
        administered(dossier.enrolment_bloc.enrolment.session, by)
        accepted = perform(dossier, "accept", by=by)
        CompletenessCheck.objects.create(dossier=accepted, outcome=CompletenessCheck.Outcome.ACCEPTED, by=by)
    return accepted


def return_dossier(
    *,
    dossier: Dossier,
    reason: str,
    due_at: dt.datetime,
    by: User,
    comments: Mapping[int | None, str] | None = None,
    confirmed: bool = False,
    now: dt.datetime | None = None,
) -> Dossier:
    """Send a dossier back, or open an accepted one again: return the next version, a draft with the same files and answers.

    comments: what to correct, by the pk of a heading of the trame (None: in the whole dossier). confirmed: the date may fall
    during the session's interviews.
    Raises ValidationError (no reason, a date that does not fit; CONFIRM for one to confirm), TransitionRefused,
    PermissionError.
    """
    now = now or timezone.now()
    with transaction.atomic():
        session = administered(dossier.enrolment_bloc.enrolment.session, by)
        locked = lock_dossier(dossier)
        if not reason.strip():
            raise ValidationError({"reason": "Écrivez pourquoi le dossier est renvoyé : le candidat le lira."})
        if refusal := return_refusal(locked):
            raise TransitionRefused(refusal)
        _check_due(locked, session, due_at, now, confirmed=confirmed)
        returned = perform(locked, "return", by=by, comment=reason)
        made = CompletenessCheck.objects.create(
            dossier=returned, outcome=CompletenessCheck.Outcome.RETURNED, reason=reason.strip(), due_at=due_at, by=by
        )
        comments_data = _save_comments(made, comments or {})
        fresh = _next_version(returned, due_at)
        payload = {
            "dossier": fresh.pk,
            "version": fresh.version,
            "due_at": due_at.isoformat(),
            "comments": comments_data,
        }
        journal.record(returned.enrolment_bloc.enrolment.stream, "dossier.version_opened", payload, by=by)
        _mail_candidate("dossier_returned", fresh, session, now, {"reason": made.reason, "comments": comments_data})
    return fresh


def return_refusal(dossier: Dossier) -> str:
    """Return why a dossier that the branch has cannot go back to the candidate; "" when it can."""
    if dossier.enrolment_bloc.enrolment.session.state not in WAITING_STATES:
        return "La session n'attend plus de dossiers : elle est devant le jury, ou publiée."
    if dossier.enrolment_bloc.interviews.filter(started_at__isnull=False).exists():
        return "L'entretien de ce bloc a commencé : le dossier que les évaluateurs ont lu ne change plus."
    return ""


def _check_due(dossier: Dossier, session: Session, due_at: dt.datetime, now: dt.datetime, *, confirmed: bool) -> None:
    if due_at <= now:
        raise ValidationError({"due_at": "Cette date est passée : choisissez-en une à venir."})
    planned = dossier.enrolment_bloc.interviews.filter(state=Interview.State.PLANNED).first()
    if planned and due_at >= planned.start:
        when = dates.moment_text(planned.start, now, session.zone)
        raise ValidationError(
            {"due_at": f"L'entretien a lieu le {when} : choisissez une date avant, ou déplacez d'abord l'entretien."}
        )
    if due_at.astimezone(session.zone).date() > session.interviews_to:
        raise ValidationError({"due_at": "Cette date est après le dernier jour des entretiens de la session."})
    if due_at.astimezone(session.zone).date() >= session.interviews_from and not confirmed:
        first = dates.day_text(session.interviews_from, now.astimezone(session.zone).date())
        text = f"Les entretiens commencent le {first}. Choisissez une date avant, ou confirmez celle-ci plus bas."
        raise ValidationError({"due_at": ValidationError(text, code=CONFIRM)})


def _save_comments(made: CompletenessCheck, comments: Mapping[int | None, str]) -> list[dict[str, Any]]:
    """Keep the comments under each heading. Return {heading: its number, None for the whole dossier; text}."""
    rows = [
        HeadingComment(check_made=made, trame_item=item, text=text)
        for item in [*made.dossier.enrolment_bloc.bloc.trame_items.all(), None]
        if (text := comments.get(item.pk if item else None, "").strip())
    ]
    HeadingComment.objects.bulk_create(rows)
    return [{"heading": row.trame_item.position if row.trame_item else None, "text": row.text} for row in rows]


def _next_version(dossier: Dossier, due_at: dt.datetime) -> Dossier:
    fresh = Dossier.objects.create(
        enrolment_bloc=dossier.enrolment_bloc, version=dossier.version + 1, due_at=due_at, seq=dossier.seq
    )
    DossierFile.objects.bulk_create(
        DossierFile(
            dossier=fresh, trame_item_id=file.trame_item_id, stored_file_id=file.stored_file_id, position=file.position
        )
        for file in dossier.files.all()
    )
    Answer.objects.bulk_create(
        Answer(
            dossier=fresh,
            trame_item_id=answer.trame_item_id,
            text=answer.text,
            seq=answer.seq,
            changed_at=answer.changed_at,
        )
        for answer in dossier.answers.all()
    )
    return fresh


def _mail_candidate(
    template: str, dossier: Dossier, session: Session, now: dt.datetime, more: Mapping[str, Any]
) -> None:
    """Write to the candidate until when the dossier is awaited; to nobody where there is no account."""
    candidate = dossier.enrolment_bloc.enrolment.candidate
    if candidate.user is None:
        return
    due = dates.moment_text(deadline(dossier, session), now, session.zone)
    context = {
        "name": candidate.display_name,
        "session": session.title,
        "bloc_number": dossier.enrolment_bloc.bloc.number,
        "due": f"{due}, {dates.zone_text(session.zone)}",
        "contact": contact_text(session),
        "path": reverse("candidate:dossier", args=[dossier.pk]),
    }
    outbox.queue_mail(template, candidate.user.email, {**context, **more}, **session.mail_scope)


def extend_deadline(
    *,
    dossier: Dossier,
    due_at: dt.datetime,
    reason: str,
    by: User,
    confirmed: bool = False,
    now: dt.datetime | None = None,
) -> Dossier:
    """Give one candidate until `due_at`, later than until now, to hand a dossier in. confirmed: see `return_dossier`.

    Raises ValidationError, PermissionError, TransitionRefused.
    """
    now = now or timezone.now()
    with transaction.atomic():
        session = administered(dossier.enrolment_bloc.enrolment.session, by)
        locked = lock_dossier(dossier)
        if locked.state != Dossier.State.DRAFT:
            raise TransitionRefused("Ce dossier est déjà déposé : renvoyez-le au candidat s'il faut le reprendre.")
        if session.state not in WAITING_STATES:
            raise TransitionRefused("La session n'attend pas de dossiers en ce moment.")
        if not reason.strip():
            raise ValidationError({"reason": "Écrivez pourquoi ce délai est accordé : il sera conservé."})
        before = deadline(locked, session)
        if due_at <= before:
            when = dates.moment_text(before, now, session.zone)
            raise ValidationError({"due_at": f"Le candidat a déjà jusqu'au {when} : choisissez une date plus tardive."})
        _check_due(locked, session, due_at, now, confirmed=confirmed)
        locked.due_at = due_at
        locked.save(update_fields=["due_at"])
        payload = {
            "dossier": locked.pk,
            "from": before.isoformat(),
            "to": due_at.isoformat(),
            "reason": reason.strip(),
        }
        enrolment = locked.enrolment_bloc.enrolment
        journal.record(enrolment.stream, "dossier.deadline_moved", payload, by=by)
        _mail_candidate("dossier_deadline", locked, session, now, {})
    return locked


def get_return_check(dossier: Dossier) -> CompletenessCheck | None:
    """Return why the version before this one came back, with its comments; None for a first version. Two queries."""
    if dossier.version == 1:
        return None
    checks = CompletenessCheck.objects.filter(
        dossier__enrolment_bloc=dossier.enrolment_bloc_id,
        dossier__version=dossier.version - 1,
        outcome=CompletenessCheck.Outcome.RETURNED,
    )
    return checks.prefetch_related("comments").last()
