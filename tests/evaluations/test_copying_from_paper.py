"""A form filled by hand: its code, its scan, the hours kept, then the usual sheet."""

import datetime as dt
import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from candidates.models import Assignment, Interview, Reception
from cqp.files import MAX_BYTES
from cqp.models import Operation, StoredFile
from cqp.workflow import TransitionRefused
from evaluations.models import Reopening, ScoringSheet
from evaluations.paper import sheet_code
from evaluations.paper_codes import CodeKind, SheetCode
from evaluations.results import sheet_view
from evaluations.services.chain import broken
from evaluations.services.paper import PaperRefused, attach_scan, back_to_screen, copy_from_paper
from evaluations.services.sheets import missing_before_signing, reopen_sheet
from tests import factories as make
from tests.evaluations.coming import make_coming
from tests.evaluations.screen import url
from tests.evaluations.scribe import score_all, sign
from tests.evaluations.test_direct_agreement import make_referentiel

pytestmark = pytest.mark.django_db


@pytest.fixture
def coming(referentiel):
    return make_coming(referentiel)


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


# --- The code -------------------------------------------------------------------------------------------------------


def test_the_code_leads_the_evaluator_to_their_sheet(coming, client):
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    answer = client.post(url("paper_code"), {"code": code.lower().replace("-", " ")})
    assert answer.url == url("copy", coming.alix_sheet.pk)
    assert code in client.get(answer.url).text


def test_the_code_opens_a_sheet_that_was_not_opened_yet(coming, client):
    row = make.make_enrolment(coming.session, blocs=[2]).enrolment_blocs.get()
    appointment = coming.alix.appointments.get()
    mine = make.make_interview(row, [appointment], start=coming.interview.start).assignments.get()
    client.force_login(coming.alix)
    answer = client.post(url("paper_code"), {"code": str(sheet_code(mine))})
    assert answer.url == url("copy", ScoringSheet.objects.get(assignment=mine).pk)


def test_a_typing_error_is_told_and_nothing_is_found(coming, client):
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    wrong = code[:-1] + ("3" if code[-1] != "3" else "4")
    answer = client.post(url("paper_code"), {"code": wrong})
    assert answer.status_code == 422
    assert "erreur de frappe" in answer.text
    assert wrong in answer.text


@pytest.mark.parametrize("who", ["bea", "stranger", "admin"])
def test_the_code_of_another_evaluator_says_nothing(coming, client, who):
    client.force_login(make.make_user() if who == "stranger" else getattr(coming, who))
    code = str(sheet_code(coming.alix_sheet.assignment))
    assert client.post(url("paper_code"), {"code": code}).status_code == 404


@pytest.mark.parametrize("code", [SheetCode(CodeKind.OWN, 999_999), SheetCode(CodeKind.JOINT, 999_999)])
def test_a_code_of_nothing_is_not_found(coming, client, code):
    client.force_login(coming.alix)
    assert client.post(url("paper_code"), {"code": str(code)}).status_code == 404


def test_a_joint_code_says_nothing_where_evaluators_score_alone(coming, client):
    client.force_login(coming.alix)
    code = SheetCode(CodeKind.JOINT, coming.interview.pk)
    assert client.post(url("paper_code"), {"code": str(code)}).status_code == 404


@pytest.mark.parametrize("state", ["replaced", "declined"])
def test_the_code_of_who_no_longer_evaluates_says_nothing(coming, client, state):
    Assignment.objects.filter(appointment__user=coming.alix).update(state=state)
    client.force_login(coming.alix)
    code = str(sheet_code(coming.alix_sheet.assignment))
    assert client.post(url("paper_code"), {"code": code}).status_code == 404


@pytest.mark.parametrize("typed", ["", "x" * 41, "\x00", "F-", "' OR 1=1", "ＦＭＴＤ２７Ｇ", "F-MTD2-7"])
def test_whatever_is_typed_as_a_code_is_answered(coming, client, typed):
    client.force_login(coming.alix)
    assert client.post(url("paper_code"), {"code": typed}).status_code == 422


# --- Copying --------------------------------------------------------------------------------------------------------


