"""The register of holders as a document: numbered, frozen on the day it is issued."""

from django.db import transaction
from django.utils import timezone

from cqp import documents as official
from cqp import journal
from cqp.models import Document, User
from evaluations.documents.words import birth_text, day_text
from evaluations.kinds import REGISTER
from evaluations.register import certificates
from referentiel.models import Branch


def issue_register(branch: Branch, *, by: User) -> Document:
    """Issue the register of a branch: the certificates in force now. Raises PermissionError."""
    if not by.administered_branches.filter(pk=branch.pk).exists():
        raise PermissionError("Only an administrator of the branch issues its register.")
    with transaction.atomic():
        rows = certificates(by).filter(session__branch=branch).defer(None).defer("document__bytes")
        holders = []
        for one in rows:
            said = one.document.context
            candidate = one.enrolment.candidate  # type: ignore[union-attr]
            holder = said.get("holder") or {}
            holders.append(
                {
                    "candidate": candidate.pk,
                    "name": holder.get("civil_name") or candidate.display_name,
                    "birth": holder.get("birth") or birth_text(candidate),
                    "title": one.session.referentiel.title,
                    "reference": one.document.reference,
                    "date": said.get("date", ""),
                }
            )
        context = {
            "branch": branch.name,
            "holders": holders,
            "issued_on": day_text(timezone.localdate()),
            "supersedes": "",
        }
        document = official.issue(
            REGISTER.name, branch=branch, context=context, title=f"{REGISTER.title}, {branch.name}"[:200]
        )
        told = {"document": document.pk, "reference": document.reference, "holders": len(holders)}
        journal.record(f"branch:{branch.pk}", "document.issued", told, by=by)
    return document
