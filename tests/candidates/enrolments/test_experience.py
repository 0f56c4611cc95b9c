"""Who declares that a candidate contributed to no recruitment, until when, and with which trace."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.deposit import DepositRefused
from candidates.dossiers.submission import submit_dossier
from candidates.enrolments.experience import declare_experience
from cqp.models import JournalEntry
from tests.candidates.dossiers.scene import BOXES, ON_HONOUR, fill
from tests.factories import make_admin, make_branch, make_enrolment, make_interview, make_session, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(referentiel):
    """Bloc 2 of a candidate whose dossier is whole but not handed in: its guide asks about recruitment."""
    row = make_enrolment(make_session(referentiel), blocs=[2]).enrolment_blocs.get()
    fill(row.dossiers.get(), row.enrolment.candidate.user)
    return row


@pytest.fixture
def browser(client, row):
    client.force_login(row.enrolment.candidate.user)
    return client


def declared(row):
    row.refresh_from_db()
    return row.declared


def told(row, verb="bloc.declared"):
    entries = JournalEntry.objects.filter(stream=row.enrolment.stream, verb=verb).order_by("seq")
    return [entry.payload for entry in entries]


def hand_in(browser, row, **answers):
    return browser.post(reverse("candidate:submit", args=[row.dossiers.get().pk]), {**BOXES, **answers})


def test_candidate_says_no_and_hands_in(browser, row):
    page = browser.get(reverse("candidate:dossier", args=[row.dossiers.get().pk])).text
    assert "Avez-vous contribué à au moins un recrutement" in page
    assert hand_in(browser, row, recruited="no").status_code == 302
    assert declared(row) == "no_recruitment"
    assert told(row) == [{"bloc": "BC2", "from": "", "to": "no_recruitment"}]
    assert told(row, "dossier.received")[0]["recruited"] is False
    page = browser.get(reverse("candidate:dossier", args=[row.dossiers.get().pk])).text
    assert "Vous avez déclaré n'avoir contribué à aucun recrutement" in page


def test_candidate_says_yes_and_hands_in(browser, row):
    assert hand_in(browser, row, recruited="yes").status_code == 302
    assert declared(row) == ""
    assert told(row) == []
    assert told(row, "dossier.received")[0]["recruited"] is True


@pytest.mark.parametrize("answers", [{}, {"recruited": "perhaps"}])
def test_candidate_who_does_not_answer_hands_nothing_in(browser, row, answers):
    response = hand_in(browser, row, **answers)
    assert response.status_code == 422
    assert not row.dossiers.get().submitted_at
    assert declared(row) == ""


def test_candidate_who_answers_keeps_the_answer_when_something_else_is_missing(browser, row):
    url = reverse("candidate:submit", args=[row.dossiers.get().pk])
    response = browser.post(url, {"recruited": "no"})
    assert response.status_code == 422
    assert "est votre travail" in response.text
    assert 'value="no"' in response.text.split("checked")[0].rsplit("<input", 1)[1]


def test_a_bloc_whose_guide_does_not_ask_has_no_question(client, referentiel):
    row = make_enrolment(make_session(referentiel), blocs=[1]).enrolment_blocs.get()
    client.force_login(row.enrolment.candidate.user)
    assert "recrutement" not in client.get(reverse("candidate:dossier", args=[row.dossiers.get().pk])).text
    fill(row.dossiers.get(), row.enrolment.candidate.user)
    assert hand_in(client, row, recruited="no").status_code == 302
    assert declared(row) == ""


def test_a_refused_hand_in_declares_nothing(row):
    dossier = row.dossiers.get()
    dossier.files.all().delete()
    with pytest.raises(Exception, match=r"."):
        submit_dossier(dossier, by=row.enrolment.candidate.user, declaration=ON_HONOUR, recruited=False)
    assert declared(row) == ""
    assert told(row) == []


def test_candidate_cannot_declare_once_the_interview_has_begun(row):
    interview = make_interview(row, [], state="running")
    row.dossiers.update(state="draft", submitted_at=None)
    with pytest.raises(DepositRefused, match="a commencé"):
        submit_dossier(row.dossiers.get(), by=row.enrolment.candidate.user, declaration=ON_HONOUR, recruited=False)
    assert interview.started_at
    assert declared(row) == ""


# --- The administrator


@pytest.fixture
def office(client, row):
    client.force_login(make_admin(row.enrolment.session.branch))
    return client


def post(office, row, answer):
    return office.post(reverse("branch:recruitment", args=[row.pk]), {"recruited": answer}, follow=True)


def test_administrator_declares_for_the_candidate_then_takes_it_back(office, row):
    submit(row.dossiers.get())
    assert "La déclaration est enregistrée" in post(office, row, "no").text
    assert "questions de remplacement sont posées" in post(office, row, "no").text
    assert declared(row) == "no_recruitment"
    post(office, row, "yes")
    assert declared(row) == ""
    assert [entry["to"] for entry in told(row)] == ["no_recruitment", ""]


def test_administrator_who_chooses_nothing_is_told(office, row):
    response = office.post(reverse("branch:recruitment", args=[row.pk]))
    assert response.status_code == 409
    assert "Choisissez oui ou non" in response.text


def test_nothing_changes_once_the_interview_has_begun(office, row):
    make_interview(row, [], state="finished")
    response = post(office, row, "no")
    assert response.status_code == 409
    assert "L&#x27;entretien a commencé" in response.text
    page = office.get(reverse("branch:enrolment", args=[row.enrolment_id])).text
    assert "Déclaration sur le recrutement" not in page
    assert declared(row) == ""


def test_a_bloc_whose_guide_does_not_ask_is_refused(office, referentiel, row):
    other = make_enrolment(row.enrolment.session, blocs=[3]).enrolment_blocs.get()
    response = post(office, other, "no")
    assert response.status_code == 409
    assert declared(other) == ""


def test_another_branch_declares_nothing(client, row):
    client.force_login(make_admin(make_branch()))
    assert post(client, row, "no").status_code == 404
    with pytest.raises(PermissionError):
        declare_experience(enrolment_bloc=row, recruited=False, by=make_admin(make_branch("encore")))


def test_the_service_says_why_it_refuses(row):
    make_interview(row, [], started_at=timezone.now(), state="running")
    with pytest.raises(ValidationError, match="a commencé"):
        declare_experience(enrolment_bloc=row, recruited=False, by=make_admin(row.enrolment.session.branch))
