"""A candidate asks for all that is kept about them, and receives it."""

import datetime as dt
import hashlib
import io
import json
import tracemalloc
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from candidates.models import DataExport, DossierFile, Session
from candidates.privacy.export import make_export, write_archive
from candidates.privacy.services import request_export
from cqp.models import JournalEntry, StoredFile
from cqp.privacy import search as traces
from tests import factories as make
from tests.evaluations.privacy.story import ADDRESS, SAID, make_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(referentiel):
    return make_story(referentiel)


def archive_of(user) -> tuple[zipfile.ZipFile, dict]:
    content = io.BytesIO()
    write_archive(user, content)
    archive = zipfile.ZipFile(content)
    return archive, json.loads(archive.read("donnees.json"))


def enrolment_of(data) -> dict:
    [candidate] = data["candidat"]
    [enrolment] = candidate["inscriptions"]
    return enrolment


def test_it_holds_what_the_person_said_and_what_was_said_of_them(story):
    _, data = archive_of(story.user)
    assert data["compte"]["adresse"] == ADDRESS
    assert data["candidat"][0]["etat_civil"]["prenoms"] == "Philomène, Zéphirine"
    told = enrolment_of(data)
    for about in (
        told["formateur_referent"],
        told["mesures"],
        told["demande_d_amenagement"],
        told["dossiers"][0]["reponses"],
        told["dossiers"][0]["controles"],
        told["dossiers"][1]["saisies"],
        told["dossiers"][1]["pages_retirees"],
        told["entretiens"][0]["incidents"],
        told["decisions"],
        [sheet["criteres"] for sheet in told["fiches"]],
        [sheet["avis_sur_les_competences"] for sheet in told["fiches"]],
        told["journal"],
    ):
        assert SAID in json.dumps(about)
    assert {mail["objet"] for mail in data["courriels"]} >= {"Les résultats de votre session sont publiés"}
    assert told["entretiens"][0]["accueil"]["signature"] == [[[1, 2], [3, 4]]]


def test_it_holds_the_files_byte_for_byte_and_the_documents(story, run_tasks):
    run_tasks()
    archive, data = archive_of(story.user)
    files = enrolment_of(data)["dossiers"][0]["fichiers"]
    assert len(files) == 4
    for file in files:
        assert hashlib.sha256(archive.read(file["dans_l_archive"])).hexdigest() == file["sha256"]
    names = archive.namelist()
    assert len(names) == len(set(names))
    documents = enrolment_of(data)["documents"]
    assert sorted(one["reference"][:2] for one in documents) == ["LR", "RC"]
    for one in documents:
        content = archive.read(f"documents/{one['reference']}.pdf")
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
    assert sum(name.endswith(("version-1.pdf", "version-2.pdf")) for name in names) == 2
    assert b"donnees.json" in archive.read("LISEZ-MOI.txt")


def test_it_names_no_evaluator_beside_a_comment_and_tells_nobody_else_s_notes(story):
    archive, data = archive_of(story.user)
    told = enrolment_of(data)
    said = json.dumps([told["fiches"], told["journal"], told["entretiens"]], ensure_ascii=False)
    for appointment in story.evaluators:
        assert str(appointment.user) not in said
    assert {sheet["fiche"] for sheet in told["fiches"]} == {"commune", "évaluateur 1", "évaluateur 2"}
    everything = archive.read("donnees.json").decode()
    assert str(story.other.candidate) not in everything
    assert "Je m'appelle Léa" not in everything


def test_before_publication_it_tells_nothing_of_the_jury_or_the_sheets(story):
    Session.objects.filter(pk=story.session.pk).update(state="jury", published_at=None)
    _, data = archive_of(story.user)
    told = enrolment_of(data)
    assert not {"decisions", "fiches", "documents"} & told.keys()
    assert told["entretiens"][0]["incidents"] == []
    assert not [one for one in told["journal"] if one["quoi"].startswith(("sheet.", "decision.", "document."))]


def test_a_file_in_quarantine_stays_with_the_branch(story):
    StoredFile.objects.filter(uploaded_by=story.user).update(quarantine="virus : Eicar")
    archive, data = archive_of(story.user)
    files = enrolment_of(data)["dossiers"][0]["fichiers"]
    assert {(file["quarantaine"], file["dans_l_archive"]) for file in files} == {("virus : Eicar", "")}
    assert not [name for name in archive.namelist() if SAID in name]


