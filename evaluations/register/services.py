"""The register of holders as a document: numbered, frozen on the day it is issued."""

from django.db import transaction
from django.utils import timezone

from cqp.documents import services as official
from cqp.evidence import journal
from cqp.models import Document, User
from evaluations.documents.context import birth_text, day_text
from evaluations.documents.kinds import REGISTER
from evaluations.register.queries import certificates
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch


def issue_register(branch: Branch, *, by: User) -> Document:
    """Issue the register of a branch: the certificates in force now. Raises PermissionError."""
    if not administers_branch(by, branch.pk):
        raise PermissionError("Only an administrator of the branch issues its register.")
    with transaction.atomic():
        rows = certificates(by).filter(session__branch=branch).defer(None).defer("document__bytes")
        holders = []
        for row in rows:
            certificate = row.document.context
            candidate = row.enrolment.candidate  # type: ignore[union-attr]
            holder = certificate.get("holder") or {}
            holders.append(
                {
                    "candidate": candidate.pk,
                    "name": holder.get("civil_name") or candidate.display_name,
                    "birth": holder.get("birth") or birth_text(candidate),
                    "title": row.session.referentiel.title,
                    "reference": row.document.reference,
                    "date": certificate.get("date", ""),
                    "code": row.document.code,
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
        payload = {"document": document.pk, "reference": document.reference, "holders": len(holders)}
        journal.record(f"branch:{branch.pk}", "document.issued", payload, by=by)
    return document