def test_an_interview_held_on_paper_is_entered_with_its_own_hours(coming, client):
    client.force_login(coming.alix)
    start, typed = hours(coming)
    answer = client.post(
        url("copy", coming.alix_sheet.pk), {**typed, "paper": "passport", "scan": scan()}, follow=False
    )
    assert answer.url == url("sheet", coming.alix_sheet.pk)
    interview = Interview.objects.get(pk=coming.interview.pk)
    assert (interview.state, interview.started_at) == ("finished", start)
    assert interview.finished_at == start + dt.timedelta(minutes=35)
    reception = Reception.objects.get(interview=interview)
    assert (reception.paper, reception.checked_by.appointment.user) == ("passport", coming.alix)
    assert reception.checked_at == start
    assert {one.device for one in Operation.objects.all()} == {"grille en papier"}
    sheet = fresh(coming.alix_sheet)
    assert (sheet.source, sheet.scan.name, sheet.scan.pages) == ("paper", "Grille remplie.pdf", 2)
    assert not broken(sheet)
    told = sheet.revisions.get(kind="source").payload
    assert told["source"] == "paper"
    assert told["scan"]["sha256"] == sheet.scan.sha256
    assert "Fiche de notation" in client.get(answer.url).text


def test_the_second_evaluator_has_only_the_scan_to_add(coming, client):
    _, typed = hours(coming)
    client.force_login(coming.alix)
    client.post(url("copy", coming.alix_sheet.pk), {**typed, "paper": "passport", "scan": scan()})
    client.force_login(coming.bea)
    page = client.get(url("copy", coming.bea_sheet.pk)).text
    assert 'name="scan"' in page
    assert not any(f'name="{name}"' in page for name in ("started", "finished", "paper"))
    assert client.post(url("copy", coming.bea_sheet.pk), {"scan": scan(3)}).status_code == 302
    assert fresh(coming.bea_sheet).source == "paper"
    assert fresh(coming.alix_sheet).scan.pages == 2


def test_a_paper_sheet_is_not_signed_without_its_scan(coming, client):
    client.force_login(coming.alix)
    _, typed = hours(coming)
    client.post(url("copy", coming.alix_sheet.pk), typed)
    score_all(coming.alix, coming.alix_sheet)
    [one] = missing(coming.alix_sheet)
    assert one.url == url("copy", coming.alix_sheet.pk)
    with pytest.raises(TransitionRefused) as refused:
        sign(coming.alix, coming.alix_sheet)
    assert refused.value.missing == [one]
    client.post(url("copy", coming.alix_sheet.pk), {"scan": scan()})
    assert missing(coming.alix_sheet) == []
    assert sign(coming.alix, coming.alix_sheet).state == "signed"


@pytest.fixture
def direct(branch):
    """An interview of yesterday whose evaluators have one sheet for both."""
    return make_coming(make_referentiel(branch))


def test_a_new_scan_of_the_one_sheet_of_two_evaluators_is_signed_anew_by_both(direct, client):
    client.force_login(direct.alix)
    sheet = direct.interview.sheets.get()
    code = str(SheetCode(CodeKind.JOINT, direct.interview.pk))
    address = client.post(url("paper_code"), {"code": code}).url
    assert address == url("copy", sheet.pk)
    assert client.post(address, {**hours(direct)[1], "scan": scan()}).url == url("joint", sheet.pk)
    score_all(direct.alix, sheet, 1)
    sign(direct.alix, sheet)
    copy_from_paper(sheet, by=direct.bea, upload=scan(3))
    assert sign(direct.bea, sheet).state == "open"
    assert sign(direct.alix, sheet).state == "signed"


def test_sending_the_same_form_twice_changes_nothing_more(running):
    for _ in range(2):
        copy_from_paper(running.alix_sheet, by=running.alix, upload=scan())
    assert running.alix_sheet.revisions.filter(kind="source").count() == 1
    assert StoredFile.objects.count() == 1


def test_a_better_scan_takes_the_place_of_the_first_which_stays_in_the_trace(running):
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan(1))
    copy_from_paper(running.alix_sheet, by=running.alix, upload=scan(2))
    sheet = fresh(running.alix_sheet)
    assert sheet.scan.pages == 2
    first, second = sheet.revisions.filter(kind="source").order_by("seq")
    assert (first.payload["scan"]["pages"], second.payload["scan"]["pages"]) == (1, 2)
    assert StoredFile.objects.get(key=first.payload["scan"]["key"]).file.storage.exists(
        StoredFile.objects.get(key=first.payload["scan"]["key"]).file.name
    )


