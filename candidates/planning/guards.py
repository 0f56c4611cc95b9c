"""What a plan lacks before the interviews of a session begin."""

from typing import Any

from django.utils import timezone

from candidates.appointments.incompatibilities import load_facts
from candidates.enrolments.queries import interview_minutes
from candidates.models import AccommodationWish, Assignment, Dossier, Enrolment, EnrolmentBloc, Interview, Session
from candidates.sessions.workflow import I, page_url
from cqp.workflow import Missing


def _plan(session: Session) -> list[EnrolmentBloc]:
    """Return the session's blocs with dossiers, interviews and active assignments, in five queries."""
    return list(
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .select_related("bloc", "enrolment__candidate", "enrolment__accommodation_wish")
        .prefetch_related("dossiers", "interviews__assignments")
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )


def missing_before_interviews(session: Session) -> list[Missing]:
    """Every dossier handed in has its interview, whole and without a blocking incompatibility; no wish is unanswered.

    Until the deadline every dossier is waited for; past it, one that was not handed in stops nobody: sent back, or given
    more time, it may still be handed in while the others have their interviews.
    """
    rows, facts = _plan(session), load_facts(session)
    open_still = timezone.now() < session.deposit_closes_at
    missing, submitted = [], 0
    for row in rows:
        if not any(dossier.state in Dossier.RECEIVED for dossier in row.dossiers.all()):
            if open_still:
                text = f"{row} : dossier pas encore déposé, la date limite est à venir."
                missing.append(Missing(text, page_url("enrolment", row.enrolment_id)))
            continue
        submitted += 1
        attempts = [i for i in row.interviews.all() if i.state != I.CANCELLED]
        interview = max(attempts, key=lambda attempt: attempt.attempt, default=None)
        if interview is None:
            missing.append(Missing(f"{row} : l'entretien n'est pas planifié.", page_url("plan", row.pk)))
        elif interview.state == I.PLANNED:
            texts = _faults(row, interview, facts)
            missing += [Missing(f"{row} : {text}", page_url("interview", interview.pk)) for text in texts]
        missing += [unanswered for unanswered in _unanswered_wish(row.enrolment) if unanswered not in missing]
    if not submitted and not missing:
        missing.append(Missing("Aucun dossier n'est déposé.", session.get_absolute_url()))
    return missing


def _unanswered_wish(enrolment: Enrolment) -> list[Missing]:
    wish = getattr(enrolment, "accommodation_wish", None)
    if wish is None or wish.answer != AccommodationWish.Answer.WAITING:
        return []
    text = f"{enrolment.candidate} : la demande d'aménagement attend une réponse."
    return [Missing(text, page_url("enrolment", enrolment.pk))]


def _faults(row: EnrolmentBloc, interview: Interview, facts: Any) -> list[str]:
    """Say what no longer holds of a planned interview: its evaluators, or its duration."""
    active = [a.appointment_id for a in interview.assignments.all() if a.state == Assignment.State.ACTIVE]
    texts = []
    if len(active) < row.bloc.evaluator_count:
        texts.append(f"{len(active)} évaluateur{'s' if len(active) > 1 else ''} sur {row.bloc.evaluator_count}.")
    minutes = interview_minutes(row)
    if interview.minutes != minutes:
        texts.append(f"l'entretien dure {interview.minutes} minutes au lieu de {minutes}.")
    for appointment in active:
        texts += [
            incompatibility.reason
            for incompatibility in facts.between(row.enrolment_id, appointment)
            if incompatibility.is_blocking
        ]
    return texts
