"""A session is created, changed, and moved from one state to the next."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import Interview, Session
from candidates.sessions.hooks import movers
from candidates.sessions.permissions import administers
from cqp.evidence import journal
from cqp.models import User
from cqp.workflow import perform
from referentiel.models import Branch, Referentiel

ZONES = (
    ("Europe/Paris", "Paris"),
    ("America/Guadeloupe", "Guadeloupe"),
    ("America/Martinique", "Martinique"),
    ("America/Cayenne", "Guyane"),
    ("Indian/Reunion", "La Réunion"),
    ("Indian/Mayotte", "Mayotte"),
    ("Pacific/Noumea", "Nouvelle-Calédonie"),
    ("Pacific/Tahiti", "Polynésie française (Tahiti)"),
)
YEARS = range(2000, 2100)


@dataclass(frozen=True, kw_only=True)
class SessionDetails:
    """What a session says of itself. The moments are aware; the days are those of `time_zone`, one of ZONES."""

    title: str
    time_zone: str
    place: str
    deposit_opens_at: dt.datetime
    deposit_closes_at: dt.datetime
    interviews_from: dt.date
    interviews_to: dt.date
    jury_on: dt.date


DETAILS = tuple(field.name for field in fields(SessionDetails))
FIELDS = ("referentiel", *DETAILS)


def local_time(naive: dt.datetime, zone: str) -> dt.datetime:
    """Return the moment, in UTC, when the clocks of `zone` show `naive`.

    Raises ValidationError for an hour that they skip, or show twice, when the time changes.
    """
    if naive.year not in YEARS:
        raise ValidationError(f"Vérifiez l'année : {naive.year} n'est pas possible.", code="year")
    first, second = (naive.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(dt.UTC)
    day, hour = f"{naive:%d/%m/%Y}", f"{naive.hour} h {naive.minute:02d}"
    if first.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        message = (
            f"Le {day}, {hour} n'existe pas : on passe à l'heure d'été. Choisissez une heure plus tôt ou plus tard."
        )
        raise ValidationError(message, code="skipped")
    message = f"Le {day}, {hour} a lieu deux fois : on passe à l'heure d'hiver. Choisissez une heure sans équivoque."
    raise ValidationError(message, code="twice")


def administered(session: Session, by: User) -> Session:
    """Lock a session for a write and return it up to date. Raises PermissionError unless `by` administers it.

    Whoever enrols, appoints or plans in a session takes this lock first: two administrators queue here, so that what
    one checked still holds when it is written.
    """
    locked = Session.objects.select_for_update(of=("self",)).select_related("referentiel").get(pk=session.pk)
    if not administers(by, locked):
        raise PermissionError("Only an administrator of the branch changes its sessions.")
    return locked


def create_session(*, branch: Branch, referentiel: Referentiel, details: SessionDetails, by: User) -> Session:
    """Create a session in preparation.

    Raises ValidationError by field, also when the branch has a session of this title already, and PermissionError.
    """
    values = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(details).items()}
    session = Session(branch=branch, referentiel=referentiel, **values)
    with transaction.atomic():
        # Locked, so that a form sent twice finds the session that the first made.
        Branch.objects.select_for_update().get(pk=branch.pk)
        if not administers(by, session):
            raise PermissionError("Only an administrator of the branch creates its sessions.")
        _check(session)
        session.save()
        journal.record(session.stream, "session.created", _session_payload(session), by=by)
    return session


def update_session(*, session: Session, by: User, **changes: Any) -> Session:
    """Change some of FIELDS and return the session. The journal keeps what changed.

    Raises ValidationError by field: also for another référentiel once somebody is enrolled, dates that leave out an
    interview, and any change once the results are published. Raises PermissionError.
    """
    unknown = changes.keys() - set(FIELDS)
    assert not unknown, f"not fields of a session: {unknown}"
    with transaction.atomic():
        locked = administered(session, by)
        if locked.state == Session.State.DECIDED:
            raise ValidationError("Les résultats sont publiés : la session ne change plus.")
        before = _session_payload(locked)
        if changes.get("referentiel", locked.referentiel) != locked.referentiel and locked.enrolments.exists():
            message = "Des candidats sont inscrits sur le référentiel actuel : créez plutôt une autre session."
            raise ValidationError({"referentiel": message})
        for name, value in changes.items():
            setattr(locked, name, value.strip() if isinstance(value, str) else value)
        _check(locked)
        _check_interviews_stay_inside(locked)
        after = _session_payload(locked)
        if after != before:
            locked.save(update_fields=list(FIELDS))
            changed = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
            journal.record(locked.stream, "session.changed", changed, by=by)
    return locked


def set_jury_rules(*, session: Session, by: User, rules: Mapping[str, Any]) -> Session:
    """Keep what this session asks of its jury instead of the référentiel's rules. Raises ValidationError, PermissionError.

    Not once the jury sits: its rules are those of the day on which it opened.
    """
    with transaction.atomic():
        locked = administered(session, by)
        if locked.state in (Session.State.JURY, Session.State.DECIDED) and hasattr(locked, "deliberation"):
            raise ValidationError("La délibération est ouverte : ses règles ne changent plus.")
        if locked.jury_rules != rules:
            payload = {"from": locked.jury_rules, "to": dict(rules)}
            locked.jury_rules = dict(rules)
            locked.save(update_fields=["jury_rules"])
            journal.record(locked.stream, "session.jury_rules", payload, by=by)
    return locked


def move_session(session: Session, name: str, *, by: User, comment: str = "") -> Session:
    """Make the session's transition `name`, as the app that answers for it does. Raises TransitionRefused."""
    with transaction.atomic():
        if name in movers:
            return movers.for_key(name)(session, by, comment)
        return perform(session, name, by=by, comment=comment)


