"""What the tests of the dossiers do again and again."""

import datetime as dt

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.completeness import return_dossier
from candidates.dossiers.files import add_file
from candidates.dossiers.submission import Declaration
from cqp.files.tasks import take_in
from cqp.models import JournalEntry
from tests.factories import make_pdf

ON_HONOUR = Declaration(own_work=True, employer=True)
# The same, as the form sends it.
BOXES = {"own_work": "on", "employer": "on", "tools_used": "no"}


def pdf(name="dossier.pdf", pages=1, text="Dossier"):
    return SimpleUploadedFile(name, make_pdf(text, pages), "application/pdf")


def item(dossier, position):
    return dossier.enrolment_bloc.bloc.trame_items.get(position=position)


def send(browser, dossier, content, position=1, **headers):
    upload = content if hasattr(content, "read") else SimpleUploadedFile("dossier.pdf", content)
    return browser.post(reverse("candidate:add-file", args=[dossier.pk, position]), {"file": upload}, **headers)


def add_checked(dossier, heading, upload, *, by, **more):
    """Add a file, and let the worker check it."""
    added = add_file(dossier, heading, upload, by=by, **more)
    take_in.func(added.stored_file_id)
    return added


def fill(dossier, by):
    for heading in dossier.enrolment_bloc.bloc.trame_items.all():
        add_checked(dossier, heading, pdf(f"r{heading.position}.pdf", text=str(heading.position)), by=by)


def stored_paths():
    folders, files = default_storage.listdir("originals") if default_storage.exists("originals") else ([], [])
    return files + [name for folder in folders for name in default_storage.listdir(f"originals/{folder}")[1]]


def verbs(dossier):
    stream = dossier.enrolment_bloc.enrolment.stream
    return list(JournalEntry.objects.filter(stream=stream).order_by("seq").values_list("verb", flat=True))


def send_back(dossier, admin, **more):
    """Send it back for in three days, unless told otherwise."""
    values = {"reason": "Trois pages sont illisibles.", "due_at": timezone.now() + dt.timedelta(days=3), "by": admin}
    return return_dossier(dossier=dossier, **{**values, **more})
