"""Answers written in the plain form, and who reads them."""

import pytest
from django.urls import reverse

from candidates.models import Answer, Dossier
from tests import factories as make
from tests.candidates.dossiers.answers.scene import fill_form, form_url, hand_in, operation, text_of, write

pytestmark = pytest.mark.django_db


# --- The plain form


def test_without_script_a_form_saves_the_answer_and_leads_back_to_the_heading(as_lea, dossier):
    response = fill_form(as_lea, dossier, "Mon équipe.\r\n\r\n- pain", position=2)
    assert response.url == f"{reverse('candidate:dossier', args=[dossier.pk])}#rubrique-2"
    assert text_of(dossier, 2) == "Mon équipe.\n\n- pain"
    assert "Votre réponse à la rubrique 2 est enregistrée." in as_lea.get(response.url).text


def test_the_form_counts_a_line_end_as_one_character(as_lea, dossier):
    assert fill_form(as_lea, dossier, "a\r\n" * 10_000).status_code == 302


def test_an_answer_too_long_is_given_back_to_be_shortened(as_lea, dossier):
    response = fill_form(as_lea, dossier, "x" * 20_001)
    assert response.status_code == 422
    assert "20001 caractères, 20000 au plus" in response.text
    assert "x" * 20_001 in response.text
    assert not Answer.objects.exists()


def test_an_answer_that_comes_too_late_is_given_back_and_stays_on_the_dossiers_page(as_lea, dossier):
    hand_in(dossier)
    response = fill_form(as_lea, dossier, "Trop **tard**.")
    assert response.status_code == 409
    assert "n'a pas été prise en compte" in response.text
    assert "Trop **tard**." in response.text
    page = as_lea.get(reverse("candidate:dossier", args=[dossier.pk])).text
    assert "ce n'est pas dans le dossier" in page
    assert "<p>Trop <strong>tard</strong>.</p>" in page


def test_a_text_refused_and_then_written_in_time_is_not_shown_again(as_lea, lea, dossier):
    hand_in(dossier)
    fill_form(as_lea, dossier, "Trop tard.")
    dossier.state, dossier.submitted_at = "draft", None
    dossier.save()
    url = reverse("candidate:dossier", args=[dossier.pk])
    assert "Trop tard." in as_lea.get(url).text
    write(lea, dossier, operation(dossier, text="Autre chose."))
    assert "Trop tard." not in as_lea.get(url).text


def test_a_text_that_waited_while_the_dossier_was_sent_back_is_shown_on_its_next_version(as_lea, lea, dossier):
    hand_in(dossier)
    write(lea, dossier, operation(dossier, text="Resté sur le téléphone."))
    following = Dossier.objects.create(enrolment_bloc=dossier.enrolment_bloc, version=2)
    assert "Resté sur le téléphone." in as_lea.get(reverse("candidate:dossier", args=[following.pk])).text


def test_a_text_written_elsewhere_since_the_page_opened_is_given_back(as_lea, lea, dossier):
    write(lea, dossier, operation(dossier, text="Du téléphone."))
    response = fill_form(as_lea, dossier, "Du formulaire.")
    assert response.status_code == 200
    assert "Elle remplace le texte ci-dessous" in response.text
    assert "Du téléphone." in response.text
    assert text_of(dossier) == "Du formulaire."
    assert fill_form(as_lea, dossier, "Du téléphone.", base_seq=2).status_code == 302


def test_a_form_without_its_rank_loses_no_word(as_lea, dossier):
    response = as_lea.post(form_url(dossier), {"text": "Mon équipe.", "base_seq": "x"})
    assert response.status_code == 422
    assert "Mon équipe." in response.text


def test_a_heading_that_does_not_exist_is_a_404(as_lea, dossier):
    assert fill_form(as_lea, dossier, "Mon équipe.", position=0).status_code == 404
    assert fill_form(as_lea, dossier, "Mon équipe.", position=99).status_code == 404


# --- Reading


def test_a_draft_shows_each_answer_in_a_form_and_a_dossier_handed_in_as_text(as_lea, lea, dossier):
    write(lea, dossier, operation(dossier, text="J'ai **décidé** & <fait>"))
    url = reverse("candidate:dossier", args=[dossier.pk])
    page = as_lea.get(url).text
    assert "J&#x27;ai **décidé** &amp; &lt;fait&gt;</textarea>" in page
    assert page.count("data-answer=") == dossier.enrolment_bloc.bloc.trame_items.count()
    hand_in(dossier)
    page = as_lea.get(url).text
    assert "<p>J&#x27;ai <strong>décidé</strong> &amp; &lt;fait&gt;</p>" in page
    assert "data-answer=" not in page
    assert "answers.js" not in page


def test_the_branch_reads_the_answers(client, lea, dossier):
    write(lea, dossier, operation(dossier, 2, "J'ai **décidé**."))
    enrolment = dossier.enrolment_bloc.enrolment
    client.force_login(make.make_admin(enrolment.session.branch))
    page = client.get(reverse("branch:enrolment", args=[enrolment.pk])).text
    assert "<p>J&#x27;ai <strong>décidé</strong>.</p>" in page
    assert "Rubrique 2" in page
