"""The civil status that certificates will bear, as the candidate confirms or corrects it."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from candidates.models import Candidate, Enrolment, Session
from candidates.people.identity import IDENTITY, clean_identity, find_same_person, first_given_name, tidy
from candidates.sessions.queries import contact_text
from cqp.evidence import journal
from cqp.models import JournalEntry, User
from referentiel.models import Branch

CLOSED = (Session.State.JURY, Session.State.DECIDED)


class ChangedMeanwhileError(Exception):
    """The branch changed the civil status after it was shown to the candidate, who must read it again."""


@dataclass(frozen=True)
class Correction:
    """What a candidate corrected at once: (label of the field, before, after)."""

    at: dt.datetime
    changes: list[tuple[str, str, str]]


def identity_token(candidate: Candidate) -> str:
    """Return a short digest of a civil status: whoever confirms or corrects it says which one they read."""
    facts = json.dumps([getattr(candidate, name) for name in IDENTITY])
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def correction_refusal(enrolment: Enrolment) -> str:
    """Return why the civil status no longer changes here, and whom to write to; "" while it does."""
    session = enrolment.session
    with_the_jury = enrolment.candidate.enrolments.filter(session__state=Session.State.JURY).exists()
    if session.state not in CLOSED and not with_the_jury:
        return ""
    return (
        f"Votre état civil ne se corrige plus ici. S'il est inexact, dites-le à la branche : {contact_text(session)}."
    )


def confirm_identity(*, enrolment: Enrolment, by: User, read: str) -> Enrolment:
    """Note that the candidate finds their civil status exact. Twice, the first stays.

    Raises PermissionError, ValidationError once the session is with the jury, ChangedMeanwhileError.
    """
    with transaction.atomic():
        locked = _locked(enrolment, by, read)
        if locked.identity_confirmed_at is None:
            _confirm(locked, "identity.confirmed", {}, by)
    return locked


def correct_identity(*, enrolment: Enrolment, by: User, read: str, **identity: Any) -> Enrolment:
    """Correct the civil status, which is then confirmed. identity: all the fields of IDENTITY.

    The account's names follow. Raises ValidationError by field, also when the branch knows somebody else by this identity;
    and what `confirm_identity` raises.
    """
    with transaction.atomic():
        locked = _locked(enrolment, by, read)
        candidate = locked.candidate
        before = {name: getattr(candidate, name) for name in IDENTITY}
        for name in IDENTITY:
            value = identity[name]
            setattr(candidate, name, tidy(value) if isinstance(value, str) else value)
        clean_identity(candidate)
        changed = {n: [before[n], getattr(candidate, n)] for n in IDENTITY if getattr(candidate, n) != before[n]}
        if not changed:
            return confirm_identity(enrolment=locked, by=by, read=read)
        if find_same_person(candidate):
            # Nothing is shown of the other row: it may be somebody else's.
            raise ValidationError(
                "La branche connaît déjà une personne de ces nom, prénoms et date de naissance : rien n'est changé. "
                f"Appelez la branche, qui verra avec vous : {contact_text(locked.session)}."
            )
        candidate.save(update_fields=IDENTITY)
        if changed.keys() & {"birth_name", "used_name", "first_names"}:
            _rename_account(candidate)
        _confirm(locked, "identity.corrected", changed, by)
    return locked


def list_corrections(enrolment: Enrolment) -> list[Correction]:
    """Return what the candidate corrected, the last first. One query."""
    labels = {field.name: str(field.verbose_name) for field in Candidate._meta.concrete_fields}
    entries = JournalEntry.objects.filter(stream=enrolment.stream, verb="identity.corrected").order_by("-seq")
    return [
        Correction(
            entry.at,
            [
                (labels[name], _value_text(name, old), _value_text(name, new))
                for name, (old, new) in entry.payload.items()
            ],
        )
        for entry in entries
        if entry.payload
    ]


def _locked(enrolment: Enrolment, by: User, read: str) -> Enrolment:
    """Lock the session, its branch, then read the enrolment again: see `enrolments._open_to_changes`."""
    session = Session.objects.select_for_update(of=("self",)).select_related("branch").get(pk=enrolment.session_id)
    Branch.objects.select_for_update().get(pk=session.branch_id)
    locked = Enrolment.objects.select_related("candidate__user").get(pk=enrolment.pk)
    locked.session = session
    if locked.candidate.user_id != by.pk:
        raise PermissionError("Only the candidate confirms their civil status.")
    if refusal := correction_refusal(locked):
        raise ValidationError(refusal, code="closed")
    if read != identity_token(locked.candidate):
        raise ChangedMeanwhileError
    return locked


def _confirm(enrolment: Enrolment, verb: str, payload: dict[str, Any], by: User) -> None:
    enrolment.identity_confirmed_at = timezone.now()
    enrolment.save(update_fields=["identity_confirmed_at"])
    journal.record(enrolment.stream, verb, payload, by=by)


def _rename_account(candidate: Candidate) -> None:
    """Give the account the names that the branch would look for: see `accounts.get_or_create_account`."""
    assert candidate.user is not None
    candidate.user.first_name = first_given_name(candidate.first_names)
    candidate.user.last_name = candidate.used_name or candidate.birth_name
    candidate.user.save(update_fields=["first_name", "last_name"])


def _value_text(name: str, value: Any) -> str:
    if name == "sex":
        return str(dict(Candidate.Sex.choices).get(value, value))
    return "vide" if value in ("", None) else str(value)
