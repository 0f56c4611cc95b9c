"""What a candidate has to say besides their dossiers: civil status, measures, evaluators whom they know.

`with_things_to_say` reads what is needed; `things_to_say` asks the database nothing.
"""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from candidates.models import Appointment, Enrolment, Session

EXPECTED_DURING = (Session.State.PREPARATION, Session.State.DEPOSIT, Session.State.INTERVIEWS)


@dataclass(frozen=True)
class ThingToSay:
    """A page about the enrolment, and where it stands in words."""

    label: str
    words: str
    url: str
    urgent: bool = False


def with_things_to_say(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Add what `things_to_say` reads: one query more, whatever the number of enrolments."""
    evaluators = Appointment.objects.filter(role=Appointment.Role.EVALUATOR)
    return enrolments.select_related("accommodation_wish").prefetch_related(
        Prefetch("session__appointments", evaluators, to_attr="evaluators")
    )


def things_to_say(enrolment: Enrolment) -> list[ThingToSay]:
    """Return the pages where the candidate still has something to say or an answer to read, in order."""
    if enrolment.session.state not in EXPECTED_DURING:
        return []
    found = [_civil_status(enrolment), _accommodation(enrolment)]
    return [*found, _evaluators(enrolment)] if enrolment.session.evaluators else found


def _civil_status(enrolment: Enrolment) -> ThingToSay:
    url = reverse("candidate:civil-status", args=[enrolment.pk])
    if enrolment.identity_confirmed_at:
        return ThingToSay("Mon état civil", "Confirmé.", url)
    return ThingToSay("Mon état civil", "À confirmer ou à corriger : une minute.", url, urgent=True)


def _accommodation(enrolment: Enrolment) -> ThingToSay:
    wish = getattr(enrolment, "accommodation_wish", None)
    words = "Temps, pause, aide : demandez une mesure si vous en avez besoin."
    if wish:
        words = f"Demande {wish.get_answer_display()}."
    elif enrolment.extra_minutes or enrolment.break_minutes or enrolment.other_measures:
        words = "Une mesure est prévue."
    return ThingToSay("Aménagement des entretiens", words, reverse("candidate:accommodation", args=[enrolment.pk]))


def _evaluators(enrolment: Enrolment) -> ThingToSay:
    count = len(enrolment.session.evaluators)
    words = f"{count} nommé{'s' if count > 1 else ''} : dites si vous en connaissez."
    return ThingToSay("Les évaluateurs", words, reverse("candidate:evaluators", args=[enrolment.pk]))
