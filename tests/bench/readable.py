"""Sends the bench's dossier of 60 pages in for a candidate, hands it in, and waits until all of it can be read as images:
`python -m tests.bench.readable DOSSIER`. Prints [seconds since the submission, bytes of the heaviest image].
"""

import json
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402

from candidates.dossiers.files import add_file  # noqa: E402
from candidates.dossiers.submission import Declaration, submit_dossier  # noqa: E402
from candidates.models import Dossier  # noqa: E402
from cqp.models import StoredFile, User  # noqa: E402

PATIENCE = 120


def checked(dossier: Dossier, user: User) -> None:
    """Add the file, and wait for the worker to have checked it."""
    content = (settings.VAR_DIR / "dossier.pdf").read_bytes()
    stored = add_file(dossier, None, SimpleUploadedFile("Dossier.pdf", content), by=user).stored_file_id
    deadline = time.monotonic() + PATIENCE
    while StoredFile.objects.get(pk=stored).state == StoredFile.State.CHECKING and time.monotonic() < deadline:
        time.sleep(0.1)


def main(pk: str) -> None:
    dossier = Dossier.objects.get(pk=pk)
    user = dossier.enrolment_bloc.enrolment.candidate.user
    checked(dossier, user)
    submit_dossier(dossier, by=user, declaration=Declaration(own_work=True, employer=True))
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE:
        assembly = Dossier.objects.select_related("assembly").get(pk=pk).assembly
        if assembly and assembly.rendered_pages == assembly.pages:
            break
        time.sleep(0.1)
    took = time.perf_counter() - start
    print(json.dumps([took, max(default_storage.size(assembly.page_path(n)) for n in assembly.page_numbers)]))


if __name__ == "__main__":
    main(sys.argv[1])