# --- Asking for it, and taking it -----------------------------------------------------------------------------------


@pytest.fixture
def lea(referentiel):
    return make.make_enrolment(make.make_session(referentiel), blocs=[1])


def test_a_candidate_asks_is_told_by_mail_and_downloads_their_copy(lea, client, run_tasks, mailoutbox):
    client.force_login(lea.candidate.user)
    page = client.get(reverse("candidate:my-data"))
    assert "120 mois" in page.content.decode()
    assert client.post(reverse("candidate:my-data-ask")).status_code == 302
    assert "en préparation" in client.get(reverse("candidate:my-data")).content.decode()
    run_tasks()
    [mail] = mailoutbox
    assert mail.to == [lea.candidate.user.email]
    assert reverse("candidate:my-data") in mail.body
    export = DataExport.objects.get()
    assert "Télécharger ma copie" in client.get(reverse("candidate:my-data")).content.decode()
    response = client.get(reverse("candidate:my-data-copy", args=[export.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees.zip"'
    content = b"".join(response.streaming_content)
    assert len(content) == export.size
    assert "donnees.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert JournalEntry.objects.filter(stream=lea.stream, verb="data.asked").count() == 1


def test_asked_for_twice_it_is_made_once(lea, run_tasks, mailoutbox):
    first, second = request_export(by=lea.candidate.user), request_export(by=lea.candidate.user)
    assert first == second
    run_tasks()
    make_export.func(first.pk)
    assert len(mailoutbox) == 1
    assert len(list(traces.files_under("exports"))) == 1


def test_a_new_one_takes_the_place_of_the_one_before(lea, run_tasks, django_capture_on_commit_callbacks):
    old = request_export(by=lea.candidate.user)
    run_tasks()
    path = DataExport.objects.get().path
    with django_capture_on_commit_callbacks(execute=True):
        new = request_export(by=lea.candidate.user)
    assert (new == old, default_storage.exists(path)) == (False, False)


def test_one_that_a_worker_lost_is_asked_for_again(lea):
    lost = request_export(by=lea.candidate.user)
    DataExport.objects.update(asked_at=timezone.now() - dt.timedelta(hours=2))
    assert request_export(by=lea.candidate.user) != lost


def test_after_a_week_it_is_gone(lea, client, run_tasks, django_capture_on_commit_callbacks):
    request_export(by=lea.candidate.user)
    run_tasks()
    export = DataExport.objects.get()
    DataExport.objects.update(ready_at=timezone.now() - DataExport.KEPT_FOR)
    client.force_login(lea.candidate.user)
    assert client.get(reverse("candidate:my-data-copy", args=[export.pk])).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        call_command("tick")
    assert not DataExport.objects.exists()
    assert list(traces.files_under("exports")) == []


def test_it_is_the_person_s_alone(lea, referentiel, client, run_tasks):
    request_export(by=lea.candidate.user)
    run_tasks()
    url = reverse("candidate:my-data-copy", args=[DataExport.objects.get().pk])
    other = make.make_enrolment(lea.session).candidate.user
    for person in (other, make.make_admin(referentiel.branch), make.make_evaluator(lea.session).user):
        client.force_login(person)
        assert client.get(url).status_code == 404
    with pytest.raises(PermissionError):
        request_export(by=make.make_evaluator(lea.session).user)


def test_the_archive_of_a_large_dossier_is_not_held_in_memory(lea):
    """Forty files of a megabyte: the archive is written piece by piece."""
    user, dossier = lea.candidate.user, lea.enrolment_blocs.get().dossiers.get()
    for position in range(40):
        stored = StoredFile(
            name=f"{position}.pdf", type="application/pdf", size=10**6, sha256="0" * 64, uploaded_by=user
        )
        stored.file.save("x", ContentFile(bytes(10**6)), save=False)
        stored.save()
        DossierFile.objects.create(dossier=dossier, stored_file=stored, position=position)
    with default_storage.open("written", "wb") as archive:
        tracemalloc.start()
        write_archive(user, archive)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 8 * 10**6
