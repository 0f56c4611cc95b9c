"""Originals, kept under random names."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cqp.files.inspection import EXTENSIONS, MAX_NAME, PDF, FileFacts
from cqp.models import StoredFile, User


def visible_name(raw: str) -> str:
    """Return what can be seen of a file name, without a path, at most MAX_NAME long; `document` when nothing can."""
    name = unicodedata.normalize("NFC", raw.replace("\\", "/")).rsplit("/", 1)[-1]
    # Control characters, direction overrides, half surrogates, private and unassigned code points, line separators.
    visible = "".join(c if unicodedata.category(c)[0] != "C" else "" for c in " ".join(name.split()))
    return visible[:MAX_NAME].strip() or "document"


def clean_name(raw: str, kind: str = PDF) -> str:
    """Return a file name that is safe to show and to write: no path, no invisible character, at most MAX_NAME long.

    Accents, apostrophes and emoji stay. The name ends as its media type says, since that is what the file is.
    """
    stem = visible_name(raw).rstrip(" .")
    endings = EXTENSIONS[kind]
    for ending in endings:
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    return f"{stem.strip(' .')[: MAX_NAME - len(endings[0])].rstrip() or 'document'}{endings[0]}"


class StoringFiles:
    """The files that a transaction stores: see `storing_files`."""

    def __init__(self) -> None:
        self.stored: list[StoredFile] = []

    def store(self, upload: UploadedFile, facts: FileFacts, *, by: User) -> StoredFile:
        """Store an inspected file under a random name and return its row, still to be checked by the worker: the caller
        enqueues `cqp.files.tasks.take_in`.
        """
        stored = _store(upload, facts, by=by)
        self.stored.append(stored)
        return stored


@contextmanager
def storing_files() -> Iterator[StoringFiles]:
    """Run a transaction that stores files. Where it fails, what it stored leaves the store with its rows."""
    files = StoringFiles()
    try:
        with transaction.atomic():
            yield files
    except BaseException:
        for stored in files.stored:
            delete_file(stored)
        raise


def _store(upload: UploadedFile, facts: FileFacts, *, by: User) -> StoredFile:
    stored = StoredFile(
        name=clean_name(upload.name or "", facts.type),
        type=facts.type,
        size=facts.size,
        sha256=facts.sha256,
        pages=facts.pages,
        state=StoredFile.State.CHECKING,
        uploaded_by=by,
    )
    stored.file.save(stored.key.hex, upload, save=False)
    try:
        stored.full_clean()
        stored.save()
    except BaseException:
        delete_file(stored)
        raise
    return stored


def delete_file(stored: StoredFile) -> None:
    """Delete the original, what was made of it and its page images from the store. The row is the caller's."""
    storage = stored.file.storage
    storage.delete(str(stored.file.name))
    default_storage.delete(stored.reading_path)
    for number in range(1, max(stored.pages or 0, stored.rendered_pages) + 1):
        storage.delete(stored.page_path(number))
