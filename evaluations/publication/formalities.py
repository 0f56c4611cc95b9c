"""What stands between the procès-verbal and the publication: the approval of the CPNEFP, the copy signed by hand."""

import datetime as dt

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from candidates.models import Session
from candidates.sessions.permissions import administers
from cqp.evidence import journal
from cqp.files import inspection, storage
from cqp.files.tasks import take_in
from cqp.models import StoredFile, User
from cqp.workflow import Missing, TransitionRefused
from evaluations.jury.attendance import get_jury_rules
from evaluations.models import Approval, SessionDocument, SignedMinutes


def note_approval(minutes: SessionDocument, *, by: User, approved_on: dt.date, reference: str) -> Approval:
    """Note that the CPNEFP approved what a procès-verbal says. Another one asks for another approval.

    Raises TransitionRefused.
    """
    with transaction.atomic():
        session = _locked(minutes, by)
        if approved_on > timezone.now().astimezone(session.zone).date():
            raise TransitionRefused("Cette date est à venir : notez l'approbation une fois donnée.")
        if not (reference := reference.replace("\x00", "").strip()[:200]):
            raise TransitionRefused("Écrivez la référence du compte rendu : elle sera conservée.")
        approval = Approval.objects.filter(session=session).first() or Approval(session=session)
        approval.minutes, approval.approved_on, approval.reference = minutes, approved_on, reference
        approval.noted_by, approval.noted_at = by, timezone.now()
        approval.full_clean()
        approval.save()
        payload = {"reference": minutes.document.reference, "on": approved_on.isoformat(), "account": reference}
        journal.record(session.stream, "minutes.approved", payload, by=by)
    return approval


def keep_signed_minutes(minutes: SessionDocument, *, by: User, upload: UploadedFile) -> SignedMinutes:
    """Keep the scan of a procès-verbal signed by hand, in place of the one before. Raises TransitionRefused, FileRefused."""
    facts = inspection.inspect_upload(upload, inspection.PDF_ONLY)
    with storage.storing_files() as storing:
        session = _locked(minutes, by)
        present = SignedMinutes.objects.select_related("scan").filter(minutes=minutes).first()
        if present and present.scan.sha256 == facts.sha256:
            return present
        stored = storing.store(upload, facts, by=by)
        take_in.enqueue(stored.pk)
        signed = present or SignedMinutes(minutes=minutes)
        signed.scan, signed.added_by, signed.added_at = stored, by, timezone.now()
        signed.full_clean()
        signed.save()
        payload = {"reference": minutes.document.reference, "sha256": facts.sha256, "key": str(stored.key)}
        journal.record(session.stream, "minutes.signed", payload, by=by)
    return signed


def missing_formalities(session: Session, minutes: SessionDocument) -> list[Missing]:
    """Say what the rules of the session still ask for, on this procès-verbal, before publication."""
    rules, missing = get_jury_rules(session), []
    url = f"{reverse('branch:documents', args=[session.pk])}#formalites"
    if rules.signed_minutes and not SignedMinutes.objects.filter(minutes=minutes).exists():
        missing.append(Missing("Le procès-verbal signé n'est pas déposé.", url))
    if rules.final_approval and not Approval.objects.filter(session=session, minutes=minutes).exists():
        missing.append(Missing("L'approbation de la CPNEFP sur ce procès-verbal n'est pas notée.", url))
    return missing


def scans(user: User) -> QuerySet[StoredFile]:
    """Return the scans of signed procès-verbaux of the person's branches."""
    rows = SignedMinutes.objects.administered_by(user)
    return StoredFile.objects.filter(pk__in=rows.values("scan"))


def _locked(minutes: SessionDocument, by: User) -> Session:
    session = Session.objects.select_for_update(of=("self",)).get(pk=minutes.session_id)
    if not administers(by, session):
        raise TransitionRefused("Seule la branche le note.")
    if session.state != Session.State.JURY:
        raise TransitionRefused(f"La session est à l'étape « {session.get_state_display()} », et non au jury.")
    document = minutes.document
    if document.voided_at or type(document).objects.filter(supersedes=document).exists():
        raise TransitionRefused("Ce procès-verbal a été remplacé : rechargez la page.")
    return session
