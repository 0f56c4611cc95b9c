"""What came too late: kept, and read with its content by the branch and by its author."""

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Incident
from cqp.models import Operation
from evaluations.models import ScoringSheet
from evaluations.sheets.refusals import refused_by_interview, refused_operations
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.candidates.branch_pages import text
from tests.evaluations.sheets.scribe import operation, score_all, send, sign

pytestmark = pytest.mark.django_db


def refused(user, sheet, kind="score", **payload) -> Operation:
    """An operation as kept when it came too late."""
    return Operation.objects.create(
        user=user,
        key=operation(kind)["key"],
        stream=f"sheet:{sheet.pk}",
        kind=kind,
        payload=payload,
        base_seq=0,
        device="tablette <1>",
        at=timezone.now(),
        status="refused",
        refusal="La fiche est signée.",
    )


def words(sheet) -> list[str]:
    return [one.what for one in refused_operations(ScoringSheet.objects.filter(pk=sheet.pk))]


def interview_page(running) -> str:
    return reverse("branch:interview", args=[running.interview.pk])


def first(sheet) -> int:
    order = ["criterion__competence__activity__position", "criterion__competence__position", "criterion__position"]
    return sheet.scores.order_by(*order).first().criterion_id


def test_a_touch_after_signing_is_shown_to_the_branch_with_its_content(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    send(running.alix, running.alix_sheet, operation("score", criterion=first(running.alix_sheet), level=0))
    client.force_login(running.admin)
    page = client.get(interview_page(running))
    said = text(page)
    assert "1 saisie refusée" in said
    assert "C1.1, critère 1 : Non démontré" in said
    assert "La fiche est signée" in said
    assert f"{running.alix}, " in said
    assert "« tablette »" in said
    assert reverse("branch:sheet", args=[running.alix_sheet.pk]) in page.text


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("note", {"text": "Vu <b>trop</b> tard"}, "C1.1, critère 1 : « Vu <b>trop</b> tard »"),
        ("note", {"text": ""}, "C1.1, critère 1 : texte retiré"),
        ("score", {"level": None}, "C1.1, critère 1 : niveau retiré"),
        ("score", {"level": 2}, "C1.1, critère 1 : Démontré"),
        ("identity", {"paper": "passport"}, "pièce d'identité : passeport"),
        ("attendance", {"strokes": [[[1, 2]]]}, "émargement du candidat"),
        ("start", {}, "début de l'entretien"),
        ("absent", {"excused": True, "reason": "Grève."}, "absence du candidat : excusée, « Grève. »"),
        ("incident", {"category": "health", "text": "Malaise."}, "incident : malaise, santé, « Malaise. »"),
        ("sign", {"digest": "0" * 64}, "signature de la fiche"),
    ],
)
def test_what_was_refused_is_said_in_words(running, kind, payload, expected):
    criterion = {"criterion": first(running.alix_sheet)} if kind in ("note", "score") else {}
    refused(running.alix, running.alix_sheet, kind, **criterion, **payload)
    assert words(running.alix_sheet) == [expected]


def test_a_refused_verdict_names_its_competence(running):
    competence = running.alix_sheet.verdicts.select_related("competence").first().competence
    refused(running.alix, running.alix_sheet, "verdict", competence=competence.pk, outcome="acquired", comment="Oui.")
    assert words(running.alix_sheet) == [f"avis sur {competence.code} : acquise, « Oui. »"]


@pytest.mark.parametrize(
    "payload",
    [
        {"criterion": [1], "level": [2], "paper": ["x"], "category": {"a": 1}, "outcome": 3.5},
        {"criterion": 10**30, "competence": "C1", "level": {}},
        {"criterion": True, "text": ["<script>alert(1)</script>"]},
        {},
    ],
)
def test_a_hostile_payload_is_shown_without_harm(running, client, payload):
    refused(running.alix, running.alix_sheet, "score", **payload)
    client.force_login(running.admin)
    response = client.get(interview_page(running))
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_an_evaluator_finds_their_own_on_their_pages_and_not_the_other_s(running, client):
    refused(running.alix, running.alix_sheet, "note", criterion=first(running.alix_sheet), text="Trop tard.")
    refused(running.bea, running.bea_sheet, "note", criterion=first(running.bea_sheet), text="De Béa.")
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    client.force_login(running.alix)
    for page in (reverse("evaluator:home"), reverse("evaluator:sheet", args=[running.alix_sheet.pk])):
        said = text(client.get(page))
        assert "1 saisie n'a pas été prise en compte" in said
        assert "« Trop tard. »" in said
        assert "De Béa." not in said
    assert "saisie" not in text(client.get(reverse("evaluator:sheet", args=[running.bea_sheet.pk])))


