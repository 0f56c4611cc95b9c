"""What a branch's certificates say of who certifies, who signs, and the registration of each référentiel."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cqp import journal
from cqp.models import SealCertificate, User
from cqp.seals import make_key
from referentiel.models import Branch, BranchSettings, Referentiel, Registration
from referentiel.permissions import administers_branch

CERTIFIER = ("legal_name", "issue_place", "signatory_name", "signatory_quality", "signatory_from", "signatory_until")


def set_certifier(*, branch: Branch, by: User, **values: Any) -> BranchSettings:
    """Keep the fields of CERTIFIER. Documents already issued keep what they say. Raises ValidationError, PermissionError."""
    assert values.keys() == set(CERTIFIER), values
    since, until = values["signatory_from"], values["signatory_until"]
    if since and until and until < since:
        raise ValidationError({"signatory_until": "Le mandat ne peut pas finir avant d'avoir commencé."})
    with transaction.atomic():
        locked = _locked(branch, by)
        settings = BranchSettings.objects.filter(branch=locked).first() or BranchSettings(branch=locked)
        for name, value in values.items():
            setattr(settings, name, value.strip() if isinstance(value, str) else value)
        settings.full_clean()
        settings.save()
        told = {name: str(value) if value else "" for name, value in values.items()}
        journal.record(f"branch:{locked.pk}", "branch.certifier_changed", told, by=by)
    return settings


def set_registration(
    *, referentiel: Referentiel, by: User, rncp_code: str, decided_on: dt.date, ends_on: dt.date | None
) -> Registration:
    """Keep under which number, and since which decision, a référentiel is registered. Raises as above."""
    if ends_on and ends_on < decided_on:
        raise ValidationError({"ends_on": "L'enregistrement ne peut pas finir avant sa décision."})
    with transaction.atomic():
        _locked(referentiel.branch, by)
        row = Registration.objects.filter(referentiel=referentiel).first() or Registration(referentiel=referentiel)
        row.rncp_code, row.decided_on, row.ends_on = rncp_code.strip(), decided_on, ends_on
        row.full_clean()
        row.save()
        told = {"referentiel": referentiel.pk, "code": row.rncp_code, "on": decided_on.isoformat()}
        journal.record(f"branch:{referentiel.branch_id}", "referentiel.registered", told, by=by)
    return row


def give_seal(*, branch: Branch, by: User) -> SealCertificate | None:
    """Make a seal whose certificate it signs itself, for a branch without one; None when there is one. PermissionError."""
    with transaction.atomic():
        locked = _locked(branch, by)
        if SealCertificate.objects.filter(branch=locked, retired_at=None).exists():
            return None
        made = make_key(locked)
        journal.record(f"branch:{locked.pk}", "branch.seal_made", {"fingerprint": made.fingerprint}, by=by)
    return made


def _locked(branch: Branch, by: User) -> Branch:
    locked = Branch.objects.select_for_update().get(pk=branch.pk)
    if not administers_branch(by, locked):
        raise PermissionError("Only an administrator of the branch says what its certificates say.")
    return locked
