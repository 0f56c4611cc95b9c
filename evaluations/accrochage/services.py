"""The accrochage: a flow made of who is ready, its receipt read back, one that was lost given up."""

import hashlib
import io
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from candidates.models import Candidate, Enrolment
from candidates.people.identity import IDENTITY, check_no_twin, clean_identity, tidy
from cqp.core.refusals import RefusedError
from cqp.evidence import journal
from cqp.models import User
from evaluations.accrochage.flow import VERSION, Sender, faults, write_flow
from evaluations.accrochage.queries import holder_rows
from evaluations.accrochage.receipt import BadReceiptError, read_receipt
from evaluations.models import AccrochageFlow, AccrochagePassage
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch, BranchSettings

P = AccrochagePassage.State
PARIS = ZoneInfo("Europe/Paris")


class FlowRefused(RefusedError):
    """No flow can be made, or given up. `message` says in French why."""


def sender_of(branch: Branch) -> Sender:
    settings: BranchSettings = getattr(branch, "settings", None) or BranchSettings(branch=branch)
    return Sender(settings.accrochage_client, settings.accrochage_contract, settings.accrochage_nature)


def make_flow(branch: Branch, *, by: User) -> AccrochageFlow:
    """Make a flow of the holders who are ready or were rejected. A double click finds nobody left. Raises FlowRefused."""
    with transaction.atomic():
        locked = _locked(branch, by)
        sender = sender_of(locked)
        if wrong := sender.missing:
            raise FlowRefused(" ".join(wrong))
        rows = [row for row in holder_rows([locked]) if row.may_be_sent]
        if not rows:
            raise FlowRefused("Personne n'est prêt à être transmis : complétez les données, ou attendez le rapport.")
        number = (AccrochageFlow.objects.filter(branch=locked).aggregate(last=Max("number"))["last"] or 0) + 1
        at = timezone.now().astimezone(PARIS)
        id_flux = f"{locked.code[:20]}-{at:%Y%m%d%H%M%S}-{number}"
        out = io.BytesIO()
        write_flow(out, id_flux=id_flux, at=at, sender=sender, holders=(row.holder for row in rows))
        content = out.getvalue()
        if wrong := faults(content):
            raise FlowRefused(f"Le fichier ne serait pas accepté : {' ; '.join(wrong)}")
        flow = AccrochageFlow(
            branch=locked,
            number=number,
            version=VERSION,
            id_flux=id_flux,
            made_by=by,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        flow.full_clean()
        flow.save()
        AccrochagePassage.objects.bulk_create(
            AccrochagePassage(flow=flow, enrolment=row.certificate.enrolment, id_technique=row.holder.id_technique)
            for row in rows
        )
        payload = {"flow": flow.pk, "id": id_flux, "holders": len(rows), "sha256": flow.sha256}
        journal.record(f"branch:{locked.pk}", "accrochage.made", payload, by=by)
    return flow


@dataclass(frozen=True)
class ReceiptResult:
    """What a receipt changed. unknown: the identifiers that it names and the flow does not have."""

    flow: AccrochageFlow
    accepted: int
    rejected: int
    unknown: list[str]


def take_receipt(branch: Branch, content: bytes, *, by: User) -> ReceiptResult:
    """Read the receipt of one of the branch's flows: the holders that it names are accepted or rejected.

    Who is in neither list still waits. The same receipt again changes nothing. Raises BadReceiptError when it speaks of
    another flow, or of nobody in this one.
    """
    receipt = read_receipt(content)
    with transaction.atomic():
        locked = _locked(branch, by)
        flow = AccrochageFlow.objects.filter(branch=locked, id_flux=receipt.id_flux).first()
        if flow is None:
            raise BadReceiptError(
                f"Ce rapport parle d'un autre flux ({receipt.id_flux[:60]}) : aucun flux d'ici n'a ce nom."
            )
        if flow.given_up_at:
            raise BadReceiptError("Ce flux a été abandonné : ses titulaires sont dans un autre.")
        passages = {passage.id_technique: passage for passage in flow.passages.select_for_update()}
        named = receipt.accepted | receipt.rejected.keys()
        unknown = sorted(named - passages.keys())
        if named and len(unknown) == len(named):
            raise BadReceiptError(
                f"Ce rapport porte le nom de ce flux, mais aucun de ses titulaires n'y est ({unknown[0][:60]}…) : "
                "c'est celui d'un autre flux. Téléchargez le bon sur la plateforme."
            )
        changed = []
        for name in sorted(named & passages.keys()):
            passage = passages[name]
            state, message = (P.ACCEPTED, "") if name in receipt.accepted else (P.REJECTED, receipt.rejected[name])
            if (passage.state, passage.message) != (state, message):
                passage.state, passage.message = state, message
                changed.append(passage)
        AccrochagePassage.objects.bulk_update(changed, ["state", "message"])
        accepted, rejected = (len(names & passages.keys()) for names in (receipt.accepted, receipt.rejected.keys()))
        if changed or flow.receipt_at is None:
            flow.receipt_at, flow.treatment = timezone.now(), receipt.treatment
            flow.save(update_fields=["receipt_at", "treatment"])
            payload = {"flow": flow.pk, "accepted": accepted, "rejected": rejected, "unknown": unknown[:100]}
            journal.record(f"branch:{locked.pk}", "accrochage.receipt", payload, by=by)
    return ReceiptResult(flow, accepted, rejected, unknown)


def give_up(flow: AccrochageFlow, *, by: User, reason: str) -> None:
    """Say that a flow was not sent, or is lost: its holders are ready again. Raises FlowRefused."""
    if not (reason := reason.replace("\x00", "").strip()[:300]):
        raise FlowRefused("Écrivez pourquoi ce flux est abandonné : le motif sera conservé.")
    with transaction.atomic():
        _locked(flow.branch, by)
        locked = AccrochageFlow.objects.select_for_update(of=("self",)).defer("content").get(pk=flow.pk)
        if locked.receipt_at:
            raise FlowRefused("Le rapport de ce flux est lu : seuls ses rejetés seront transmis de nouveau.")
        if locked.given_up_at:
            return
        locked.given_up_at, locked.given_up_reason = timezone.now(), reason
        locked.save(update_fields=["given_up_at", "given_up_reason"])
        journal.record(
            f"branch:{locked.branch_id}", "accrochage.given_up", {"flow": locked.pk, "reason": reason}, by=by
        )


def correct_civil_status(enrolment: Enrolment, *, by: User, **fields: Any) -> Enrolment:
    """Correct the civil status of a holder, after the decision: what is sent is what is true now.

    A certificate already issued keeps what it says: it is voided and issued again apart. Raises ValidationError by field,
    PermissionError.
    """
    assert fields.keys() == set(IDENTITY), fields
    with transaction.atomic():
        _locked(enrolment.session.branch, by)
        candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=enrolment.candidate_id)
        if candidate.erased_at:
            raise ValidationError("Les données de cette personne sont effacées.")
        before = {name: getattr(candidate, name) for name in IDENTITY}
        for name, value in fields.items():
            setattr(candidate, name, tidy(value) if isinstance(value, str) else value)
        clean_identity(candidate)
        check_no_twin(candidate)
        after = {name: getattr(candidate, name) for name in IDENTITY}
        if changed := {name: [before[name], after[name]] for name in IDENTITY if before[name] != after[name]}:
            candidate.save(update_fields=IDENTITY)
            journal.record(enrolment.stream, "enrolment.changed", changed, by=by)
    return enrolment


def set_sender(branch: Branch, *, by: User, client: str, contract: str, nature: str, version: str) -> None:
    """Keep who the branch is for the Caisse des dépôts. Raises PermissionError."""
    with transaction.atomic():
        locked = _locked(branch, by)
        row = BranchSettings.objects.filter(branch=locked).first() or BranchSettings(branch=locked)
        row.accrochage_client, row.accrochage_contract, row.accrochage_nature = client, contract, nature
        row.accrochage_version = version
        row.full_clean()
        row.save()
        payload = {"client": client, "contract": contract, "nature": nature, "version": version}
        journal.record(f"branch:{locked.pk}", "accrochage.sender", payload, by=by)


def _locked(branch: Branch, by: User) -> Branch:
    locked = Branch.objects.select_for_update(of=("self",)).select_related("settings").get(pk=branch.pk)
    if not administers_branch(by, locked.pk):
        raise PermissionError("Only an administrator of the branch sends its holders.")
    return locked