def _session_payload(session: Session) -> dict[str, Any]:
    """Return what the journal keeps of a session: texts."""
    values = {name: getattr(session, name) for name in FIELDS if name != "referentiel"}
    texts = {name: value if isinstance(value, str) else value.isoformat() for name, value in values.items()}
    for name in ("deposit_opens_at", "deposit_closes_at"):
        texts[name] = values[name].astimezone(dt.UTC).isoformat()
    return {"referentiel": session.referentiel_id, **texts}


def _check(session: Session) -> None:
    # In UTC: moments of one zone would be compared by its clocks, an hour off on the night of a change.
    session.deposit_opens_at = session.deposit_opens_at.astimezone(dt.UTC)
    session.deposit_closes_at = session.deposit_closes_at.astimezone(dt.UTC)
    errors = _date_errors(session)
    if session.referentiel.branch_id != session.branch_id:
        errors["referentiel"] = "Ce référentiel est celui d'une autre branche."
    elif not session.referentiel.is_sealed:
        errors["referentiel"] = "Ce référentiel n'est pas scellé : une session ne porte que sur un référentiel figé."
    if session.time_zone not in dict(ZONES):
        errors["time_zone"] = "Choisissez un fuseau horaire de la liste."
    same = Session.objects.filter(branch=session.branch_id, title__iexact=session.title).exclude(pk=session.pk)
    if session.title and same.exists():
        errors["title"] = "La branche a déjà une session de cet intitulé : choisissez-en un autre."
    if errors:
        raise ValidationError(errors)
    session.full_clean()


def _date_errors(session: Session) -> dict[str, str]:
    """Return, by field, what is wrong with the order of the dates."""
    errors = {}
    last_day = session.deposit_closes_at.astimezone(session.zone).date() if session.time_zone in dict(ZONES) else None
    if session.deposit_closes_at <= session.deposit_opens_at:
        errors["deposit_closes_at"] = "La date limite doit venir après l'ouverture du dépôt."
    if last_day and session.interviews_from < last_day:
        errors["interviews_from"] = f"Les entretiens commencent au plus tôt le {last_day:%d/%m/%Y}, fin du dépôt."
    if session.interviews_to < session.interviews_from:
        errors["interviews_to"] = "Le dernier jour des entretiens ne peut pas précéder le premier."
    if session.jury_on < session.interviews_to:
        errors["jury_on"] = "Le jury ne peut pas se réunir avant la fin des entretiens."
    for name in ("interviews_from", "interviews_to", "jury_on"):
        if getattr(session, name).year not in YEARS:
            errors[name] = "Vérifiez l'année."
    return errors


def _check_interviews_stay_inside(session: Session) -> None:
    """Raise ValidationError, naming the first, when planned interviews fall outside the days or the zone moves them."""
    for interview in Interview.objects.filter(enrolment_bloc__enrolment__session=session).exclude(
        state__in=Interview.CLOSED
    ):
        day = interview.start.astimezone(session.zone).date()
        if not session.interviews_from <= day <= session.interviews_to:
            name = "interviews_from" if day < session.interviews_from else "interviews_to"
            message = f"Un entretien est planifié le {day:%d/%m/%Y} : déplacez-le ou annulez-le d'abord."
            raise ValidationError({name: message})
