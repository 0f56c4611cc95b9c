"""What stands in the way of handing a dossier in, and what is declared with it."""

import hashlib

import pypdfium2
import pytest
from django.urls import reverse

from candidates.dossiers.submission import EMPLOYER, NO_RECRUITMENT, OWN_WORK, RECRUITED, Declaration, submit_dossier
from candidates.models import Answer, Dossier, Upload
from cqp.documents import services as documents
from cqp.models import JournalEntry
from cqp.workflow import TransitionRefused
from tests.candidates.dossiers.scene import BOXES, ON_HONOUR, add_checked, fill, item, pdf
from tests.factories import make_enrolment, make_session


@pytest.fixture
def draft(referentiel):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(referentiel), blocs=[1]))


@pytest.fixture
def candidate(draft):
    return draft.enrolment_bloc.enrolment.candidate.user


def test_written_answers_cover_their_headings(client, draft, candidate):
    for heading in draft.enrolment_bloc.bloc.trame_items.all():
        Answer.objects.create(dossier=draft, trame_item=heading, text=f"Réponse {heading.position}")
    client.force_login(candidate)
    response = client.post(reverse("candidate:submit", args=[draft.pk]), BOXES)
    assert response.url == reverse("candidate:receipt", args=[draft.pk])
    page = client.get(response.url).content.decode()
    assert page.count("SHA-256 :") == draft.answers.count()


def test_blank_answers_and_refused_files_cover_nothing(draft, candidate):
    fill(draft, candidate)
    Answer.objects.create(dossier=draft, trame_item=item(draft, 1), text=" \n ")
    refused = draft.files.get(trame_item=item(draft, 1)).stored_file
    refused.state, refused.refusal = "refused", "Illisible."
    refused.save()
    with pytest.raises(TransitionRefused) as caught:
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    assert [one.text for one in caught.value.missing] == [
        "Rubrique 1 : ni fichier, ni réponse écrite",
        "« r1.pdf » n'a pas pu être accepté : remplacez-le ou retirez-le",
    ]


@pytest.mark.parametrize(
    ("state", "refusal", "words"),
    [
        ("receiving", "", "finissez l'envoi"),
        ("joining", "", "vérification"),
        ("refused", "Illisible.", "lisez pourquoi"),
    ],
)
def test_what_is_still_arriving_is_said_and_holds_the_submission(draft, candidate, state, refusal, words):
    fill(draft, candidate)
    Upload.objects.create(dossier=draft, name="plan.docx", size=10, received=2, state=state, refusal=refusal)
    with pytest.raises(TransitionRefused) as caught:
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    assert words in caught.value.missing[0].text
    assert "« plan.docx »" in caught.value.missing[0].text


def test_tools_that_were_used_are_told_and_kept(client, draft, candidate):
    add_checked(draft, None, pdf(), by=candidate)
    client.force_login(candidate)
    url = reverse("candidate:submit", args=[draft.pk])
    answer = client.post(url, {**BOXES, "tools_used": "yes"})
    assert answer.status_code == 422
    assert "quels outils" in answer.context["refusal"]
    client.post(url, {**BOXES, "tools_used": "yes", "tools": "Un correcteur, pour l'orthographe"})
    draft.refresh_from_db()
    assert "Outils et usages : Un correcteur, pour l'orthographe" in draft.receipt.context["declaration"]


# --- The receipt ---------------------------------------------------------------------------------------------------


def words(document):
    """What a PDF says, its line breaks and narrow spaces read as spaces."""
    document.refresh_from_db()
    pages = pypdfium2.PdfDocument(bytes(document.bytes))
    said = " ".join(page.get_textpage().get_text_bounded() for page in pages)
    return " ".join(said.replace("\u202f", " ").split())


def test_the_receipt_on_paper_says_all_that_was_received_and_declared(draft, candidate, run_tasks):
    add_checked(draft, item(draft, 1), pdf("L'été à Nîmes.pdf", pages=2), by=candidate)
    for position in (2, 3, 4):
        Answer.objects.create(dossier=draft, trame_item=item(draft, position), text="Mon équipe")
    declaration = Declaration(own_work=True, employer=True, tools="Un correcteur, pour l'orthographe")
    submitted = submit_dossier(draft, by=candidate, declaration=declaration)
    run_tasks()
    said = words(submitted.receipt)
    stored = draft.files.get().stored_file
    for expected in (
        submitted.receipt.reference,
        f"DP-{draft.pk:06d}-1",
        "heure de Paris",
        "L'été à Nîmes.pdf",
        str(stored.size),
        OWN_WORK,
        EMPLOYER,
        "Un correcteur, pour l'orthographe",
    ):
        assert expected in said
    joined = said.replace(" ", "")
    assert stored.sha256 in joined
    assert joined.count(hashlib.sha256("Mon équipe".encode()).hexdigest()) == 3


def test_the_receipt_s_number_is_in_the_mail_and_its_pdf_is_downloaded_once_made(
    client, draft, candidate, run_tasks, mailoutbox
):
    fill(draft, candidate)
    submitted = submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    client.force_login(candidate)
    url = reverse("candidate:receipt_pdf", args=[draft.pk])
    assert client.get(url).status_code == 202
    run_tasks()
    assert client.get(url).headers["Content-Disposition"] == f'attachment; filename="{submitted.receipt.file_name}"'
    assert f"Récépissé : {submitted.receipt.reference}" in mailoutbox[0].body


@pytest.mark.parametrize(("recruited", "sentence"), [(True, RECRUITED), (False, NO_RECRUITMENT)])
def test_what_was_said_of_recruitment_is_on_the_receipt(referentiel, recruited, sentence):
    dossier = Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(make_session(referentiel), blocs=[2]))
    user = dossier.enrolment_bloc.enrolment.candidate.user
    fill(dossier, user)
    submitted = submit_dossier(dossier, by=user, declaration=ON_HONOUR, recruited=recruited)
    assert submitted.receipt.context["declaration"][-1] == sentence


def test_a_receipt_that_could_not_be_issued_leaves_the_dossier_in_progress(draft, candidate, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    fill(draft, candidate)
    monkeypatch.setattr(documents, "issue", fail)
    with pytest.raises(RuntimeError):
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not JournalEntry.objects.filter(verb__in=("dossier.submit", "dossier.received")).exists()
