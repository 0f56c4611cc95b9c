"""A candidate is enrolled in a session, corrected, taken out."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from candidates.held import held_blocs
from candidates.models import Candidate, Dossier, Enrolment, EnrolmentBloc, Organisation, Session
from candidates.services.identity import IDENTITY, candidate_for, check_no_twin, clean_identity, tidy
from candidates.services.organisations import organisation_named
from candidates.services.sessions import administered
from cqp import journal
from cqp.models import User
from referentiel.models import Bloc, Branch


class AlreadyEnrolled(ValidationError):
    """The person is in this session already, as `enrolment`."""

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment
        super().__init__(f"{enrolment.candidate} est déjà inscrit à cette session : rien n'a été créé.")


def enrol(
    *,
    session: Session,
    by: User,
    email: str,
    birth_name: str,
    first_names: str,
    sex: str,
    birth_year: int,
    access_route: str,
    blocs: Iterable[Bloc],
    birth_month: int | None = None,
    birth_day: int | None = None,
    used_name: str = "",
    birth_place: str = "",
    birth_insee: str = "",
    birth_country: str = "France",
    employer: str = "",
    training_centre: str = "",
    referent_trainer_name: str = "",
    referent_trainer_email: str = "",
    extra_minutes: int = 0,
    break_minutes: int = 0,
    other_measures: str = "",
    at_distance: bool = False,
) -> Enrolment:
    """Enrol a person in a session, with a draft dossier for each bloc. They are told when they are invited.

    The person is the branch's candidate of the same birth name, first names and birth date, else a new one; the
    account is the one of the e-mail address, else a new one without a password. Raises ValidationError by field,
    AlreadyEnrolled, PermissionError; then nothing is written.
    """
    identity = Candidate(
        branch_id=session.branch_id,
        birth_name=tidy(birth_name),
        used_name=tidy(used_name),
        first_names=tidy(first_names),
        sex=sex,
        birth_year=birth_year,
        birth_month=birth_month,
        birth_day=birth_day,
        birth_place=tidy(birth_place),
        birth_insee=birth_insee.strip().upper(),
        birth_country=tidy(birth_country),
    )
    with transaction.atomic():
        locked = _open_to_changes(session, by)
        candidate = candidate_for(identity, email)
        known = Enrolment.objects.filter(session=locked, candidate=candidate.pk).select_related("candidate").first()
        if known:
            raise AlreadyEnrolled(known)
        if candidate.user and candidate.user.appointments.filter(session=locked).exists():
            message = f"{candidate} est nommé dans cette session : la même personne ne peut pas y être candidate."
            raise ValidationError({"email": message})
        candidate.save()
        enrolment = Enrolment(session=locked, candidate=candidate)
        _fill(
            enrolment,
            employer=employer,
            training_centre=training_centre,
            referent_trainer_name=referent_trainer_name,
            referent_trainer_email=referent_trainer_email,
            access_route=access_route,
            extra_minutes=extra_minutes,
            break_minutes=break_minutes,
            other_measures=other_measures,
            at_distance=at_distance,
        )
        enrolment.save()
        _set_blocs(enrolment, list(blocs))
        journal.record(enrolment.stream, "enrolment.created", _told(enrolment), by=by)
    return enrolment


def update_enrolment(
    *, enrolment: Enrolment, by: User, blocs: Iterable[Bloc] | None = None, **fields: Any
) -> Enrolment:
    """Correct an enrolment: any argument of `enrol` but the session and the e-mail address. Return it.

    A bloc is taken out only while nothing hangs on it. Raises ValidationError by field, PermissionError.
    """
    with transaction.atomic():
        locked_session = _open_to_changes(enrolment.session, by)
        locked = Enrolment.objects.select_related("candidate__user", "employer", "training_centre").get(pk=enrolment.pk)
        locked.session = locked_session
        before = _told(locked)
        candidate = locked.candidate
        for name in IDENTITY:
            if name in fields:
                value = fields.pop(name)
                setattr(candidate, name, tidy(value) if isinstance(value, str) else value)
        clean_identity(candidate)
        check_no_twin(candidate)
        candidate.save()
        _fill(locked, **fields)
        locked.save()
        if blocs is not None:
            _set_blocs(locked, list(blocs))
        after = _told(locked)
        changed = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
        if changed:
            journal.record(locked.stream, "enrolment.changed", changed, by=by)
        if changed.keys() & set(IDENTITY):
            # What the candidate confirmed is no longer what stands: they read it again.
            candidate.enrolments.exclude(session__state=Session.State.DECIDED).update(identity_confirmed_at=None)
    return locked


def withdraw_enrolment(*, enrolment: Enrolment, by: User) -> None:
    """Take out a candidate who was enrolled by mistake, before any file or interview. The journal keeps who it was.

    Raises ValidationError when something hangs on the enrolment, PermissionError.
    """
    with transaction.atomic():
        locked_session = _open_to_changes(enrolment.session, by)
        locked = Enrolment.objects.select_related("candidate", "employer", "training_centre").get(pk=enrolment.pk)
        told = _told(locked)
        for row in locked.enrolment_blocs.select_related("bloc", "enrolment__candidate"):
            _drop_bloc(row, "L'inscription ne peut plus être retirée")
        journal.record(locked.stream, "enrolment.withdrawn", told, by=by)
        journal.record(f"session:{locked_session.pk}", "enrolment.withdrawn", {"enrolment": locked.pk}, by=by)
        locked.delete()


def _open_to_changes(session: Session, by: User) -> Session:
    """Lock the session and its branch. Raises ValidationError once the interviews have begun."""
    locked = administered(session, by)
    # The candidates are the branch's: two sessions of it must not create the same person at the same time.
    Branch.objects.select_for_update().get(pk=locked.branch_id)
    if locked.state not in (Session.State.PREPARATION, Session.State.DEPOSIT):
        state = locked.get_state_display()
        raise ValidationError(
            f"Les inscriptions sont closes : la session est à l'étape « {state} ». Revenez d'abord au dépôt."
        )
    return locked


def _fill(enrolment: Enrolment, **fields: Any) -> None:
    """Set what is given and check it. Organisations are given by name."""
    session = enrolment.session
    for name, kind in (
        ("employer", Organisation.Kind.EMPLOYER),
        ("training_centre", Organisation.Kind.TRAINING_CENTRE),
    ):
        if name in fields:
            setattr(enrolment, name, organisation_named(fields.pop(name), kind=kind, branch_id=session.branch_id))
    for name, value in fields.items():
        setattr(enrolment, name, tidy(value) if isinstance(value, str) else value)
    routes = [route["code"] for route in session.referentiel.access_routes]
    if enrolment.access_route not in routes:
        raise ValidationError({"access_route": "Choisissez une voie d'accès du référentiel."})
    enrolment.full_clean(validate_unique=False, validate_constraints=False)


def _set_blocs(enrolment: Enrolment, blocs: list[Bloc]) -> None:
    """Make these the blocs that the candidate sits."""
    if not blocs:
        raise ValidationError({"blocs": "Choisissez au moins un bloc."})
    if any(bloc.referentiel_id != enrolment.session.referentiel_id for bloc in blocs):
        raise ValidationError({"blocs": "Choisissez des blocs du référentiel de la session."})
    there = {row.bloc_id: row for row in enrolment.enrolment_blocs.select_related("bloc", "enrolment__candidate")}
    wanted = {bloc.pk: bloc for bloc in blocs}
    for bloc_id in there.keys() - wanted.keys():
        _drop_bloc(there[bloc_id], "Ce bloc ne peut plus être retiré")
    new = wanted.keys() - there.keys()
    session = enrolment.session
    held = held_blocs(session.referentiel, [enrolment.candidate_id], on=session.interviews_from) if new else {}
    for bloc_id, one in held.get(enrolment.candidate_id, {}).items():
        if bloc_id in new:
            day = f"{one.obtained_on:%d/%m/%Y}"
            message = f"Le bloc {wanted[bloc_id].number} est déjà acquis depuis le {day} : il n'est pas repassé."
            raise ValidationError({"blocs": message})
    for bloc_id in new:
        row = EnrolmentBloc.objects.create(enrolment=enrolment, bloc=wanted[bloc_id])
        Dossier.objects.create(enrolment_bloc=row)


def _drop_bloc(row: EnrolmentBloc, refusal: str) -> None:
    dossiers = row.dossiers.all()
    if any(dossier.submitted_at or dossier.is_begun for dossier in dossiers):
        raise ValidationError({"blocs": f"{refusal} : {row} a déjà des fichiers ou des réponses."})
    if row.interviews.exists():
        raise ValidationError({"blocs": f"{refusal} : {row} a déjà un entretien."})
    try:
        with transaction.atomic():
            dossiers.delete()
            row.delete()
    except ProtectedError:
        raise ValidationError({"blocs": f"{refusal} : le jury s'est déjà prononcé sur {row}."}) from None


def _told(enrolment: Enrolment) -> dict[str, Any]:
    """Return what the journal keeps of an enrolment."""
    candidate = enrolment.candidate
    return {
        "candidate": candidate.pk,
        **{name: getattr(candidate, name) for name in IDENTITY},
        "employer": str(enrolment.employer or ""),
        "training_centre": str(enrolment.training_centre or ""),
        "referent_trainer_name": enrolment.referent_trainer_name,
        "referent_trainer_email": enrolment.referent_trainer_email,
        "access_route": enrolment.access_route,
        "extra_minutes": enrolment.extra_minutes,
        "break_minutes": enrolment.break_minutes,
        "other_measures": enrolment.other_measures,
        "at_distance": enrolment.at_distance,
        "blocs": sorted(enrolment.enrolment_blocs.values_list("bloc__code", flat=True)),
    }
