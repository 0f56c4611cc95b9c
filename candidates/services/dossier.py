"""What a candidate does with a dossier: add, order and remove files, then hand it in."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from candidates import dates, dossier_workflow
from candidates.models import Dossier, DossierFile, Session
from candidates.services.experience import note_experience
from cqp import files, journal, mail
from cqp.models import User
from cqp.page_images import render_pages
from cqp.templatetags.cqp import file_size
from cqp.workflow import perform
from referentiel.models import TrameItem

MAX_FILES = 60

DECLARATION = (
    "Je déclare sur l'honneur que ce dossier est mon propre travail, que mon employeur accepte que j'y mentionne les "
    "informations qui le concernent, et que j'y signale les outils d'intelligence artificielle que j'ai utilisés."
)


class DepositRefused(Exception):
    """The dossier cannot be changed now. The message says why in French, and what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class AlreadyThere(DepositRefused):
    """The same file is already under this heading: nothing was stored twice."""


def contact_text(session: Session) -> str:
    """Return how to reach the branch: its name, then (telephone, address)."""
    branch = session.branch
    ways = ", ".join(filter(None, (branch.telephone, branch.email)))
    return f"{branch.name} ({ways})" if ways else branch.name


def deposit_refusal(session: Session, now: dt.datetime) -> str:
    """Return why nothing can be deposited at `now`, and what to do; "" when the deposit is open.

    It is open from `deposit_opens_at` on, and until `deposit_closes_at`, which is excluded.
    """
    zone = session.zone
    early = session.state == Session.State.PREPARATION or now < session.deposit_opens_at
    if early and session.deposit_opens_at <= now:
        return f"Le dépôt n'est pas encore ouvert. Pour savoir quand il ouvrira : {contact_text(session)}."
    if early:
        opening = f"{dates.moment_text(session.deposit_opens_at, now, zone)}, {dates.zone_text(zone)}"
        return f"Le dépôt n'est pas encore ouvert : il ouvrira le {opening}. Revenez à partir de ce moment."
    if now >= session.deposit_closes_at:
        closing = f"{dates.moment_text(session.deposit_closes_at, now, zone)}, {dates.zone_text(zone)}"
        return f"La date limite de dépôt est passée ({closing}). Prévenez vite la branche : {contact_text(session)}."
    if session.state != Session.State.DEPOSIT:
        return f"Le dépôt est clos, la session est à l'étape suivante. Écrivez à la branche : {contact_text(session)}."
    return ""


def reference(dossier: Dossier) -> str:
    """Return what the receipt is called by: `DP-000042-1`, the dossier and its version."""
    return f"DP-{dossier.pk:06d}-{dossier.version}"


def _locked(dossier: Dossier) -> Dossier:
    return (
        Dossier.objects.select_for_update(of=("self",))
        .select_related(
            "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
        )
        .get(pk=dossier.pk)
    )


def _check_can_change(dossier: Dossier, by: User, now: dt.datetime) -> None:
    """Raise PermissionError for another's dossier, DepositRefused when it is handed in or the deposit is not open."""
    if not dossier_workflow.is_own(by, dossier):
        raise PermissionError("Only the candidate changes a dossier.")
    session = dossier.enrolment_bloc.enrolment.session
    if dossier.submitted_at is not None:
        when = dates.moment_text(dossier.submitted_at, now, session.zone)
        raise DepositRefused(
            f"Ce dossier a été déposé le {when} : ses fichiers ne changent plus, rien n'a été modifié. S'il manque "
            f"quelque chose d'important, écrivez à la branche : {contact_text(session)}."
        )
    if refusal := deposit_refusal(session, now):
        raise DepositRefused(refusal)


def _told(dossier_file: DossierFile) -> dict[str, Any]:
    """Return what the journal keeps of a file."""
    stored = dossier_file.stored_file
    return {
        "dossier": dossier_file.dossier_id,
        "heading": dossier_file.trame_item.position if dossier_file.trame_item else None,
        "key": str(stored.key),
        "name": stored.name,
        "size": stored.size,
        "sha256": stored.sha256,
    }


