"""A person asks for all that is kept about them; a branch sets how long it keeps it."""

import datetime as dt
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from candidates.models import DataExport, Enrolment
from candidates.privacy.export import make_export
from cqp.evidence import journal
from cqp.models import User
from referentiel.branches.permissions import administers_branch
from referentiel.models import Branch, BranchSettings

# After that, one that is not ready is asked of the worker again.
LOST_AFTER = dt.timedelta(hours=1)


def request_export(*, by: User) -> DataExport:
    """Ask for the archive of one's own data, and drop the one before. While one is being made, it is that one.

    Raises PermissionError for somebody who is no candidate.
    """
    now = timezone.now()
    with transaction.atomic():
        # The person's row is the lock: two touches make one archive.
        user = User.objects.select_for_update().get(pk=by.pk)
        enrolments = list(Enrolment.objects.filter(candidate__user=user))
        if not user.candidacies.exists():
            raise PermissionError("Only a candidate asks for a candidate's data.")
        under_way = DataExport.objects.filter(user=user, ready_at=None).first()
        if under_way and under_way.asked_at > now - LOST_AFTER:
            return under_way
        _drop(DataExport.objects.filter(user=user))
        export = DataExport.objects.create(user=user, asked_at=now)
        for enrolment in enrolments:
            journal.record(enrolment.stream, "data.asked", {}, by=by)
        make_export.enqueue(export.pk)
    return export


def drop_old_exports(*, now: dt.datetime | None = None) -> int:
    """Drop the archives that were kept long enough, and return how many."""
    with transaction.atomic():
        old = DataExport.objects.filter(ready_at__lt=(now or timezone.now()) - DataExport.KEPT_FOR)
        return _drop(old)


def _drop(exports: QuerySet[DataExport]) -> int:
    """Delete the rows now, and their archives once that is committed."""
    for path in [export.path for export in exports if export.path]:
        transaction.on_commit(partial(default_storage.delete, path))
    return exports.delete()[0]


def set_retention(*, branch: Branch, months: int, by: User) -> BranchSettings:
    """Set how long the branch keeps what is about a candidate, in months after the publication of the results.

    Raises ValidationError, PermissionError.
    """
    with transaction.atomic():
        locked = Branch.objects.select_for_update().get(pk=branch.pk)
        if not administers_branch(by, locked.pk):
            raise PermissionError("Only the branch says how long it keeps.")
        settings = BranchSettings.objects.filter(branch=locked).first() or BranchSettings(branch=locked)
        before, settings.retention_months = settings.retention_months, months
        settings.full_clean()
        settings.save()
        if before != months:
            payload = {"from": before, "to": months}
            journal.record(f"branch:{locked.pk}", "branch.retention_changed", payload, by=by)
    return settings
