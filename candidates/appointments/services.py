"""Evaluators, jurors, substitutes and observers of a session, the links that they declare, their undertaking."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from candidates.models import Affiliation, Appointment, Candidate, Conflict, Organisation, Session
from candidates.people.accounts import get_or_create_account
from candidates.people.identity import get_or_create_organisation, tidy
from candidates.sessions import dates
from candidates.sessions.permissions import administers
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User

IN_THE_JURY = (Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)


class AlreadyAppointedError(ValidationError):
    """The person holds this role in this session already, as `appointment`."""

    def __init__(self, appointment: Appointment) -> None:
        self.appointment = appointment
        role = appointment.get_role_display()
        super().__init__(f"{appointment.user} est déjà {role} de cette session : rien n'a été créé.")


@dataclass(frozen=True, kw_only=True)
class Appointee:
    """A person to appoint, as they were written: the organisations by name."""

    email: str
    first_name: str
    last_name: str
    employer: str = ""
    training_centre: str = ""


def appoint(*, session: Session, person: Appointee, role: str, college: str = "", by: User) -> Appointment:
    """Give a person a role in a session and write to them. Jurors and substitutes have a college, others none.

    Their employer and training centre are kept as affiliations: incompatibilities are derived from them. Raises
    ValidationError by field, AlreadyAppointedError, PermissionError; then nothing is written.
    """
    first_name, last_name = tidy(person.first_name), tidy(person.last_name)
    if not last_name:
        raise ValidationError({"last_name": "Indiquez le nom."})
    if role in IN_THE_JURY and not college:
        raise ValidationError({"college": "Un membre du jury siège pour un collège : employeurs ou salariés."})
    with transaction.atomic():
        locked = _not_decided(session, by)
        user = get_or_create_account(person.email, first_name=first_name, last_names=[last_name])
        if known := Appointment.objects.filter(session=locked, user=user, role=role).select_related("user").first():
            raise AlreadyAppointedError(known)
        if locked.enrolments.filter(candidate__user=user).exists():
            message = f"{user} est candidat de cette session : la même personne ne peut pas y être nommée."
            raise ValidationError({"email": message})
        appointment = Appointment(session=locked, user=user, role=role, college=college if role in IN_THE_JURY else "")
        appointment.full_clean()
        appointment.save()
        affiliate(user, locked.branch_id, employer=person.employer, training_centre=person.training_centre)
        journal.record(locked.stream, "appointment.created", _appointment_payload(appointment), by=by)
        outbox.queue_mail("appointed", user.email, _mail_context(appointment), **locked.mail_scope)
    return appointment


def affiliate(user: User, branch_id: int, *, employer: str = "", training_centre: str = "") -> None:
    """Note a person's present organisations. Those noted before stay: a past employer counts too."""
    for name, kind in ((employer, Organisation.Kind.EMPLOYER), (training_centre, Organisation.Kind.TRAINING_CENTRE)):
        if organisation := get_or_create_organisation(name, kind=kind, branch_id=branch_id):
            Affiliation.objects.get_or_create(user=user, organisation=organisation)


def remove_appointment(*, appointment: Appointment, by: User) -> None:
    """Take a role back while nothing hangs on it. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        session = _not_decided(appointment.session, by)
        locked = Appointment.objects.select_related("user").get(pk=appointment.pk)
        if locked.assignments.exists():
            message = (
                f"{locked.user} a des entretiens dans cette session : planifiez-les d'abord avec quelqu'un d'autre."
            )
            raise ValidationError(message)
        payload = _appointment_payload(locked)
        try:
            locked.delete()
        except ProtectedError:
            raise ValidationError(
                f"{locked.user} a déjà agi dans cette session : sa nomination reste, comme preuve."
            ) from None
        journal.record(session.stream, "appointment.removed", payload, by=by)


def describe_seat(*, appointment: Appointment, by: User, sex: str, is_qualified: bool) -> Appointment:
    """Note what the procès-verbal reports, and the law on VAE asks, of a member. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        _not_decided(appointment.session, by)
        locked = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
        if (locked.sex, locked.is_qualified) != (sex, is_qualified):
            locked.sex, locked.is_qualified = sex, is_qualified
            locked.full_clean()
            locked.save(update_fields=["sex", "is_qualified"])
            payload = {"appointment": locked.pk, "sex": sex, "qualified": is_qualified}
            journal.record(Session(pk=locked.session_id).stream, "appointment.described", payload, by=by)
    return locked


def declare_conflict(*, appointment: Appointment, candidate: Candidate, by: User) -> Conflict:
    """Note a link between an appointed person and a candidate. Declaring it twice keeps the first declaration.

    The branch, the appointed person and the candidate may declare it. Raises ValidationError when the candidate is not
    in the session, PermissionError.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(pk=appointment.session_id)
        if by.pk not in (appointment.user_id, candidate.user_id) and not administers(by, session):
            raise PermissionError("Only the branch and the two people concerned declare a link.")
        if not session.enrolments.filter(candidate=candidate).exists():
            raise ValidationError({"candidate": "Choisissez un candidat de cette session."})
        conflict, created = Conflict.objects.get_or_create(
            appointment=appointment,
            candidate=candidate,
            kind=Conflict.Kind.DECLARED,
            defaults={"declared_by": by},
        )
        if created:
            payload = {"appointment": appointment.pk, "candidate": candidate.pk}
            journal.record(session.stream, "conflict.declared", payload, by=by)
    return conflict


def _not_decided(session: Session, by: User) -> Session:
    locked = administered(session, by)
    if locked.state == Session.State.DECIDED:
        raise ValidationError("Les résultats sont publiés : la session ne change plus.")
    return locked


def _appointment_payload(appointment: Appointment) -> dict[str, Any]:
    return {
        "appointment": appointment.pk,
        "user": appointment.user_id,
        "name": str(appointment.user),
        "role": appointment.role,
        "college": appointment.college,
    }


def _mail_context(appointment: Appointment) -> dict[str, Any]:
    session, now = appointment.session, timezone.now()
    today = now.astimezone(session.zone).date()
    evaluator = appointment.role == Appointment.Role.EVALUATOR
    return {
        "name": str(appointment.user),
        "role": appointment.get_role_display(),
        "session": session.title,
        "title": session.referentiel.title,
        "branch": session.branch.name,
        "place": session.place,
        "interviews_from": dates.day_text(session.interviews_from, today) if evaluator else "",
        "interviews_to": dates.day_text(session.interviews_to, today) if evaluator else "",
        "jury_on": dates.day_text(session.jury_on, today) if appointment.role in IN_THE_JURY else "",
        "path": reverse("home"),
    }


def sign_undertaking(appointment: Appointment, *, by: User) -> Appointment:
    """Note that the appointed person signed the undertaking. Signing twice keeps the first time.

    Raises PermissionError when `by` is not the appointed person.
    """
    if appointment.user_id != by.pk:
        raise PermissionError("Only the appointed person signs.")
    with transaction.atomic():
        locked = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if locked.undertaking_signed_at is None:
            locked.undertaking_signed_at = timezone.now()
            locked.save(update_fields=["undertaking_signed_at"])
            journal.record(
                Session(pk=locked.session_id).stream, "undertaking.signed", {"appointment": locked.pk}, by=by
            )
    return locked
