"""What a candidate does with the files of a dossier: add, order and remove them."""

import datetime as dt
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from candidates.dossiers.deposit import (
    DepositRefused,
    DuplicateFileRefused,
    check_can_change,
    file_payload,
    lock_dossier,
)
from candidates.models import Dossier, DossierFile
from cqp.evidence import journal
from cqp.files import inspection, storage
from cqp.files.tasks import take_in
from cqp.models import User
from referentiel.models import TrameItem

MAX_FILES = 60


def add_file(
    dossier: Dossier,
    trame_item: TrameItem | None,
    upload: UploadedFile,
    *,
    by: User,
    replaces: DossierFile | None = None,
    facts: inspection.FileFacts | None = None,
    finishing: bool = False,
    now: dt.datetime | None = None,
) -> DossierFile:
    """Add a file under a heading of the trame, or (None) for the whole bloc: last, or in the place of the one it replaces.

    facts: those of the file, when it is inspected already. finishing: it began to arrive before the deadline (see
    `deposit_refusal`). Raises cqp.files.inspection.FileRefused, DuplicateFileRefused for the same content under the same
    heading, DepositRefused, PermissionError, ValueError for the heading of another bloc. Then nothing is stored.
    """
    now = now or timezone.now()
    check_can_change(dossier, by, now, finishing=finishing)
    if trame_item and trame_item.bloc_id != dossier.enrolment_bloc.bloc_id:
        raise ValueError("The heading belongs to another bloc.")
    facts = facts or inspection.inspect_upload(upload)
    with storage.storing_files() as storing:
        locked = lock_dossier(dossier)
        check_can_change(locked, by, now, finishing=finishing)
        under = locked.files.filter(trame_item=trame_item).select_related("stored_file", "trame_item")
        _check_is_new(under.filter(stored_file__sha256=facts.sha256).first())
        # Taken out meanwhile, there is nothing to replace.
        old = under.filter(pk=replaces.pk).first() if replaces else None
        if old is None:
            _check_room(locked)
        stored = storing.store(upload, facts, by=by)
        last = under.aggregate(last=Max("position"))["last"] or 0
        position = old.position if old else last + 1
        dossier_file = DossierFile(dossier=locked, trame_item=trame_item, stored_file=stored, position=position)
        dossier_file.full_clean()
        dossier_file.save()
        if old:
            _take_out(old, by)
        journal.record(locked.enrolment_bloc.enrolment.stream, "dossier.file_added", file_payload(dossier_file), by=by)
        take_in.enqueue(stored.pk)
    return dossier_file


def _check_is_new(twin: DossierFile | None) -> None:
    if twin:
        raise DuplicateFileRefused(
            f"Ce fichier est déjà reçu ici, sous le nom « {twin.stored_file.name} » : il n'a pas été ajouté une "
            "seconde fois."
        )


def _check_room(dossier: Dossier) -> None:
    if dossier.files.count() >= MAX_FILES:
        raise DepositRefused(
            f"Ce dossier a déjà {MAX_FILES} fichiers, le maximum. Réunissez-en plusieurs dans un même PDF."
        )


def remove_file(dossier_file: DossierFile, *, by: User, now: dt.datetime | None = None) -> None:
    """Take a file out of a dossier in progress. Its content leaves the store once the transaction is committed, unless an
    earlier version of the dossier has it too.

    Removing what is already removed does nothing. Raises DepositRefused, PermissionError.
    """
    with transaction.atomic():
        locked = lock_dossier(dossier_file.dossier)
        check_can_change(locked, by, now or timezone.now(), finishing=True)
        file = locked.files.select_related("stored_file", "trame_item").filter(pk=dossier_file.pk).first()
        if file:
            _take_out(file, by)


def _take_out(dossier_file: DossierFile, by: User) -> None:
    stored = dossier_file.stored_file
    stream = dossier_file.dossier.enrolment_bloc.enrolment.stream
    journal.record(stream, "dossier.file_removed", file_payload(dossier_file), by=by)
    dossier_file.delete()
    if not stored.dossier_files.exists():
        stored.delete()
        transaction.on_commit(lambda: storage.delete_file(stored))


def order_files(dossier: Dossier, trame_item: TrameItem | None, order: Sequence[int], *, by: User) -> None:
    """Put the files of a heading in this order of their pk; those that it does not name stay behind the others.

    Raises DepositRefused, PermissionError.
    """
    with transaction.atomic():
        locked = lock_dossier(dossier)
        check_can_change(locked, by, timezone.now())
        rank = {pk: n for n, pk in enumerate(order)}
        siblings = sorted(locked.files.filter(trame_item=trame_item), key=lambda file: rank.get(file.pk, len(rank)))
        for position, sibling in enumerate(siblings, 1):
            sibling.position = position
        DossierFile.objects.bulk_update(siblings, ["position"])


def move_file(dossier_file: DossierFile, *, up: bool, by: User, now: dt.datetime | None = None) -> None:
    """Exchange a file with the one before it (or after it) under its heading; at the end of the list, do nothing.

    Raises DepositRefused, PermissionError.
    """
    with transaction.atomic():
        locked = lock_dossier(dossier_file.dossier)
        check_can_change(locked, by, now or timezone.now())
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
