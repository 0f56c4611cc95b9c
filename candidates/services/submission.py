"""Handing a dossier in, and the receipt."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from candidates import dates
from candidates.models import Dossier, DossierFile
from candidates.services.dossier import DepositRefused, check_can_change, contact_text, locked_dossier, reference, told
from candidates.services.experience import note_experience
from cqp import journal, mail
from cqp.models import User
from cqp.templatetags.cqp import file_size
from cqp.workflow import perform

DECLARATION = (
    "Je déclare sur l'honneur que ce dossier est mon propre travail, que mon employeur accepte que j'y mentionne les "
    "informations qui le concernent, et que j'y signale les outils d'intelligence artificielle que j'ai utilisés."
)


def submit_dossier(
    dossier: Dossier, *, by: User, declaration: bool, recruited: bool | None = None, now: dt.datetime | None = None
) -> Dossier:
    """Hand a dossier in, with the declaration on honour, and send its receipt. Return it up to date.

    recruited: whether the candidate contributed to a recruitment, where the bloc's guide asks; None elsewhere.
    Raises TransitionRefused with the headings that have no file, DepositRefused (no declaration, handed in already,
    deposit not open), PermissionError.
    """
    with transaction.atomic():
        locked = locked_dossier(dossier)
        check_can_change(locked, by, now or timezone.now())
        if not declaration:
            raise DepositRefused("Cochez la déclaration sur l'honneur : sans elle, le dossier ne peut pas être déposé.")
        if recruited is not None:
            _note_experience(locked, recruited, by)
        submitted = perform(locked, "submit", by=by)
        received = list(submitted.files.select_related("stored_file", "trame_item"))
        journal.record(
            submitted.enrolment_bloc.enrolment.stream,
            "dossier.received",
            {
                "dossier": submitted.pk,
                "declaration": DECLARATION,
                "recruited": recruited,
                "files": [told(file) for file in received],
            },
            by=by,
        )
        mail.queue("dossier_received", by.email, _receipt_context(submitted, received))
    return submitted


def _note_experience(dossier: Dossier, recruited: bool, by: User) -> None:
    try:
        note_experience(dossier.enrolment_bloc, recruited=recruited, by=by)
    except ValidationError as refused:
        raise DepositRefused(" ".join(refused.messages)) from None


def _receipt_context(dossier: Dossier, received: list[DossierFile]) -> dict[str, Any]:
    """Return the receipt as the mail tells it: texts only."""
    assert dossier.submitted_at is not None
    enrolment, bloc = dossier.enrolment_bloc.enrolment, dossier.enrolment_bloc.bloc
    zone = enrolment.session.zone
    when = dates.exact_text(dossier.submitted_at, zone)
    return {
        "name": enrolment.candidate.display_name,
        "session": enrolment.session.title,
        "bloc": f"bloc {bloc.number}, {bloc.title}",
        "bloc_number": bloc.number,
        "reference": reference(dossier),
        "when": f"{when}, {dates.zone_text(zone)}",
        "contact": contact_text(enrolment.session),
        "path": reverse("candidate:receipt", args=[dossier.pk]),
        "files": [
            {
                "name": file.stored_file.name,
                "heading": f"rubrique {file.trame_item.position}" if file.trame_item else "tout le bloc",
                "size": file_size(file.stored_file.size),
                "bytes": file.stored_file.size,
                "sha256": file.stored_file.sha256,
            }
            for file in received
        ],
    }
