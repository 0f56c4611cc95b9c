"""A candidate puts files in a dossier and takes them out, through the pages."""

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from candidates.dossiers.files import add_file, move_file, remove_file
from candidates.dossiers.submission import submit_dossier
from candidates.models import Dossier, DossierFile
from cqp.evidence import journal
from cqp.files import inspection as cqp_files
from cqp.models import StoredFile
from tests.candidates.dossiers.scene import BOXES, ON_HONOUR, item, pdf, send, stored_paths, verbs
from tests.factories import make_enrolment, make_pdf, make_session, submit

PDF = make_pdf()


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def dossier(session):
    enrolment = make_enrolment(session, blocs=[1])
    return Dossier.objects.get(enrolment_bloc__enrolment=enrolment)


@pytest.fixture
def candidate(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def browser(client, candidate):
    client.force_login(candidate)
    return client


# --- Adding --------------------------------------------------------------------------------------------------------


def test_candidate_sends_a_pdf_and_sees_it_under_its_heading(browser, dossier):
    response = send(browser, dossier, pdf("L'été à Nîmes.pdf", pages=2), position=2)
    page = browser.get(response.url.partition("#")[0]).content.decode()
    assert response.url.endswith("#rubrique-2")
    assert "L&#x27;été à Nîmes.pdf" in page
    assert "Vérification en cours" in page
    file = DossierFile.objects.get()
    assert (file.trame_item.position, file.position) == (2, 1)
    stored = file.stored_file
    with stored.file.open() as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == stored.sha256
    assert "Nîmes" not in stored.file.name
    assert verbs(dossier) == ["dossier.file_added"]


def test_candidate_may_send_one_file_for_the_whole_bloc(browser, dossier):
    send(browser, dossier, PDF, position=0)
    assert DossierFile.objects.get().trame_item is None


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 et rien", b"PK\x03\x04" + bytes(99), PDF[: len(PDF) // 2]])
def test_a_file_that_cannot_be_accepted_is_explained_in_place_and_nothing_is_kept(browser, dossier, content):
    response = send(browser, dossier, content, position=2)
    assert response.status_code == 422
    form = response.context["headings"][1].form
    assert form.errors["file"]
    assert form.errors["file"][0] in response.context["refusal"]
    assert not StoredFile.objects.exists()
    assert stored_paths() == []


def test_sending_without_choosing_a_file_says_so(browser, dossier):
    response = browser.post(reverse("candidate:add-file", args=[dossier.pk, 1]))
    assert response.status_code == 422
    assert "Choisissez d'abord un fichier" in response.context["refusal"]


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("../../../etc/passwd.pdf", "passwd.pdf"),
        ("rapport\x00.pdf", "rapport.pdf"),
        ("rapport\u202efdp.exe", "rapportfdp.exe.pdf"),
    ],
)
def test_a_deceiving_name_is_cleaned(dossier, candidate, raw, kept):
    upload = pdf()
    upload._name = raw  # what a client that is not a browser may send
    stored = add_file(dossier, None, upload, by=candidate).stored_file
    assert stored.name == kept
    assert stored.file.name == f"originals/{stored.key.hex[:2]}/{stored.key.hex}"


def test_a_body_far_over_the_limit_gets_a_page_that_says_what_to_do(browser, dossier):
    response = send(browser, dossier, bytes(cqp_files.MAX_BYTES + 10**6))
    assert response.status_code == 413
    assert "50 Mo par fichier" in response.content.decode()
    assert not StoredFile.objects.exists()


def test_a_file_just_over_the_limit_is_refused_under_its_heading(browser, dossier, monkeypatch):
    monkeypatch.setattr(cqp_files, "MAX_BYTES", len(PDF) - 1)
    response = send(browser, dossier, PDF)
    assert response.status_code == 422
    assert "la limite est de" in response.context["refusal"]


def test_a_body_that_is_not_a_form_is_refused_with_a_page(browser, dossier):
    url = reverse("candidate:add-file", args=[dossier.pk, 1])
    response = browser.post(url, data=b"x", content_type="multipart/form-data; boundary=\xe9")
    assert response.status_code == 400


