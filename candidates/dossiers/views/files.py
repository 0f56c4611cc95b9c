"""The files that people sent: the original for its owner and the branch, its pages as images to read. Another's is a 404."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.views.decorators.http import require_GET

from candidates.dossiers.hooks import readable_files
from candidates.models import Dossier, DossierFile
from cqp.models import StoredFile, User
from cqp.web.requests import PersonRequest

# An original may hold anything: nothing in it may run or load, were a browser to open it.
SANDBOX = "default-src 'none'; sandbox"


def own_files(user: User) -> QuerySet[StoredFile]:
    """Return what `user` sent for a dossier. In quarantine it is the administrators' alone."""
    mine = DossierFile.objects.filter(dossier__enrolment_bloc__enrolment__candidate__user=user)
    return StoredFile.objects.filter(pk__in=mine.values("stored_file"), quarantine="")


def branch_files(user: User) -> QuerySet[StoredFile]:
    """Return what was sent for the dossiers of the branches that `user` administers."""
    administered = DossierFile.objects.filter(dossier__in=Dossier.objects.administered_by(user))
    return StoredFile.objects.filter(pk__in=administered.values("stored_file"))


def assemblies(user: User) -> QuerySet[StoredFile]:
    """Return the assembled dossiers that `user` may read: evaluators and jurors see nothing else of a dossier."""
    return StoredFile.objects.filter(pk__in=Dossier.objects.visible_to(user).values("assembly"))


def own_readings(user: User) -> QuerySet[StoredFile]:
    """Return what `user` sent, as its pages are read: what was in quarantine is not in them."""
    mine = DossierFile.objects.filter(dossier__enrolment_bloc__enrolment__candidate__user=user)
    return StoredFile.objects.filter(pk__in=mine.values("stored_file"))


def visible_file(user: User, key: uuid.UUID, *more: Callable[[User], QuerySet[StoredFile]]) -> StoredFile:
    """Return a file that `user` may see, of those declared or of these. Raises Http404."""
    for files in (*readable_files, *more):
        if stored := files(user).filter(key=key).first():
            return stored
    raise Http404


def _response(storage: Storage, path: str, content_type: str, **options: Any) -> FileResponse:
    try:
        content = storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=content_type, **options)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def original(request: PersonRequest, key: uuid.UUID) -> FileResponse:
    """The file as it was received, always as a download."""
    stored = visible_file(request.user, key)
    storage, path = stored.file.storage, str(stored.file.name)
    response = _response(storage, path, "application/octet-stream", as_attachment=True, filename=stored.name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def page(request: PersonRequest, key: uuid.UUID, number: int) -> FileResponse:
    """The image of a page, from 1. A 404 too while it is not drawn yet."""
    stored = visible_file(request.user, key, own_readings)
    response = _response(default_storage, stored.page_path(number), "image/webp")
    response.headers["Cache-Control"] = "private, no-store"
    return response
