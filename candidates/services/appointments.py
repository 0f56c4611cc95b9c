"""Evaluators, jurors, substitutes and observers of a session, and the links that they declare."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from candidates import dates
from candidates.models import Affiliation, Appointment, Candidate, Conflict, Organisation, Session
from candidates.permissions import administers
from candidates.services.accounts import account_for
from candidates.services.identity import tidy
from candidates.services.organisations import organisation_named
from candidates.services.sessions import administered
from cqp import journal, mail
from cqp.models import User

IN_THE_JURY = (Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)


class AlreadyAppointed(ValidationError):
    """The person holds this role in this session already, as `appointment`."""

    def __init__(self, appointment: Appointment) -> None:
        self.appointment = appointment
        role = appointment.get_role_display()
        super().__init__(f"{appointment.user} est déjà {role} de cette session : rien n'a été créé.")


def appoint(
    *,
    session: Session,
    by: User,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    college: str = "",
    employer: str = "",
    training_centre: str = "",
) -> Appointment:
    """Give a person a role in a session and tell them by mail. Jurors and substitutes have a college, others none.

    Their employer and training centre are kept as affiliations: incompatibilities are derived from them. Raises
    ValidationError by field, AlreadyAppointed, PermissionError; then nothing is written.
    """
    first_name, last_name = tidy(first_name), tidy(last_name)
    if not last_name:
        raise ValidationError({"last_name": "Indiquez le nom."})
    if role in IN_THE_JURY and not college:
        raise ValidationError({"college": "Un membre du jury siège pour un collège : employeurs ou salariés."})
    with transaction.atomic():
        locked = _not_decided(session, by)
        user = account_for(email, first_name=first_name, last_names=[last_name])
        if known := Appointment.objects.filter(session=locked, user=user, role=role).select_related("user").first():
            raise AlreadyAppointed(known)
        if locked.enrolments.filter(candidate__user=user).exists():
            message = f"{user} est candidat de cette session : la même personne ne peut pas y être nommée."
            raise ValidationError({"email": message})
        appointment = Appointment(session=locked, user=user, role=role, college=college if role in IN_THE_JURY else "")
        appointment.full_clean()
        appointment.save()
        affiliate(user, locked.branch_id, employer=employer, training_centre=training_centre)
        journal.record(f"session:{locked.pk}", "appointment.created", _told(appointment), by=by)
        mail.queue("appointed", user.email, _mail_context(appointment), **locked.mail_scope)
    return appointment


def affiliate(user: User, branch_id: int, *, employer: str = "", training_centre: str = "") -> None:
    """Note a person's present organisations. Those noted before stay: a past employer counts too."""
    for name, kind in ((employer, Organisation.Kind.EMPLOYER), (training_centre, Organisation.Kind.TRAINING_CENTRE)):
        if organisation := organisation_named(name, kind=kind, branch_id=branch_id):
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
        told = _told(locked)
        try:
            locked.delete()
        except ProtectedError:
            raise ValidationError(
                f"{locked.user} a déjà agi dans cette session : sa nomination reste, comme preuve."
            ) from None
        journal.record(f"session:{session.pk}", "appointment.removed", told, by=by)


def describe_seat(*, appointment: Appointment, by: User, sex: str, is_qualified: bool) -> Appointment:
    """Note what the procès-verbal reports, and the law on VAE asks, of a member. Raises ValidationError, PermissionError."""
    with transaction.atomic():
        _not_decided(appointment.session, by)
        locked = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
        if (locked.sex, locked.is_qualified) != (sex, is_qualified):
            locked.sex, locked.is_qualified = sex, is_qualified
            locked.full_clean()
            locked.save(update_fields=["sex", "is_qualified"])
            told = {"appointment": locked.pk, "sex": sex, "qualified": is_qualified}
            journal.record(f"session:{locked.session_id}", "appointment.described", told, by=by)
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
            told = {"appointment": appointment.pk, "candidate": candidate.pk}
            journal.record(f"session:{session.pk}", "conflict.declared", told, by=by)
    return conflict


def _not_decided(session: Session, by: User) -> Session:
    locked = administered(session, by)
    if locked.state == Session.State.DECIDED:
        raise ValidationError("Les résultats sont publiés : la session ne change plus.")
    return locked


def _told(appointment: Appointment) -> dict[str, Any]:
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
