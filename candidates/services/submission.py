"""Handing a dossier in, and the receipt."""

import datetime as dt
import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates import dates
from candidates.declaration import Declaration, sentences
from candidates.documents import RECEIPT
from candidates.models import Answer, Dossier, DossierFile
from candidates.services.dossier import DepositRefused, check_can_change, contact_text, locked_dossier, reference, told
from candidates.services.experience import note_experience
from candidates.tasks import assemble_dossier
from cqp import documents, journal, mail
from cqp.models import User
from cqp.templatetags.cqp import file_size
from cqp.workflow import perform


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
        locked = locked_dossier(dossier)
        check_can_change(locked, by, now or timezone.now(), finishing=True)
        if not declaration.complete:
            raise DepositRefused("Cochez la déclaration sur l'honneur : sans elle, le dossier ne peut pas être déposé.")
        if recruited is not None:
            _note_experience(locked, recruited, by)
        submitted = perform(locked, "submit", by=by)
        received = list(submitted.files.select_related("stored_file", "trame_item"))
        answers = [one for one in submitted.answers.select_related("trame_item") if one.text.strip()]
        enrolment = submitted.enrolment_bloc.enrolment
        kept = {
            "dossier": submitted.pk,
            "declaration": declaration.told(),
            "recruited": recruited,
            "files": [told(file) for file in received],
            "answers": [{"heading": one.trame_item.position, "sha256": text_sha256(one.text)} for one in answers],
        }
        journal.record(enrolment.stream, "dossier.received", kept, by=by)
        context = receipt_context(submitted, received, answers, sentences(declaration.told(), recruited))
        receipt = documents.issue(branch=enrolment.session.branch, kind=RECEIPT.name, context=context)
        submitted.receipt = receipt
        submitted.save(update_fields=["receipt"])
        mail.queue(
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
