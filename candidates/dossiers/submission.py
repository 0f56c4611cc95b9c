"""Handing a dossier in: what is declared on honour, whose words are kept with the answer, and the receipt."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.deposit import DepositRefused, check_can_change, file_payload, lock_dossier, reference
from candidates.dossiers.tasks import assemble_dossier
from candidates.enrolments.experience import note_experience
from candidates.models import Answer, Dossier, DossierFile
from candidates.sessions import dates
from candidates.sessions.queries import contact_text
from cqp.core.text import file_size
from cqp.documents import services as documents
from cqp.evidence import journal
from cqp.mail import outbox
from cqp.models import User
from cqp.models.documents import Kind
from cqp.workflow import perform

OWN_WORK = "Je déclare sur l'honneur que ce dossier est mon propre travail."
EMPLOYER = (
    "Mon employeur accepte que j'y mentionne les informations qui le concernent ; collègues et clients y sont anonymes."
)
NO_TOOL = "Je n'ai pas utilisé d'outil d'intelligence artificielle générative."
TOOLS = "J'ai utilisé un outil d'intelligence artificielle générative, et je dis lequel et pour quoi."
MAX_TOOLS = 1000
RECRUITED = "J'ai contribué à au moins un recrutement."
NO_RECRUITMENT = "Je n'ai contribué à aucun recrutement."


@dataclass(frozen=True)
class Declaration:
    """tools: which generative tools were used and what for; "" when none was."""

    own_work: bool
    employer: bool
    tools: str = ""

    @property
    def is_complete(self) -> bool:
        return self.own_work and self.employer

    def as_payload(self) -> dict[str, Any]:
        """Return what the journal and the receipt keep: the sentences as they were accepted."""
        return {"sentences": [OWN_WORK, EMPLOYER, TOOLS if self.tools else NO_TOOL], "tools": self.tools}


def declaration_sentences(declaration: Mapping[str, Any], recruited: bool | None) -> list[str]:
    """Return a kept declaration as it is read, with the answer on recruitment (None: it was not asked)."""
    tools = [f"Outils et usages : {declaration['tools']}"] if declaration["tools"] else []
    experience = {None: [], True: [RECRUITED], False: [NO_RECRUITMENT]}[recruited]
    return [*declaration["sentences"], *tools, *experience]


RECEIPT = Kind("deposit_receipt", "RD", "deposit_receipt.html", "Récépissé de dépôt")


def submit_dossier(
    dossier: Dossier,
    *,
    by: User,
    declaration: Declaration,
    recruited: bool | None = None,
    now: dt.datetime | None = None,
) -> Dossier:
    """Hand a dossier in, with the declaration on honour, and issue and send its receipt. Return it up to date.

    recruited: whether the candidate contributed to a recruitment, where the bloc's guide asks; None elsewhere.
    Raises TransitionRefused with what is missing or not settled, DepositRefused (declaration not complete, handed in
    already, deposit not open), PermissionError.
    """
    with transaction.atomic():
        locked = lock_dossier(dossier)
        check_can_change(locked, by, now or timezone.now(), finishing=True)
        if not declaration.is_complete:
            raise DepositRefused("Cochez la déclaration sur l'honneur : sans elle, le dossier ne peut pas être déposé.")
        if recruited is not None:
            _note_experience(locked, recruited, by)
        submitted = perform(locked, "submit", by=by)
        received = list(submitted.files.select_related("stored_file", "trame_item"))
        answers = [answer for answer in submitted.answers.select_related("trame_item") if answer.text.strip()]
        enrolment = submitted.enrolment_bloc.enrolment
        payload = {
            "dossier": submitted.pk,
            "declaration": declaration.as_payload(),
            "recruited": recruited,
            "files": [file_payload(file) for file in received],
            "answers": [
                {"heading": answer.trame_item.position, "sha256": text_sha256(answer.text)} for answer in answers
            ],
        }
        journal.record(enrolment.stream, "dossier.received", payload, by=by)
        context = receipt_context(
            submitted, received, answers, declaration_sentences(declaration.as_payload(), recruited)
        )
        receipt = documents.issue(branch=enrolment.session.branch, kind=RECEIPT.name, context=context)
        submitted.receipt = receipt
        submitted.save(update_fields=["receipt"])
        outbox.queue_mail(
            "dossier_received", by.email, {**context, "reference": receipt.reference}, **enrolment.session.mail_scope
        )
        assemble_dossier.enqueue(submitted.pk)
    return submitted


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a typed answer: of its UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _note_experience(dossier: Dossier, recruited: bool, by: User) -> None:
    try:
        note_experience(dossier.enrolment_bloc, recruited=recruited, by=by)
    except ValidationError as refused:
        raise DepositRefused(" ".join(refused.messages)) from None


def receipt_context(
    dossier: Dossier, received: list[DossierFile], answers: list[Answer], declared: list[str]
) -> dict[str, Any]:
    """Return what the receipt says, on paper and by mail: texts and numbers. `declared` are the sentences."""
    assert dossier.submitted_at is not None
    enrolment, bloc = dossier.enrolment_bloc.enrolment, dossier.enrolment_bloc.bloc
    zone = enrolment.session.zone
    when = dates.exact_text(dossier.submitted_at, zone)
    return {
        "branch": enrolment.session.branch.name,
        "name": enrolment.candidate.display_name,
        "session": enrolment.session.title,
        "bloc": f"bloc {bloc.number}, {bloc.title}",
        "bloc_number": bloc.number,
        "dossier": reference(dossier),
        "when": f"{when}, {dates.zone_text(zone)}",
        "issued_on": dates.day_text(dossier.submitted_at.astimezone(zone).date(), dt.date.min),
        "contact": contact_text(enrolment.session),
        "path": reverse("candidate:receipt", args=[dossier.pk]),
        "declaration": declared,
        "files": [
            {
                "name": file.stored_file.name,
                "heading": f"rubrique {file.trame_item.position}" if file.trame_item else "tout le bloc",
                "pages": file.stored_file.pages,
                "size": file_size(file.stored_file.size),
                "bytes": file.stored_file.size,
                "sha256": file.stored_file.sha256,
            }
            for file in received
        ],
        "answers": [
            {
                "heading": f"rubrique {answer.trame_item.position}",
                "characters": len(answer.text),
                "sha256": text_sha256(answer.text),
            }
            for answer in answers
        ],
    }
