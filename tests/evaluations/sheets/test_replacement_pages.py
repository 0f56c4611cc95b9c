"""The branch gives an evaluator's place to another, on its pages."""

import pytest
from django.urls import reverse

from candidates.appointments.services import affiliate, declare_conflict
from candidates.models import Interview, Organisation
from cqp.models import JournalEntry, Mail
from tests import factories as make
from tests.candidates.branch_pages import text
from tests.evaluations.sheets.replacing import replace, signed
from tests.evaluations.sheets.scribe import operation, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def chloe(running):
    """The third evaluator of the session."""
    return make.make_evaluator(running.session, last_name="Chloé")


@pytest.fixture
def as_admin(running, client):
    client.force_login(running.admin)
    return client


def address(sheet) -> str:
    return reverse("branch:evaluator_replace", args=[sheet.assignment_id])


def values(newcomer, **changed) -> dict:
    return {"appointment": newcomer.pk, "reason": "Malade.", **changed}


def test_the_administrator_replaces_from_the_interview_s_page(running, chloe, as_admin):
    page = as_admin.get(reverse("branch:interview", args=[running.interview.pk]))
    assert address(running.bea_sheet) in page.text
    response = as_admin.post(address(running.bea_sheet), values(chloe), follow=True)
    said = text(response)
    assert f"{chloe.user} évalue l'entretien." in said
    assert f"{running.bea} , remplacé fiche non signée, conservée" in said
    assert f"Évaluateur remplacé : {chloe.user} à la place de {running.bea}. Motif : « Malade. »" in said
    assert {mail.to for mail in Mail.objects.all()} == {running.bea.email, chloe.user.email}


def test_a_double_click_replaces_once(running, chloe, as_admin):
    for _ in range(2):
        response = as_admin.post(address(running.bea_sheet), values(chloe))
        assert response.url == reverse("branch:interview", args=[running.interview.pk])
    assert JournalEntry.objects.filter(verb="interview.evaluator_replaced").count() == 1


def test_reading_the_form_replaces_nobody(running, chloe, as_admin):
    assert str(chloe.user) in text(as_admin.get(address(running.bea_sheet)))
    assert not running.interview.assignments.filter(state="replaced").exists()


def test_without_another_evaluator_the_form_says_whom_to_name(running, as_admin):
    said = text(as_admin.get(address(running.bea_sheet)))
    assert "La session n'a pas d'autre évaluateur." in said


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"appointment": ""}, "Choisissez le nouvel évaluateur."),
        ({"appointment": "999999"}, "Sélectionnez un choix valide"),
        ({"appointment": "1' OR '1"}, "Sélectionnez un choix valide"),
        ({"reason": " "}, "Écrivez le motif"),
        ({"reason": "x" * 501}, "500"),
    ],
)
def test_a_wrong_replacement_comes_back(running, chloe, as_admin, changed, message):
    response = as_admin.post(address(running.bea_sheet), values(chloe, **changed))
    assert response.status_code == 422
    assert message in text(response)
    assert not running.interview.assignments.filter(state="replaced").exists()


def test_neither_the_colleague_nor_somebody_of_another_session_is_a_choice(running, chloe, as_admin):
    others = (
        running.alix_sheet.assignment.appointment,
        make.make_evaluator(make.make_session(chloe.session.referentiel)),
    )
    for other in others:
        assert as_admin.post(address(running.bea_sheet), values(other)).status_code == 422


def test_an_incompatible_person_is_said_so_and_refused(running, chloe, as_admin):
    declare_conflict(appointment=chloe, candidate=running.enrolment.candidate, by=running.admin)
    assert "incompatible : " in text(as_admin.get(address(running.bea_sheet)))
    response = as_admin.post(address(running.bea_sheet), values(chloe, accept="on"))
    assert response.status_code == 422
    assert "un lien avec" in text(response)


def test_a_warning_is_shown_then_accepted(running, chloe, as_admin):
    affiliate(chloe.user, running.session.branch_id, training_centre="CFA de Lyon")
    running.enrolment.training_centre = Organisation.objects.get()
    running.enrolment.save()
    response = as_admin.post(address(running.bea_sheet), values(chloe))
    assert response.status_code == 422
    assert "Je le désigne quand même" in text(response)
    shown = response.context["form"]["shown"].value()
    as_admin.post(address(running.bea_sheet), values(chloe, accept="on", shown=shown))
    assert running.interview.assignments.get(appointment=chloe).state == "active"


def test_a_signed_sheet_has_no_way_to_replace_but_to_reopen(running, chloe, as_admin):
    signed(running.bea, running.bea_sheet)
    assert address(running.bea_sheet) not in as_admin.get(reverse("branch:interview", args=[running.interview.pk])).text
    response = as_admin.post(address(running.bea_sheet), values(chloe))
    assert response.status_code == 422
    assert "a déjà signé : rouvrez d'abord la fiche" in text(response)


def test_who_declined_is_missed_on_the_page_which_leads_to_the_replacement(running, chloe, as_admin):
    running.bea_sheet.assignment.state = "declined"
    running.bea_sheet.assignment.save()
    page = as_admin.get(reverse("branch:interview", args=[running.interview.pk]))
    assert "Il manque un évaluateur" in text(page)
    as_admin.post(address(running.bea_sheet), values(chloe))
    page = as_admin.get(reverse("branch:interview", args=[running.interview.pk]))
    assert "Il manque un évaluateur" not in text(page)
    assert address(running.bea_sheet) not in page.text


def test_the_replaced_evaluator_s_open_sheet_is_read_as_evidence(running, chloe, as_admin):
    score = running.bea_sheet.scores.order_by("pk").first()
    send(running.bea, running.bea_sheet, operation("note", criterion=score.criterion_id, text="Chiffres flous."))
    page = reverse("branch:sheet", args=[running.bea_sheet.pk])
    assert "Chiffres flous." not in text(as_admin.get(page))
    replace(running, chloe)
    said = text(as_admin.get(page))
    assert "Chiffres flous." in said
    assert "n'évalue plus cet entretien (remplacé)" in said
    assert "Motif" not in said


def test_the_board_counts_the_sheets_of_those_who_evaluate(running, chloe, as_admin):
    board = reverse("branch:session", args=[running.session.pk])
    assert "Fiches à signer : 2" in text(as_admin.get(board))
    replace(running, chloe)
    said = text(as_admin.get(board))
    assert "Fiches à signer : 2" in said
    assert f"{chloe.user} : à signer" in said
    assert f"{running.bea} : à signer" not in said


@pytest.mark.parametrize("state", ["planned", "running", "finished"])
def test_the_board_says_where_an_evaluator_declined(running, as_admin, state):
    Interview.objects.update(state=state)
    board = reverse("branch:session", args=[running.session.pk])
    assert "il manque un évaluateur" not in text(as_admin.get(board))
    running.interview.assignments.filter(pk=running.bea_sheet.assignment_id).update(state="declined")
    said = text(as_admin.get(board))
    assert "Évaluateurs à désigner : 1" in said
    assert "il manque un évaluateur" in said


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_costs_the_same_whatever_the_number_of_evaluators(running, as_admin, django_assert_num_queries, count):
    for _ in range(count):
        make.make_evaluator(running.session)
    with django_assert_num_queries(11):
        as_admin.get(address(running.bea_sheet))
