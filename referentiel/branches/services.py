"""What a branch says on its certificates and in its mails: who certifies, who signs, the registrations, its own words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from cqp.documents.seals import make_key
from cqp.evidence import journal
from cqp.models import SealCertificate, User
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch, BranchSettings, BranchText, Referentiel, Registration

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
        payload = {name: str(value) if value else "" for name, value in values.items()}
        journal.record(f"branch:{locked.pk}", "branch.certifier_changed", payload, by=by)
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
        payload = {"referentiel": referentiel.pk, "code": row.rncp_code, "on": decided_on.isoformat()}
        journal.record(f"branch:{referentiel.branch_id}", "referentiel.registered", payload, by=by)
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
    if not administers_branch(by, locked.pk):
        raise PermissionError("Only an administrator of the branch says what its certificates say.")
    return locked


def write_texts(*, branch: Branch, template: str, texts: Mapping[str, str], by: User) -> None:
    """Keep what the branch says in each zone of a mail; an empty text gives our words back. Raises PermissionError."""
    if not administers_branch(by, branch.pk):
        raise PermissionError("Only an administrator of the branch words its mails.")
    with transaction.atomic():
        BranchText.objects.filter(branch=branch, template=template).exclude(
            zone__in=[zone for zone, text in texts.items() if text]
        ).delete()
        for zone, text in texts.items():
            if text:
                BranchText.objects.update_or_create(
                    branch=branch, template=template, zone=zone, defaults={"text": text}
                )
        payload = {"mail": template, "texts": dict(texts)}
        journal.record(f"branch:{branch.pk}", "mail.worded", payload, by=by)
