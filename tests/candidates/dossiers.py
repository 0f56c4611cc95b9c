"""What the tests of the dossiers do again and again."""

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from candidates.declaration import Declaration
from candidates.services.dossier_files import add_file
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


def fill(dossier, by):
    for heading in dossier.enrolment_bloc.bloc.trame_items.all():
        add_file(dossier, heading, pdf(f"r{heading.position}.pdf", text=str(heading.position)), by=by)


def stored_paths():
    folders, files = default_storage.listdir("originals") if default_storage.exists("originals") else ([], [])
    return files + [name for folder in folders for name in default_storage.listdir(f"originals/{folder}")[1]]


def verbs(dossier):
    stream = dossier.enrolment_bloc.enrolment.stream
    return list(JournalEntry.objects.filter(stream=stream).order_by("seq").values_list("verb", flat=True))
