"""The files that people sent: the original to download, its pages as images to read. Another's file is a 404."""

import uuid
from collections.abc import Callable
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_GET

from candidates.models import Dossier, DossierFile
from cqp.models import StoredFile, User

# An original may hold anything: nothing in it may run or load, were a browser to open it.
SANDBOX = "default-src 'none'; sandbox"


def dossier_files(user: User) -> QuerySet[StoredFile]:
    """Return the files of the dossiers that `user` may see."""
    visible = DossierFile.objects.filter(dossier__in=Dossier.objects.visible_to(user))
    return StoredFile.objects.filter(pk__in=visible.values("stored_file"))


# Where files are, each as those that a person may see. The upper apps add theirs when they are ready.
FILES: list[Callable[[User], QuerySet[StoredFile]]] = [dossier_files]


def visible_file(user: User, key: uuid.UUID) -> StoredFile:
    """Return a file that `user` may see. Raises Http404."""
    for files in FILES:
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
def original(request: HttpRequest, key: uuid.UUID) -> FileResponse:
    """The file as it was received, always as a download."""
    stored = visible_file(request.user, key)
    storage, path = stored.file.storage, stored.file.name
    response = _response(storage, path, stored.type, as_attachment=True, filename=stored.name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def page(request: HttpRequest, key: uuid.UUID, number: int) -> FileResponse:
    """The image of a page, from 1. A 404 too while it is not drawn yet."""
    stored = visible_file(request.user, key)
    response = _response(default_storage, stored.page_path(number), "image/webp")
    response.headers["Cache-Control"] = "private, no-store"
    return response
