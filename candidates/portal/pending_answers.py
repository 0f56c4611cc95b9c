"""What a candidate answers besides their dossiers: civil status, measures, evaluators whom they know.

`with_pending_answers` reads what is needed; `pending_answers` asks the database nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from candidates.models import Appointment, Enrolment, Session

EXPECTED_DURING = (Session.State.PREPARATION, Session.State.DEPOSIT, Session.State.INTERVIEWS)


@dataclass(frozen=True)
class PendingAnswer:
    """A page about the enrolment, and where it stands."""

    label: str
    state_text: str
    url: str
    urgent: bool = False


def with_pending_answers(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Add what `pending_answers` reads: one query more, whatever the number of enrolments."""
    evaluators = Appointment.objects.filter(role=Appointment.Role.EVALUATOR)
    return enrolments.select_related("accommodation_wish").prefetch_related(
        Prefetch("session__appointments", evaluators, to_attr="evaluators")
    )


def pending_answers(enrolment: Enrolment) -> list[PendingAnswer]:
    """Return the pages where the candidate still has to answer, or has an answer to read, in order."""
    if enrolment.session.state not in EXPECTED_DURING:
        return []
    pages = [_civil_status(enrolment), _accommodation(enrolment)]
    return [*pages, _evaluators(enrolment)] if _appointed(enrolment) else pages


def _civil_status(enrolment: Enrolment) -> PendingAnswer:
    url = reverse("candidate:civil-status", args=[enrolment.pk])
    if enrolment.identity_confirmed_at:
        return PendingAnswer("Mon état civil", "Confirmé.", url)
    return PendingAnswer("Mon état civil", "À confirmer ou à corriger : une minute.", url, urgent=True)


def _accommodation(enrolment: Enrolment) -> PendingAnswer:
    wish = getattr(enrolment, "accommodation_wish", None)
    state_text = "Temps, pause, aide : demandez une mesure si vous en avez besoin."
    if wish:
        state_text = f"Demande {wish.get_answer_display()}."
    elif enrolment.extra_minutes or enrolment.break_minutes or enrolment.other_measures:
        state_text = "Une mesure est prévue."
    return PendingAnswer(
        "Aménagement des entretiens", state_text, reverse("candidate:accommodation", args=[enrolment.pk])
    )


def _appointed(enrolment: Enrolment) -> list[Appointment]:
    """Return the session's evaluators, read with the enrolment."""
    session: Any = enrolment.session
    return session.evaluators


def _evaluators(enrolment: Enrolment) -> PendingAnswer:
    count = len(_appointed(enrolment))
    state_text = f"{count} nommé{'s' if count > 1 else ''} : dites si vous en connaissez."
    return PendingAnswer("Les évaluateurs", state_text, reverse("candidate:evaluators", args=[enrolment.pk]))
