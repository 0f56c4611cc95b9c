"""Whose an upload is, and until when."""

import datetime as dt

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.upload_joining import join_upload
from candidates.models import Upload
from tests.candidates.dossiers.uploads.tus import TUS, begin, begun, offset, piece
from tests.factories import make_enrolment, make_pdf, submit

pytestmark = pytest.mark.database


def test_whoever_is_logged_out_is_told_so_without_a_redirection(phone, dossier):
    url = begun(phone, dossier, 10)
    phone.logout()
    assert {begin(phone, dossier, 10).status_code, piece(phone, url, 0, b"1").status_code} == {401}
    assert "expiré" in piece(phone, url, 0, b"1").json()["message"]


def test_another_candidate_s_upload_does_not_exist(phone, dossier, session):
    url = begun(phone, dossier, 10)
    phone.force_login(make_enrolment(session, blocs=[1]).candidate.user)
    answers = [
        phone.head(url, headers=TUS),
        piece(phone, url, 0, b"1"),
        phone.delete(url, headers=TUS),
        begin(phone, dossier, 5),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert phone.post(reverse("candidate:abandon-upload", args=[Upload.objects.get().key])).status_code == 404
    assert Upload.objects.get().received == 0


def test_the_token_against_forgery_is_asked_for_with_every_method(phone, dossier):
    url = begun(phone, dossier, 10)
    phone.handler.enforce_csrf_checks = True
    answers = [begin(phone, dossier, 10), piece(phone, url, 0, b"1"), phone.delete(url, headers=TUS)]
    assert {answer.status_code for answer in answers} == {403}
    assert not any("Tus-Resumable" in answer.headers for answer in answers)
    assert Upload.objects.get().received == 0


def test_nothing_is_added_to_a_dossier_that_was_handed_in(phone, dossier):
    url = begun(phone, dossier, 10)
    submit(dossier)
    answers = [begin(phone, dossier, 10), piece(phone, url, 0, b"1")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("déposé" in answer.json()["message"] for answer in answers)
    assert offset(phone, url) == 0


def test_past_the_deadline_an_upload_that_had_begun_may_finish_and_none_may_begin(phone, dossier, session):
    url = begun(phone, dossier, 4)
    Upload.objects.update(begun_at=timezone.now() - dt.timedelta(hours=1))
    session.deposit_closes_at = timezone.now() - dt.timedelta(minutes=5)
    session.save()
    assert piece(phone, url, 0, b"12").status_code == 204
    refused = begin(phone, dossier, 10)
    assert (refused.status_code, "date limite" in refused.json()["message"]) == (403, True)
    session.deposit_grace_minutes = 5
    session.deposit_closes_at = timezone.now() - dt.timedelta(minutes=6)
    session.save()
    assert piece(phone, url, 2, b"34").status_code == 403


def test_what_was_refused_says_why_to_the_device_that_sent_it(phone, dossier):
    url = begun(phone, dossier, 4)
    Upload.objects.update(state="refused", refusal="Ce fichier est vide.")
    answer = piece(phone, url, 0, b"1")
    assert (answer.status_code, answer.json()["message"]) == (410, "Ce fichier est vide.")
    assert phone.head(url, headers=TUS).status_code == 410
    assert phone.delete(url, headers=TUS).status_code == 204
    assert phone.head(url, headers=TUS).status_code == 404


def test_a_file_that_is_joined_while_the_page_is_read_is_on_the_page(phone, dossier):
    """The worker comes between two queries of the page: it shows what was arriving, what is there, or both; never neither."""
    url = begun(phone, dossier, len(content := make_pdf()), name="rubrique-1.pdf")
    piece(phone, url, 0, content)
    upload, joined = Upload.objects.get(state="joining"), []

    def come_between(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        first = 'FROM "candidates_dossierfile"' in sql or 'FROM "candidates_upload"' in sql
        if first and not joined:
            joined.append(upload.pk)
            join_upload.func(upload.pk)
        return found

    with connection.execute_wrapper(come_between):
        page = phone.get(f"/candidat/dossiers/{dossier.pk}/").content.decode()
    assert joined
    assert dossier.files.count() == 1
    assert "rubrique-1.pdf" in page
