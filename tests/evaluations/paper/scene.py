"""A scan, and the sheet to which it belongs."""

from django.core.files.uploadedfile import SimpleUploadedFile

from evaluations.models import ScoringSheet
from evaluations.sheets.queries import sheet_view
from evaluations.sheets.services import missing_before_signing
from tests import factories as make


def scan(pages=2, name="Grille remplie.pdf"):
    return SimpleUploadedFile(name, make.make_pdf(pages=pages), "application/pdf")


def fresh(sheet):
    return ScoringSheet.objects.with_context().get(pk=sheet.pk)


def missing(sheet):
    return [one for one in missing_before_signing(sheet_view(fresh(sheet))) if "papier" in one.text]


def hours(coming):
    """When the interview started, and the hours of the form: yesterday from 0:00 to 0:35, past at any hour of the test."""
    start = coming.interview.start.astimezone(coming.session.zone)
    return start.replace(hour=0, minute=0, second=0, microsecond=0), {"started": "00:00", "finished": "00:35"}


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 200