def test_three_are_counted_in_words(running, client):
    for _ in range(3):
        refused(running.alix, running.alix_sheet, "start")
    client.force_login(running.alix)
    assert "3 saisies n'ont pas été prises en compte" in text(client.get(reverse("evaluator:home")))


def test_a_replaced_evaluator_still_finds_what_was_refused(running, client):
    refused(running.bea, running.bea_sheet, "start")
    running.bea_sheet.assignment.state = "replaced"
    running.bea_sheet.assignment.save()
    client.force_login(running.bea)
    assert "1 saisie n'a pas été prise en compte" in text(client.get(reverse("evaluator:home")))


def test_once_the_results_are_published_the_home_page_says_it_no_longer(running, client):
    refused(running.alix, running.alix_sheet, "start")
    running.session.state, running.session.published_at = "decided", timezone.now()
    running.session.save()
    client.force_login(running.alix)
    assert "pas été prise en compte" not in text(client.get(reverse("evaluator:home")))


def test_an_administrator_who_still_scores_alone_does_not_read_the_other_s(running, client, branch):
    branch.administrators.add(running.alix)
    refused(running.bea, running.bea_sheet, "note", criterion=first(running.bea_sheet), text="De Béa.")
    client.force_login(running.alix)
    assert "De Béa." not in text(client.get(interview_page(running)))
    client.force_login(running.admin)
    assert "De Béa." in text(client.get(interview_page(running)))


def test_an_administrator_who_evaluated_reads_them_once_the_interview_was_interrupted(running, client, branch):
    branch.administrators.add(running.alix)
    refused(running.bea, running.bea_sheet, "note", criterion=first(running.bea_sheet), text="De Béa.")
    send(running.bea, running.bea_sheet, operation("interrupt", reason="Malaise."))
    client.force_login(running.alix)
    assert "De Béa." in text(client.get(interview_page(running)))


def test_what_was_applied_is_not_told(running):
    send(running.alix, running.alix_sheet, operation("score", criterion=first(running.alix_sheet), level=2))
    assert words(running.alix_sheet) == []


def test_another_sheet_s_are_not_told(running):
    refused(running.bea, running.bea_sheet, "start")
    assert words(running.alix_sheet) == []


def test_they_are_counted_by_interview(running):
    refused(running.alix, running.alix_sheet, "start")
    refused(running.bea, running.bea_sheet, "start")
    elsewhere = make.make_session(running.session.referentiel, state="interviews")
    assert refused_by_interview(running.session) == {running.interview.pk: 2}
    assert refused_by_interview(elsewhere) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_reading_them_costs_the_same_whatever_their_number(running, django_assert_num_queries, count):
    for _ in range(count):
        for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
            refused(user, sheet, "note", criterion=first(sheet), text="x")
    with django_assert_num_queries(4):
        assert len(refused_operations(ScoringSheet.objects.filter(interview=running.interview))) == 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_counts_what_happened_at_the_same_cost(running, client, django_assert_num_queries, count):
    client.force_login(running.admin)
    for _ in range(count - 1):
        row = make.make_enrolment(running.session, blocs=[1]).enrolment_blocs.get()
        open_sheets(make.make_interview(row, list(running.session.appointments.all()), state="running"))
    for interview in running.session.enrolments.first().enrolment_blocs.get().interviews.all():
        Incident.objects.create(interview=interview, category="other", text="x", reported_by=running.alix)
    refused(running.alix, running.alix_sheet, "start")
    client.get(reverse("branch:session", args=[running.session.pk]))
    with django_assert_num_queries(34):
        said = text(client.get(reverse("branch:session", args=[running.session.pk])))
    assert f"Entretiens en cours : {count}" in said
    assert "Incidents : 1" in said
    assert "Saisies refusées : 1" in said


def test_an_absent_candidate_s_interview_is_on_the_board_when_something_was_refused(running, client):
    row = make.make_enrolment(running.session, blocs=[1]).enrolment_blocs.get()
    interview = make.make_interview(row, list(running.session.appointments.all()))
    open_sheets(interview)
    type(interview).objects.filter(pk=interview.pk).update(state="absent")
    sheet = interview.sheets.first()
    client.force_login(running.admin)
    board = reverse("branch:session", args=[running.session.pk])
    named = f"{row.enrolment.candidate}, bloc 1"
    assert named not in text(client.get(board)).partition("Délibération")[2].partition("candidats")[0]
    refused(sheet.assignment.appointment.user, sheet, "start")
    said = text(client.get(board)).partition("Délibération")[2].partition("candidats")[0]
    assert named in said
    assert "à signer" not in said.partition(named)[2]
