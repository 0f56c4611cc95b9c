"""A candidate's wish for a measure of accommodation, and the branch's answer. The proof is seen, never kept.

The journal tells who asked for which measures and what was answered; the candidate's own words stay out of it.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.accommodation.rules import MEASURES
from candidates.enrolments.queries import interview_minutes
from candidates.enrolments.services import update_enrolment
from candidates.models import AccommodationWish, Enrolment, Interview, Session
from candidates.sessions.queries import contact_text
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User

WishAnswer = AccommodationWish.Answer
ASKED_DURING = (Session.State.PREPARATION, Session.State.DEPOSIT)


def asking_refusal(enrolment: Enrolment, wish: AccommodationWish | None) -> str:
    """Return why a wish can no longer be made or changed, and whom to write to; "" while it can."""
    session = enrolment.session
    if wish and wish.answer != WishAnswer.WAITING:
        return f"La branche a répondu à votre demande. Pour en reparler : {contact_text(session)}."
    if session.state not in ASKED_DURING:
        return f"Les entretiens ont commencé : dites à la branche ce qu'il vous faut. {contact_text(session)}."
    return ""


def wish_of(enrolment: Enrolment) -> AccommodationWish | None:
    return getattr(enrolment, "accommodation_wish", None)


# --- The candidate


def request_accommodation(
    *, enrolment: Enrolment, by: User, measures: Iterable[str], details: str
) -> AccommodationWish:
    """Ask for measures (codes of MEASURES), or change what was asked. Raises ValidationError by field, PermissionError."""
    codes, details = [code for code in MEASURES if code in set(measures)], details.replace("\x00", "").strip()
    if not codes:
        raise ValidationError({"measures": "Cochez au moins une mesure."})
    if "other" in codes and not details:
        raise ValidationError({"details": "Dites quelle autre mesure vous souhaitez."})
    with transaction.atomic():
        locked, wish = _own(enrolment, by)
        if refusal := asking_refusal(locked, wish):
            raise ValidationError(refusal)
        wish = wish or AccommodationWish(enrolment=locked)
        if wish.pk and (wish.measures, wish.details) == (codes, details):
            return wish
        wish.measures, wish.details, wish.asked_at = codes, details, timezone.now()
        wish.full_clean()
        wish.save()
        journal.record(locked.stream, "accommodation.asked", {"measures": codes}, by=by)
    return wish


def cancel_request(*, enrolment: Enrolment, by: User) -> None:
    """Take back a wish that has no answer; nothing of it stays but the journal. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        locked, wish = _own(enrolment, by)
        if wish is None:
            return
        if wish.answer != WishAnswer.WAITING:
            raise ValidationError(asking_refusal(locked, wish))
        wish.delete()
        journal.record(locked.stream, "accommodation.taken_back", {}, by=by)


def _own(enrolment: Enrolment, by: User) -> tuple[Enrolment, AccommodationWish | None]:
    """Lock the session, as the branch's answer does, and read the enrolment again."""
    session = Session.objects.select_for_update(of=("self",)).select_related("branch").get(pk=enrolment.session_id)
    locked = Enrolment.objects.select_related("candidate").get(pk=enrolment.pk)
    locked.session = session
    if locked.candidate.user_id != by.pk:
        raise PermissionError("Only the candidate asks for a measure.")
    return locked, wish_of(locked)


# --- The branch


def note_proof(*, enrolment: Enrolment, by: User, seen_on: dt.date) -> AccommodationWish:
    """Note that a proof was seen, when and by whom. Raises ValidationError by field, PermissionError."""
    with transaction.atomic():
        wish = _administered(enrolment, by)
        if seen_on > timezone.now().astimezone(wish.enrolment.session.zone).date():
            raise ValidationError({"seen_on": "Ce jour est à venir : notez le jour où vous l'avez vu."})
        if (wish.proof_seen_on, wish.proof_seen_by_id) != (seen_on, by.pk):
            wish.proof_seen_on, wish.proof_seen_by = seen_on, by
            wish.save(update_fields=["proof_seen_on", "proof_seen_by"])
            journal.record(wish.enrolment.stream, "accommodation.proof_seen", {"on": seen_on.isoformat()}, by=by)
    return wish


def grant(
    *, enrolment: Enrolment, by: User, extra_minutes: int, break_minutes: int, other_measures: str, message: str = ""
) -> AccommodationWish:
    """Grant measures: they become the enrolment's, and a mail says so to the candidate.

    Interviews planned before keep their length: see `to_replan`. Raises ValidationError by field, also once the interviews
    have begun; PermissionError.
    """
    if not (extra_minutes or break_minutes or other_measures.strip()):
        raise ValidationError({"extra_minutes": "Donnez au moins une mesure : du temps, une pause ou une autre."})
    with transaction.atomic():
        wish = _administered(enrolment, by)
        measures: dict[str, Any] = {
            "extra_minutes": extra_minutes,
            "break_minutes": break_minutes,
            "other_measures": other_measures,
        }
        update_enrolment(enrolment=wish.enrolment, by=by, **measures)
        return _answer(wish, WishAnswer.GRANTED, message, by)


def refuse(*, enrolment: Enrolment, by: User, message: str) -> AccommodationWish:
    """Refuse, with a message that the candidate reads; a mail announces it. Raises ValidationError, PermissionError."""
    if not message.replace("\x00", "").strip():
        raise ValidationError({"message": "Expliquez le refus : le candidat le lira."})
    with transaction.atomic():
        return _answer(_administered(enrolment, by), WishAnswer.REFUSED, message, by)


def to_replan(enrolment: Enrolment) -> list[Interview]:
    """Return the interviews whose planned length is no longer the one that the measures give."""
    planned = Interview.objects.filter(enrolment_bloc__enrolment=enrolment, state=Interview.State.PLANNED)
    rows = planned.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment").order_by("start", "pk")
    return [interview for interview in rows if interview.minutes != interview_minutes(interview.enrolment_bloc)]


def _administered(enrolment: Enrolment, by: User) -> AccommodationWish:
    """Lock the session and return the wish with its enrolment. Raises PermissionError; ValidationError without a wish."""
    session = administered(enrolment.session, by)
    wish = AccommodationWish.objects.select_related("enrolment__candidate__user").filter(enrolment=enrolment.pk).first()
    if wish is None:
        raise ValidationError("Le candidat a retiré sa demande : il n'y a plus rien à répondre.")
    wish.enrolment.session = session
    if session.state in (Session.State.JURY, Session.State.DECIDED):
        state = session.get_state_display()
        raise ValidationError(f"Les entretiens sont passés : la session est à l'étape « {state} ».")
    return wish


def _answer(wish: AccommodationWish, answer: WishAnswer, message: str, by: User) -> AccommodationWish:
    wish.answer, wish.answered_at, wish.answered_by = answer, timezone.now(), by
    wish.answer_text = message.replace("\x00", "").strip()
    wish.full_clean()
    wish.save()
    enrolment = wish.enrolment
    journal.record(enrolment.stream, f"accommodation.{answer.value}", {"text": wish.answer_text}, by=by)
    if user := enrolment.candidate.user:
        # What was granted or why not is read on the page: a mail passes through many hands.
        context = {
            "name": enrolment.candidate.display_name,
            "session": enrolment.session.title,
            "granted": answer == WishAnswer.GRANTED,
            "contact": contact_text(enrolment.session),
            "path": reverse("candidate:accommodation", args=[enrolment.pk]),
        }
        outbox.queue_mail("accommodation_answered", user.email, context, **enrolment.session.mail_scope)
    return wish