def test_a_form_without_the_csrf_token_is_refused(dossier, candidate, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(candidate)
    assert send(client, dossier, PDF).status_code == 403
    assert not StoredFile.objects.exists()


def test_a_double_click_stores_the_file_once_and_says_it(browser, dossier):
    send(browser, dossier, pdf())
    again = send(browser, dossier, pdf("copie.pdf"))
    page = browser.get(again.url.partition("#")[0]).content.decode()
    assert "déjà reçu" in page
    assert DossierFile.objects.count() == StoredFile.objects.count() == len(stored_paths()) == 1


def test_the_same_file_may_answer_two_headings(browser, dossier):
    send(browser, dossier, pdf(), position=1)
    send(browser, dossier, pdf(), position=2)
    assert DossierFile.objects.count() == 2


def test_a_script_gets_the_same_answers_as_json(browser, dossier):
    headers = {"headers": {"accept": "application/json"}}
    added = send(browser, dossier, PDF, **headers)
    assert (added.status_code, "bien reçu" in added.json()["message"]) == (201, True)
    assert "déjà reçu" in send(browser, dossier, PDF, **headers).json()["message"]
    refused = send(browser, dossier, b"", **headers)
    assert (refused.status_code, "vide" in refused.json()["message"]) == (422, True)
    submit(dossier)
    assert send(browser, dossier, make_pdf("2"), **headers).status_code == 409


def test_nothing_is_left_in_the_store_when_the_database_fails(dossier, candidate, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(journal, "record", fail)
    with pytest.raises(RuntimeError):
        add_file(dossier, None, pdf(), by=candidate)
    assert not StoredFile.objects.exists()
    assert stored_paths() == []


def test_a_heading_of_another_bloc_is_not_a_place_for_a_file(browser, dossier, referentiel, candidate):
    assert send(browser, dossier, PDF, position=9).status_code == 404
    other = referentiel.blocs.get(number=2).trame_items.first()
    with pytest.raises(ValueError, match="another bloc"):
        add_file(dossier, other, pdf(), by=candidate)


# --- Removing and ordering -----------------------------------------------------------------------------------------


def test_a_removed_file_leaves_the_database_and_the_store(
    browser, dossier, candidate, run_tasks, django_capture_on_commit_callbacks
):
    file = add_file(dossier, None, pdf(), by=candidate)
    run_tasks()
    image = file.stored_file.page_path(1)
    assert default_storage.exists(image)
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(reverse("candidate:remove-file", args=[dossier.pk, file.pk]))
    assert response.status_code == 302
    assert not DossierFile.objects.exists()
    assert not StoredFile.objects.exists()
    assert stored_paths() == []
    assert not default_storage.exists(image)
    assert verbs(dossier) == ["dossier.file_added", "dossier.file_removed"]


def test_removing_twice_says_that_it_is_done(browser, dossier, candidate):
    file = add_file(dossier, None, pdf(), by=candidate)
    url = reverse("candidate:remove-file", args=[dossier.pk, file.pk])
    browser.post(url)
    page = browser.post(url, follow=True).content.decode()
    assert "déjà été retiré" in page
    remove_file(file, by=candidate)
    assert verbs(dossier) == ["dossier.file_added", "dossier.file_removed"]


def test_candidate_orders_the_files_of_a_heading(browser, dossier, candidate):
    first, second, third = (add_file(dossier, item(dossier, 1), pdf(text=t), by=candidate) for t in "abc")
    browser.post(reverse("candidate:move-file-up", args=[dossier.pk, third.pk]))
    browser.post(reverse("candidate:move-file-down", args=[dossier.pk, first.pk]))
    assert list(dossier.files.all()) == [third, first, second]
    move_file(third, up=True, by=candidate)
    assert list(dossier.files.all()) == [third, first, second]


# --- Whose it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add-file", "remove-file", "move-file-up", "move-file-down", "submit"])
def test_another_candidate_s_dossier_does_not_exist(client, dossier, candidate, session, name):
    file = add_file(dossier, None, pdf(), by=candidate)
    stranger = make_enrolment(session, blocs=[1]).candidate.user
    client.force_login(stranger)
    extra = {"add-file": [0], "submit": []}.get(name, [file.pk])
    response = client.post(reverse(f"candidate:{name}", args=[dossier.pk, *extra]), BOXES)
    assert response.status_code == 404
    assert list(dossier.files.all()) == [file]


def test_nobody_but_the_candidate_changes_a_dossier(dossier, candidate, session):
    file = add_file(dossier, None, pdf(), by=candidate)
    stranger = make_enrolment(session, blocs=[1]).candidate.user
    for write in (
        lambda: add_file(dossier, None, pdf(text="x"), by=stranger),
        lambda: remove_file(file, by=stranger),
        lambda: move_file(file, up=True, by=stranger),
        lambda: submit_dossier(dossier, by=stranger, declaration=ON_HONOUR),
    ):
        with pytest.raises(PermissionError):
            write()
