"""The scan of a form: added by the branch, read by who reads the sheet."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from candidates.models import Assignment
from evaluations.models import Reopening, ScoringSheet
from evaluations.paper.forms_pdf import sheet_code
from evaluations.paper.services import attach_scan, copy_from_paper
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.paper.scene import JPEG, fresh, scan
from tests.evaluations.sheets.screen import url
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


# --- The branch ------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(running, client):
    client.force_login(running.admin)
    return client


def branch(name, *args):
    return reverse(f"branch:{name}", args=args)


def test_an_administrator_adds_the_scan_for_an_evaluator(running, admin):
    code = str(sheet_code(running.alix_sheet.assignment))
    address = admin.post(branch("paper_code"), {"code": code}).url
    assert address == branch("scan", running.alix_sheet.pk)
    assert branch("scan", running.alix_sheet.pk) in admin.get(branch("sheet", running.alix_sheet.pk)).text
    assert admin.post(address, {"scan": scan()}).url == address
    sheet = fresh(running.alix_sheet)
    assert (sheet.source, sheet.scan.uploaded_by) == ("paper", running.admin)
    assert sheet.revisions.get(kind="source").actor == running.admin
    assert "Grille numérisée reçue, 2 pages." in admin.get(address).text


def test_an_administrator_sends_the_scan_or_nothing(running, admin):
    address = branch("scan", running.alix_sheet.pk)
    for body in ({}, {"scan": SimpleUploadedFile("x.pdf", JPEG)}, {"scan": "texte"}):
        assert admin.post(address, body).status_code == 422
    assert fresh(running.alix_sheet).source == "screen"


def test_an_administrator_does_not_read_the_scan_before_the_sheet_is_signed(running, admin):
    attach_scan(running.alix_sheet, by=running.admin, upload=scan())
    key = fresh(running.alix_sheet).scan.key
    assert admin.get(reverse("files:original", args=[key])).status_code == 404
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    answer = admin.get(reverse("files:original", args=[key]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert str(key) in admin.get(branch("sheet", running.alix_sheet.pk)).text


def test_a_signed_sheet_takes_no_scan(running, admin):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    address = branch("scan", running.alix_sheet.pk)
    assert 'type="file"' not in admin.get(address).text
    assert admin.post(address, {"scan": scan()}).status_code == 422
    reopen_sheet(running.alix_sheet, by=running.admin, reason="Numérisation oubliée.")
    assert admin.post(address, {"scan": scan()}).status_code == 302


def test_the_database_refuses_another_scan_on_a_signed_sheet(running):
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan())
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    rows, seq = ScoringSheet.objects.filter(pk=running.alix_sheet.pk), fresh(running.alix_sheet).seq
    for change in ({"scan": None}, {"source": "screen"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    # Not even on its way to being open again.
    Reopening.objects.create(sheet=running.alix_sheet, seq=seq, by=running.admin, reason="Erreur.")
    for change in ({"scan": None}, {"source": "screen"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(state="open", **change)
    assert rows.update(state="open") == 1


def test_the_sheet_of_a_replaced_evaluator_takes_no_scan(running, admin):
    Assignment.objects.filter(appointment__user=running.alix).update(state="replaced")
    assert admin.post(branch("scan", running.alix_sheet.pk), {"scan": scan()}).status_code == 404


def test_an_administrator_who_evaluates_adds_nothing_to_the_other_sheet(running, client):
    running.session.branch.administrators.add(running.bea)
    client.force_login(running.bea)
    assert client.post(branch("scan", running.alix_sheet.pk), {"scan": scan()}).status_code == 404


# --- Who reads the scan ----------------------------------------------------------------------------------------------


def readers(running, key):
    """Who is answered the scan, by name."""
    people = {"alix": running.alix, "bea": running.bea, "admin": running.admin, "juror": running.juror}
    people |= {"candidate": running.enrolment.candidate.user, "stranger": make.make_user()}
    found = set()
    for name, person in people.items():
        client = Client()
        client.force_login(person)
        answer = client.get(reverse("files:original", args=[key]))
        if answer.status_code == 200:
            assert b"".join(answer.streaming_content).startswith(b"%PDF")
            found.add(name)
    return found


def test_the_scan_is_read_by_who_reads_the_sheet(running):
    running.juror = make.make_juror(running.session).user
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan())
    key = fresh(running.alix_sheet).scan.key
    assert readers(running, key) == {"alix"}
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    assert readers(running, key) == {"alix", "admin"}
    score_all(running.bea, running.bea_sheet)
    sign(running.bea, running.bea_sheet)
    assert readers(running, key) == {"alix", "bea", "admin"}
    running.session.__class__.objects.filter(pk=running.session.pk).update(state="jury")
    assert readers(running, key) == {"alix", "bea", "admin", "juror"}


def test_a_scan_that_was_replaced_is_read_by_nobody(running):
    running.juror = make.make_juror(running.session).user
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan(1))
    key = fresh(running.alix_sheet).scan.key
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan(2))
    assert readers(running, key) == set()


def test_the_signed_sheet_says_that_it_comes_from_paper(running, client):
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan())
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    client.force_login(running.alix)
    page = client.get(url("sheet", running.alix_sheet.pk)).text
    assert "recopiée d'une grille en papier" in page.replace("&#x27;", "'")
    assert str(fresh(running.alix_sheet).scan.key) in page
