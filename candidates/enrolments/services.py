"""A candidate is enrolled in a session, corrected, taken out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from candidates.enrolments.held_blocs import held_blocs
from candidates.models import Candidate, Dossier, Enrolment, EnrolmentBloc, Organisation, Session
from candidates.people.identity import (
    IDENTITY,
    CivilStatus,
    check_no_twin,
    clean_identity,
    get_or_build_candidate,
    get_or_create_organisation,
    tidy,
)
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User
from referentiel.models import Bloc, Branch


class AlreadyEnrolledError(ValidationError):
    """The person is in this session already, as `enrolment`."""

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment
        super().__init__(f"{enrolment.candidate} est déjà inscrit à cette session : rien n'a été créé.")


@dataclass(frozen=True, kw_only=True)
class EnrolmentDetails:
    """How a person comes to a session: organisations by name, the code of an access route, measures in minutes."""

    employer: str = ""
    training_centre: str = ""
    referent_trainer_name: str = ""
    referent_trainer_email: str = ""
    access_route: str
    extra_minutes: int = 0
    break_minutes: int = 0
    other_measures: str = ""
    at_distance: bool = False


DETAILS = tuple(field.name for field in fields(EnrolmentDetails))


def enrol(
    *, session: Session, email: str, identity: CivilStatus, details: EnrolmentDetails, blocs: Iterable[Bloc], by: User
) -> Enrolment:
    """Enrol a person in a session, with a draft dossier for each bloc. They are written to when they are invited.

    The person is the branch's candidate of the same birth name, first names and birth date, else a new one; the
    account is the one of the e-mail address, else a new one without a password. Raises ValidationError by field,
    AlreadyEnrolledError, PermissionError; then nothing is written.
    """
    with transaction.atomic():
        locked = _open_to_changes(session, by)
        candidate = get_or_build_candidate(identity.as_candidate(locked.branch_id), email)
        _check_is_not_in_session(candidate, locked)
        candidate.save()
        enrolment = Enrolment(session=locked, candidate=candidate)
        _fill(enrolment, **asdict(details))
        enrolment.save()
        _set_blocs(enrolment, list(blocs))
        journal.record(enrolment.stream, "enrolment.created", _enrolment_payload(enrolment), by=by)
    return enrolment


def _check_is_not_in_session(candidate: Candidate, session: Session) -> None:
    """Raise AlreadyEnrolledError, or ValidationError for somebody who is appointed there."""
    known = Enrolment.objects.filter(session=session, candidate=candidate.pk).select_related("candidate").first()
    if known:
        raise AlreadyEnrolledError(known)
    if candidate.user and candidate.user.appointments.filter(session=session).exists():
        message = f"{candidate} est nommé dans cette session : la même personne ne peut pas y être candidate."
        raise ValidationError({"email": message})


def update_enrolment(
    *, enrolment: Enrolment, by: User, blocs: Iterable[Bloc] | None = None, **changes: Any
) -> Enrolment:
    """Correct some fields of CivilStatus and EnrolmentDetails, and the blocs. Return the enrolment.

    Only some: an import or a granted measure must not write back what somebody else corrects at the same moment.
    A bloc is taken out only while nothing hangs on it. Raises ValidationError by field, PermissionError.
    """
    with transaction.atomic():
        locked_session = _open_to_changes(enrolment.session, by)
        locked = Enrolment.objects.select_related("candidate__user", "employer", "training_centre").get(pk=enrolment.pk)
        locked.session = locked_session
        before = _enrolment_payload(locked)
        candidate = locked.candidate
        for name in IDENTITY:
            if name in changes:
                value = changes.pop(name)
                setattr(candidate, name, tidy(value) if isinstance(value, str) else value)
        clean_identity(candidate)
        check_no_twin(candidate)
        candidate.save()
        _fill(locked, **changes)
        locked.save()
        if blocs is not None:
            _set_blocs(locked, list(blocs))
        after = _enrolment_payload(locked)
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
        payload = _enrolment_payload(locked)
        for row in locked.enrolment_blocs.select_related("bloc", "enrolment__candidate"):
            _drop_bloc(row, "L'inscription ne peut plus être retirée")
        journal.record(locked.stream, "enrolment.withdrawn", payload, by=by)
        journal.record(locked_session.stream, "enrolment.withdrawn", {"enrolment": locked.pk}, by=by)
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


def _fill(enrolment: Enrolment, **details: Any) -> None:
    """Set some fields of EnrolmentDetails and check the enrolment. Raises ValidationError by field."""
    session = enrolment.session
    for name, kind in (
        ("employer", Organisation.Kind.EMPLOYER),
        ("training_centre", Organisation.Kind.TRAINING_CENTRE),
    ):
        if name in details:
            setattr(
                enrolment, name, get_or_create_organisation(details.pop(name), kind=kind, branch_id=session.branch_id)
            )
    for name, value in details.items():
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
    chosen = {bloc.pk: bloc for bloc in blocs}
    for bloc_id in there.keys() - chosen.keys():
        _drop_bloc(there[bloc_id], "Ce bloc ne peut plus être retiré")
    new = chosen.keys() - there.keys()
    session = enrolment.session
    held = held_blocs(session.referentiel, [enrolment.candidate_id], on=session.interviews_from) if new else {}
    for bloc_id, held_bloc in held.get(enrolment.candidate_id, {}).items():
        if bloc_id in new:
            day = f"{held_bloc.obtained_on:%d/%m/%Y}"
            message = f"Le bloc {chosen[bloc_id].number} est déjà acquis depuis le {day} : il n'est pas repassé."
            raise ValidationError({"blocs": message})
    for bloc_id in new:
        row = EnrolmentBloc.objects.create(enrolment=enrolment, bloc=chosen[bloc_id])
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


def _enrolment_payload(enrolment: Enrolment) -> dict[str, Any]:
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
