"""A form filled by hand: its scan, its hours, then the usual sheet."""

import datetime as dt
import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.models import Interview, Reception
from cqp.files.inspection import MAX_BYTES
from cqp.models import Operation, StoredFile
from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import broken
from evaluations.paper.codes import CodeKind, SheetCode
from evaluations.paper.services import PaperRefused, attach_scan, back_to_screen, copy_from_paper
from tests.evaluations.paper.scene import JPEG, fresh, hours, missing, scan
from tests.evaluations.sheets.screen import url
from tests.evaluations.sheets.scribe import score_all, sign

pytestmark = pytest.mark.django_db


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