def add_file(
    dossier: Dossier, trame_item: TrameItem | None, upload: UploadedFile, *, by: User, now: dt.datetime | None = None
) -> DossierFile:
    """Add a PDF under a heading of the trame, or (None) for the whole bloc, and have its pages drawn.

    Raises cqp.files.BadFile, AlreadyThere when the same content is under the same heading, DepositRefused,
    PermissionError, and ValueError for the heading of another bloc. Then nothing is stored.
    """
    now = now or timezone.now()
    _check_can_change(dossier, by, now)
    if trame_item and trame_item.bloc_id != dossier.enrolment_bloc.bloc_id:
        raise ValueError("The heading belongs to another bloc.")
    facts = files.inspect(upload)
    stored = None
    try:
        with transaction.atomic():
            locked = _locked(dossier)
            _check_can_change(locked, by, now)
            under = locked.files.filter(trame_item=trame_item)
            _check_is_new(locked, under.filter(stored_file__sha256=facts.sha256).first())
            stored = files.store(upload, facts, by=by)
            last = under.aggregate(last=Max("position"))["last"] or 0
            dossier_file = DossierFile(dossier=locked, trame_item=trame_item, stored_file=stored, position=last + 1)
            dossier_file.full_clean()
            dossier_file.save()
            journal.record(locked.enrolment_bloc.enrolment.stream, "dossier.file_added", _told(dossier_file), by=by)
            render_pages.enqueue(stored.pk)
    except BaseException:
        if stored:
            files.discard(stored)
        raise
    return dossier_file


def _check_is_new(dossier: Dossier, twin: DossierFile | None) -> None:
    if twin:
        raise AlreadyThere(
            f"Ce fichier est déjà reçu ici, sous le nom « {twin.stored_file.name} » : il n'a pas été ajouté une "
            "seconde fois."
        )
    if dossier.files.count() >= MAX_FILES:
        raise DepositRefused(
            f"Ce dossier a déjà {MAX_FILES} fichiers, le maximum. Réunissez-en plusieurs dans un même PDF."
        )


def remove_file(dossier_file: DossierFile, *, by: User, now: dt.datetime | None = None) -> None:
    """Take a file out of a dossier in progress. Its content leaves the store once the transaction is committed.

    Removing what is already removed does nothing. Raises DepositRefused, PermissionError.
    """
    with transaction.atomic():
        locked = _locked(dossier_file.dossier)
        _check_can_change(locked, by, now or timezone.now())
        found = locked.files.select_related("stored_file", "trame_item").filter(pk=dossier_file.pk).first()
        if found is None:
            return
        stored = found.stored_file
        journal.record(locked.enrolment_bloc.enrolment.stream, "dossier.file_removed", _told(found), by=by)
        found.delete()
        stored.delete()
        transaction.on_commit(lambda: files.discard(stored))


def move_file(dossier_file: DossierFile, *, up: bool, by: User, now: dt.datetime | None = None) -> None:
    """Exchange a file with the one before it (or after it) under its heading; at the end of the list, do nothing.

    Raises DepositRefused, PermissionError.
    """
    with transaction.atomic():
        locked = _locked(dossier_file.dossier)
        _check_can_change(locked, by, now or timezone.now())
        siblings = list(locked.files.filter(trame_item=dossier_file.trame_item_id).order_by("position", "pk"))
        ranks = {sibling.pk: rank for rank, sibling in enumerate(siblings)}
        here = ranks.get(dossier_file.pk, -1)
        there = here - 1 if up else here + 1
        if here < 0 or not 0 <= there < len(siblings):
            return
        siblings[here], siblings[there] = siblings[there], siblings[here]
        for position, sibling in enumerate(siblings, 1):
            sibling.position = position
        DossierFile.objects.bulk_update(siblings, ["position"])


def submit_dossier(
    dossier: Dossier, *, by: User, declaration: bool, recruited: bool | None = None, now: dt.datetime | None = None
) -> Dossier:
    """Hand a dossier in, with the declaration on honour, and send its receipt. Return it up to date.

    recruited: whether the candidate contributed to a recruitment, where the bloc's guide asks; None elsewhere.
    Raises TransitionRefused with the headings that have no file, DepositRefused (no declaration, handed in already,
    deposit not open), PermissionError.
    """
    with transaction.atomic():
        locked = _locked(dossier)
        _check_can_change(locked, by, now or timezone.now())
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
                "files": [_told(file) for file in received],
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
