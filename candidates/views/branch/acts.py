"""What may be done for several candidates at once: what each act would do for each of them, and doing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from candidates.convocations import read_people
from candidates.models import Dossier, Enrolment, Session
from candidates.next_step import current_dossier
from candidates.services.completeness import accept_dossier
from candidates.services.convocations import convoke
from candidates.services.invitations import invite
from cqp.models import User
from cqp.workflow import TransitionRefused


@dataclass(frozen=True)
class Told:
    """Of a candidate: what would be done, or why nothing would (`refusal`)."""

    enrolment: Enrolment
    words: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Act:
    """`label` in the list of what can be done; `tell` what it would do for each; `do` does it and returns the refusals."""

    label: str
    button: str
    tell: Callable[[Session, Sequence[Enrolment]], list[Told]]
    do: Callable[[Session, Sequence[Enrolment], User], list[str]]


def _each(do: Callable[[Enrolment, User], object]) -> Callable[[Session, Sequence[Enrolment], User], list[str]]:
    """Return what does it for one after the other: a refusal stops nobody else."""

    def do_all(session: Session, enrolments: Sequence[Enrolment], by: User) -> list[str]:
        refused = []
        for one in enrolments:
            try:
                do(one, by)
            except ValidationError as wrong:
                refused.append(f"{one.candidate} : {' '.join(wrong.messages)}")
            except TransitionRefused as wrong:
                refused.append(f"{one.candidate} : {wrong.message}")
        return refused

    return do_all


def _tell_invite(session: Session, enrolments: Sequence[Enrolment]) -> list[Told]:
    return [
        Told(one, f"une invitation part à {one.candidate.user.email}")
        if one.candidate.user
        else Told(one, refusal="n'a pas d'adresse électronique")
        for one in enrolments
    ]


def _tell_convoke(session: Session, enrolments: Sequence[Enrolment]) -> list[Told]:
    people = {one.who.pk: one for one in read_people(session) if one.is_candidate}
    told = []
    for one in enrolments:
        person = people.get(one.pk)
        if person is None or not person.events:
            told.append(Told(one, refusal="n'a pas d'entretien prévu"))
        elif not person.user:
            told.append(Told(one, refusal="n'a pas d'adresse électronique"))
        elif not person.is_due:
            told.append(Told(one, refusal="est déjà convoqué, et rien n'a changé depuis"))
        else:
            count = len(person.events)
            told.append(Told(one, f"une convocation part pour {count} entretien{'s' if count > 1 else ''}"))
    return told


def _to_check(enrolment: Enrolment) -> list[Dossier]:
    dossiers = [current_dossier(row) for row in enrolment.enrolment_blocs.all()]
    return [one for one in dossiers if one and one.state == Dossier.State.SUBMITTED]


def _tell_accept(session: Session, enrolments: Sequence[Enrolment]) -> list[Told]:
    told = []
    for one in enrolments:
        numbers = sorted(dossier.enrolment_bloc.bloc.number for dossier in _to_check(one))
        if numbers:
            plural = "s" if len(numbers) > 1 else ""
            told.append(Told(one, f"dossier{plural} accepté{plural} : bloc {', '.join(map(str, numbers))}"))
        else:
            told.append(Told(one, refusal="n'a pas de dossier à vérifier"))
    return told


def _convoke(session: Session, enrolments: Sequence[Enrolment], by: User) -> list[str]:
    """Convoke them together: the session is read once."""
    try:
        convoke(session=session, by=by, only={f"enrolment-{one.pk}" for one in enrolments})
    except ValidationError as wrong:
        return list(wrong.messages)
    return []


def _accept(enrolment: Enrolment, by: User) -> None:
    for dossier in _to_check(enrolment):
        accept_dossier(dossier=dossier, by=by)


ACTS: dict[str, Act] = {
    "inviter": Act(
        "Inviter, ou inviter de nouveau",
        "Envoyer {} invitation{}",
        _tell_invite,
        _each(lambda one, by: invite(enrolment=one, by=by)),
    ),
    "convoquer": Act(
        "Convoquer aux entretiens",
        "Envoyer {} convocation{}",
        _tell_convoke,
        _convoke,
    ),
    "accepter": Act("Accepter les dossiers déposés", "Accepter pour {} candidat{}", _tell_accept, _each(_accept)),
}
