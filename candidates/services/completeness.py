"""What the branch does with a dossier that was handed in: it is complete, or it goes back to the candidate; more time."""

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates import dates
from candidates.models import Answer, CompletenessCheck, Dossier, DossierFile, HeadingComment, Interview, Session
from candidates.services.dossier import contact_text, locked_dossier
from candidates.services.sessions import administered
from cqp import journal, mail
from cqp.models import User
from cqp.workflow import TransitionRefused, perform

RUNNING = (Interview.State.RUNNING, Interview.State.FINISHED)


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
    now: dt.datetime | None = None,
) -> Dossier:
    """Send a dossier back, or open an accepted one again: return the next version, a draft with the same files and answers.

    comments: what to mend, by the pk of a heading of the trame (None: in the whole dossier).
    Raises ValidationError (no reason, a date that does not fit), TransitionRefused, PermissionError.
    """
    now = now or timezone.now()
    with transaction.atomic():
        session = administered(dossier.enrolment_bloc.enrolment.session, by)
        locked = locked_dossier(dossier)
        if not reason.strip():
            raise ValidationError({"reason": "Écrivez pourquoi le dossier est renvoyé : le candidat le lira."})
        _check_may_come_back(locked, session)
        _check_due(locked, session, due_at, now)
        returned = perform(locked, "return", by=by, comment=reason)
        made = CompletenessCheck.objects.create(
            dossier=returned, outcome=CompletenessCheck.Outcome.RETURNED, reason=reason.strip(), due_at=due_at, by=by
        )
        items = {item.pk: item for item in returned.enrolment_bloc.bloc.trame_items.all()}
        said = [
            HeadingComment(check_made=made, trame_item=items[pk] if pk else None, text=text.strip())
            for pk, text in (comments or {}).items()
            if text.strip()
        ]
        HeadingComment.objects.bulk_create(said)
        fresh = _next_version(returned, due_at)
        told = {
            "dossier": fresh.pk,
            "version": fresh.version,
            "due_at": due_at.isoformat(),
            "comments": [
                {"heading": one.trame_item.position if one.trame_item else None, "text": one.text} for one in said
            ],
        }
        journal.record(returned.enrolment_bloc.enrolment.stream, "dossier.version_opened", told, by=by)
        _mail_return(fresh, session, reason, said, now)
    return fresh


def _check_may_come_back(dossier: Dossier, session: Session) -> None:
    if session.state not in (Session.State.DEPOSIT, Session.State.INTERVIEWS):
        raise TransitionRefused("La session n'attend plus de dossiers : elle est devant le jury, ou publiée.")
    if dossier.enrolment_bloc.interviews.filter(state__in=RUNNING).exists():
        raise TransitionRefused(
            "L'entretien de ce bloc a commencé : le dossier que les évaluateurs ont lu ne change plus."
        )


def _check_due(dossier: Dossier, session: Session, due_at: dt.datetime, now: dt.datetime) -> None:
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


def _next_version(dossier: Dossier, due_at: dt.datetime) -> Dossier:
    fresh = Dossier.objects.create(
        enrolment_bloc=dossier.enrolment_bloc, version=dossier.version + 1, due_at=due_at, seq=dossier.seq
    )
    DossierFile.objects.bulk_create(
        DossierFile(
            dossier=fresh, trame_item_id=one.trame_item_id, stored_file_id=one.stored_file_id, position=one.position
        )
        for one in dossier.files.all()
    )
    Answer.objects.bulk_create(
        Answer(dossier=fresh, trame_item_id=one.trame_item_id, text=one.text, seq=one.seq, changed_at=one.changed_at)
        for one in dossier.answers.all()
    )
    return fresh


def _mail_return(dossier: Dossier, session: Session, reason: str, said: list[HeadingComment], now: dt.datetime) -> None:
    candidate = dossier.enrolment_bloc.enrolment.candidate
    if candidate.user is None:
        return
    assert dossier.due_at is not None
    zone = session.zone
    context = {
        "name": candidate.display_name,
        "session": session.title,
        "bloc_number": dossier.enrolment_bloc.bloc.number,
        "reason": reason.strip(),
        "comments": [
            {
                "heading": f"Rubrique {one.trame_item.position}" if one.trame_item else "Tout le dossier",
                "text": one.text,
            }
            for one in said
        ],
        "due": f"{dates.moment_text(dossier.due_at, now, zone)}, {dates.zone_text(zone)}",
        "contact": contact_text(session),
        "path": reverse("candidate:dossier", args=[dossier.pk]),
    }
    mail.queue("dossier_returned", candidate.user.email, context)


def extend_deadline(
    *, dossier: Dossier, due_at: dt.datetime, reason: str, by: User, now: dt.datetime | None = None
) -> Dossier:
    """Give one candidate until `due_at` to hand a dossier in. Raises ValidationError, PermissionError, TransitionRefused."""
    now = now or timezone.now()
    with transaction.atomic():
        session = administered(dossier.enrolment_bloc.enrolment.session, by)
        locked = locked_dossier(dossier)
        if locked.state != Dossier.State.DRAFT:
            raise TransitionRefused("Ce dossier est déjà déposé : renvoyez-le au candidat s'il faut le reprendre.")
        if session.state not in (Session.State.DEPOSIT, Session.State.INTERVIEWS):
            raise TransitionRefused("La session n'attend pas de dossiers en ce moment.")
        if not reason.strip():
            raise ValidationError({"reason": "Écrivez pourquoi ce délai est accordé : il sera conservé."})
        _check_due(locked, session, due_at, now)
        before = locked.due_at or session.deposit_closes_at
        locked.due_at = due_at
        locked.save(update_fields=["due_at"])
        told = {
            "dossier": locked.pk,
            "from": before.isoformat(),
            "to": due_at.isoformat(),
            "reason": reason.strip(),
        }
        enrolment = locked.enrolment_bloc.enrolment
        journal.record(enrolment.stream, "dossier.deadline_moved", told, by=by)
        if enrolment.candidate.user:
            context = {
                "name": enrolment.candidate.display_name,
                "session": session.title,
                "bloc_number": locked.enrolment_bloc.bloc.number,
                "due": f"{dates.moment_text(due_at, now, session.zone)}, {dates.zone_text(session.zone)}",
                "contact": contact_text(session),
                "path": reverse("candidate:dossier", args=[locked.pk]),
            }
            mail.queue("dossier_deadline", enrolment.candidate.user.email, context)
    return locked


def check_to_mend(dossier: Dossier) -> CompletenessCheck | None:
    """Return why the version before this one came back, with its comments; None for a first version. Two queries."""
    if dossier.version == 1:
        return None
    checks = CompletenessCheck.objects.filter(
        dossier__enrolment_bloc=dossier.enrolment_bloc_id,
        dossier__version=dossier.version - 1,
        outcome=CompletenessCheck.Outcome.RETURNED,
    )
    return checks.prefetch_related("comments").last()