def test_a_sheet_said_to_be_paper_by_mistake_becomes_one_of_the_screen_again(running, client):
    client.force_login(running.alix)
    copy_from_paper(running.alix_sheet, by=running.alix)
    score_all(running.alix, running.alix_sheet)
    assert client.post(url("copy", running.alix_sheet.pk), {"screen": "1"}).status_code == 302
    sheet = fresh(running.alix_sheet)
    assert (sheet.source, sheet.scan) == ("screen", None)
    assert not broken(sheet)
    assert sign(running.alix, running.alix_sheet).state == "signed"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"started": "09:30", "finished": "09:30"}, "se termine après avoir commencé"),
        ({"started": "09:30", "finished": "09:00"}, "se termine après avoir commencé"),
        ({"started": "", "finished": "09:00"}, "Ce champ est obligatoire"),
        ({"started": "09:00"}, "Ce champ est obligatoire"),
        ({"started": "25:00", "finished": "09:00"}, "Saisissez une heure valide"),
        ({"started": "<b>", "finished": "\x00"}, "Saisissez une heure valide"),
        ({"started": "09:00", "finished": "09:30", "paper": "library_card"}, "library_card"),
    ],
)
def test_hours_that_make_no_sense_are_told_and_nothing_is_kept(coming, client, typed, told):
    client.force_login(coming.alix)
    answer = client.post(url("copy", coming.alix_sheet.pk), {**typed, "scan": scan()})
    assert answer.status_code == 422
    assert told in answer.text
    assert fresh(coming.alix_sheet).source == "screen"
    assert not StoredFile.objects.exists()
    assert Interview.objects.get(pk=coming.interview.pk).state == "planned"


def test_an_hour_to_come_is_refused(coming, client):
    start = timezone.now() + dt.timedelta(days=1)
    Interview.objects.filter(pk=coming.interview.pk).update(start=start)
    client.force_login(coming.alix)
    answer = client.post(url("copy", coming.alix_sheet.pk), {"started": "09:00", "finished": "09:30"})
    assert answer.status_code == 422
    assert "pas encore passée" in answer.text


def test_a_session_that_is_not_at_interviews_keeps_nothing(coming, client):
    coming.session.__class__.objects.filter(pk=coming.session.pk).update(state="deposit")
    client.force_login(coming.alix)
    _, typed = hours(coming)
    answer = client.post(url("copy", coming.alix_sheet.pk), {**typed, "scan": scan()})
    assert answer.status_code == 422
    assert "pas aux entretiens" in answer.text
    assert not StoredFile.objects.exists()
    assert not Operation.objects.exists()
    assert fresh(coming.alix_sheet).source == "screen"


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 200


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Ce fichier est vide"),
        (JPEG, "Cette image"),
        (b"%PDF-1.7 tronqu", "abîmé"),
        (b"<html><script>alert(1)</script>", "page web"),
    ],
)
def test_what_is_not_a_pdf_is_refused_with_what_to_do(coming, client, content, told):
    client.force_login(coming.alix)
    upload = SimpleUploadedFile("grille.pdf", content, "application/pdf")
    answer = client.post(url("copy", coming.alix_sheet.pk), {**hours(coming)[1], "scan": upload})
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)
    assert not StoredFile.objects.exists()
    assert fresh(coming.alix_sheet).source == "screen"
    assert Interview.objects.get(pk=coming.interview.pk).state == "planned"


def test_a_body_that_is_too_large_leads_an_evaluator_home(running, client):
    client.force_login(running.alix)
    large = SimpleUploadedFile("grille.pdf", bytes(MAX_BYTES + 10**6), "application/pdf")
    answer = client.post(url("copy", running.alix_sheet.pk), {"scan": large})
    assert answer.status_code == 413
    assert reverse("home") in answer.text
    assert "mon parcours" not in answer.text


def test_a_file_is_not_left_behind_when_the_sheet_is_refused(running, tmp_path):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    for write in (copy_from_paper, attach_scan):
        with pytest.raises(PaperRefused, match="signée"):
            write(running.alix_sheet, by=running.alix, upload=scan())
    with pytest.raises(PaperRefused, match="signée"):
        back_to_screen(running.alix_sheet, by=running.alix)
    assert not StoredFile.objects.exists()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("who", ["bea", "admin"])
def test_nobody_else_says_that_a_sheet_comes_from_paper(running, client, who):
    client.force_login(getattr(running, who))
    assert client.post(url("copy", running.alix_sheet.pk), {"scan": scan()}).status_code == 404
    with pytest.raises(PaperRefused, match="pas la vôtre"):
        copy_from_paper(running.alix_sheet, by=getattr(running, who), upload=scan())
    with pytest.raises(PaperRefused, match="pas la vôtre"):
        back_to_screen(running.alix_sheet, by=getattr(running, who))


def test_an_agreement_is_not_copied_from_paper(running, client):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    client.force_login(running.alix)
    assert client.get(url("copy", joint.pk)).status_code == 404
    with pytest.raises(PaperRefused):
        copy_from_paper(joint, by=running.alix, upload=scan())


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
