"""What may be done for several candidates at once: what each act would do for each of them, and doing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from candidates.convocations.queries import read_people
from candidates.convocations.services import convoke
from candidates.dossiers.completeness import accept_dossier
from candidates.enrolments.invitations import invite
from candidates.models import Dossier, Enrolment, Session
from candidates.portal.next_step import current_dossier
from cqp.models import User
from cqp.workflow import TransitionRefused


@dataclass(frozen=True)
class ActionPreview:
    """Of a candidate: what would be done, or why nothing would (`refusal`)."""

    enrolment: Enrolment
    text: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class GroupAction:
    """`label`: in the list of what can be done; `preview`: what it would do for each; `do` does it, returns the refusals."""

    label: str
    button: str
    preview: Callable[[Session, Sequence[Enrolment]], list[ActionPreview]]
    do: Callable[[Session, Sequence[Enrolment], User], list[str]]


def _each(do: Callable[[Enrolment, User], object]) -> Callable[[Session, Sequence[Enrolment], User], list[str]]:
    """Return what does it for one after the other: a refusal stops nobody else."""

    def do_all(session: Session, enrolments: Sequence[Enrolment], by: User) -> list[str]:
        refused = []
        for enrolment in enrolments:
            try:
                do(enrolment, by)
            except ValidationError as wrong:
                refused.append(f"{enrolment.candidate} : {' '.join(wrong.messages)}")
            except TransitionRefused as wrong:
                refused.append(f"{enrolment.candidate} : {wrong.message}")
        return refused

    return do_all


def preview_invite(session: Session, enrolments: Sequence[Enrolment]) -> list[ActionPreview]:
    return [
        ActionPreview(enrolment, f"une invitation part à {enrolment.candidate.user.email}")
        if enrolment.candidate.user
        else ActionPreview(enrolment, refusal="n'a pas d'adresse électronique")
        for enrolment in enrolments
    ]


def preview_convoke(session: Session, enrolments: Sequence[Enrolment]) -> list[ActionPreview]:
    people = {person.who.pk: person for person in read_people(session) if person.is_candidate}
    previews = []
    for enrolment in enrolments:
        person = people.get(enrolment.pk)
        if person is None or not person.events:
            previews.append(ActionPreview(enrolment, refusal="n'a pas d'entretien prévu"))
        elif not person.user:
            previews.append(ActionPreview(enrolment, refusal="n'a pas d'adresse électronique"))
        elif not person.is_due:
            previews.append(ActionPreview(enrolment, refusal="est déjà convoqué, et rien n'a changé depuis"))
        else:
            count = len(person.events)
            previews.append(
                ActionPreview(enrolment, f"une convocation part pour {count} entretien{'s' if count > 1 else ''}")
            )
    return previews


def _to_check(enrolment: Enrolment) -> list[Dossier]:
    dossiers = [current_dossier(row) for row in enrolment.enrolment_blocs.all()]
    return [dossier for dossier in dossiers if dossier and dossier.state == Dossier.State.SUBMITTED]


def preview_accept(session: Session, enrolments: Sequence[Enrolment]) -> list[ActionPreview]:
    previews = []
    for enrolment in enrolments:
        numbers = sorted(dossier.enrolment_bloc.bloc.number for dossier in _to_check(enrolment))
        if numbers:
            plural = "s" if len(numbers) > 1 else ""
            previews.append(
                ActionPreview(enrolment, f"dossier{plural} accepté{plural} : bloc {', '.join(map(str, numbers))}")
            )
        else:
            previews.append(ActionPreview(enrolment, refusal="n'a pas de dossier à vérifier"))
    return previews


def _convoke(session: Session, enrolments: Sequence[Enrolment], by: User) -> list[str]:
    """Convoke them together: the session is read once."""
    try:
        convoke(session=session, by=by, only={f"enrolment-{enrolment.pk}" for enrolment in enrolments})
    except ValidationError as wrong:
        return list(wrong.messages)
    return []


def _accept(enrolment: Enrolment, by: User) -> None:
    for dossier in _to_check(enrolment):
        accept_dossier(dossier=dossier, by=by)


GROUP_ACTIONS: dict[str, GroupAction] = {
    "inviter": GroupAction(
        "Inviter, ou inviter de nouveau",
        "Envoyer {} invitation{}",
        preview_invite,
        _each(lambda enrolment, by: invite(enrolment=enrolment, by=by)),
    ),
    "convoquer": GroupAction(
        "Convoquer aux entretiens",
        "Envoyer {} convocation{}",
        preview_convoke,
        _convoke,
    ),
    "accepter": GroupAction(
        "Accepter les dossiers déposés", "Accepter pour {} candidat{}", preview_accept, _each(_accept)
    ),
}
