"""An evaluator who knows the candidate, or cannot evaluate, steps aside before opening the dossier."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.models import Assignment, Conflict
from candidates.planning.guards import missing_before_interviews
from cqp.evidence import journal
from cqp.models import JournalEntry, Mail, Operation
from evaluations.assignments.services import decline_interview
from tests import factories as make
from tests.evaluations.sheets.screen import add_dossier, criteria, url
from tests.evaluations.sheets.scribe import operation, post

pytestmark = pytest.mark.django_db

LINK = {"ground": "link", "reason": "Nous avons été collègues chez Metro."}
ILL = {"ground": "impediment", "reason": "Je suis en arrêt."}


@pytest.fixture
def planned(running):
    """The interview is to come; both sheets are open ahead, and empty."""
    running.interview.state, running.interview.started_at = "planned", None
    running.interview.save()
    return running.interview


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


def state(running):
    return Assignment.objects.get(interview=running.interview, appointment__user=running.alix).state


def told(running):
    entries = JournalEntry.objects.filter(stream=running.enrolment.stream, verb="interview.declined")
    return [entry.payload for entry in entries]


def test_each_interview_to_come_offers_it_and_the_page_shows_nothing_of_the_dossier(running, as_alix, planned):
    stored = add_dossier(planned)
    assert url("decline", planned.pk) in as_alix.get(url("home")).text
    assert url("decline", planned.pk) in as_alix.get(url("prepare", planned.pk)).text
    page = as_alix.get(url("decline", planned.pk)).text
    assert running.enrolment.candidate.birth_name.removeprefix("N'") in page
    assert str(stored.key) not in page
    assert stored.name not in page


def test_it_is_offered_before_the_undertaking_is_signed(running, as_alix, planned):
    running.session.appointments.update(undertaking_signed_at=None)
    assert url("decline", planned.pk) in as_alix.get(url("home")).text
    assert as_alix.post(url("decline", planned.pk), LINK).status_code == 302
    assert state(running) == "declined"


def test_a_link_is_noted_and_holds_as_a_conflict(running, as_alix, planned):
    response = as_alix.post(url("decline", planned.pk), LINK, follow=True)
    assert "n&#x27;est plus le vôtre" in response.text
    assert state(running) == "declined"
    conflict = Conflict.objects.get()
    assert (conflict.appointment.user, conflict.candidate) == (running.alix, running.enrolment.candidate)
    assert conflict.declared_by == running.alix
    name = str(running.alix)
    assert told(running) == [{"interview": planned.pk, "name": name, **LINK}]
    assert journal.broken(running.enrolment.stream) == []


def test_another_impediment_is_no_conflict(running, as_alix, planned):
    as_alix.post(url("decline", planned.pk), ILL)
    assert state(running) == "declined"
    assert not Conflict.objects.exists()


def test_access_ends_at_once(running, as_alix, planned):
    stored = add_dossier(planned)
    as_alix.post(url("decline", planned.pk), LINK)
    assert as_alix.get(url("prepare", planned.pk)).status_code == 404
    assert as_alix.get(reverse("files:original", args=[stored.key])).status_code == 404
    assert as_alix.post(url("open", planned.pk)).status_code == 404
    assert stored.name not in as_alix.get(url("sheet", running.alix_sheet.pk)).text
    page = as_alix.get(url("home")).text
    assert url("decline", planned.pk) not in page
    assert "Vous n&#x27;évaluez plus cet entretien" in page


def test_what_was_typed_offline_before_is_kept_aside(running, as_alix, planned):
    as_alix.post(url("decline", planned.pk), LINK)
    note = operation("note", criterion=criteria(running.alix_sheet)[0], text="Trop tard")
    assert post(as_alix, running.alix_sheet, note).json()["answers"][0]["status"] == "refused"
    assert Operation.objects.get().payload["text"] == "Trop tard"


def test_the_administrators_are_told_by_a_mail_without_the_reason(running, as_alix, planned):
    make.make_admin(make.make_branch())
    gone = make.make_admin(running.session.branch, is_active=False)
    second = make.make_admin(running.session.branch)
    as_alix.post(url("decline", planned.pk), LINK)
    mails = Mail.objects.filter(template="evaluator_declined")
    assert sorted(mail.to for mail in mails) == sorted([running.admin.email, second.email])
    assert gone.email not in {mail.to for mail in mails}
    for mail in mails:
        assert str(running.alix) in mail.body
        assert "Metro" not in mail.body


def test_the_board_and_the_interviews_page_say_so(running, as_alix, planned, client):
    assert not any(" sur 2." in one.text for one in missing_before_interviews(running.session))
    as_alix.post(url("decline", planned.pk), LINK)
    assert "1 évaluateur sur 2" in " ".join(one.text for one in missing_before_interviews(running.session))
    client.force_login(running.admin)
    page = client.get(reverse("branch:interview", args=[planned.pk])).text
    assert "Évaluateur récusé" in page
    assert LINK["reason"] in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choisissez"),
        ({"ground": "link", "reason": "  "}, "Écrivez le motif"),
        ({"ground": "friend", "reason": "x"}, "choix valide"),
        ({"ground": "link", "reason": "x" * 501}, "500"),
    ],
)
def test_without_a_ground_and_a_reason_nothing_changes(running, as_alix, planned, data, said):
    response = as_alix.post(url("decline", planned.pk), data)
    assert response.status_code == 422
    assert said in response.text
    assert state(running) == "active"
    assert not Mail.objects.exists()


def test_a_second_click_changes_nothing(running, as_alix, planned):
    for _ in range(2):
        response = as_alix.post(url("decline", planned.pk), LINK)
        assert response.url == url("home")
    assert len(told(running)) == 1
    assert Mail.objects.count() == 1


def test_who_has_begun_to_score_is_told_why_not(running, as_alix):
    post(as_alix, running.alix_sheet, operation("score", criterion=criteria(running.alix_sheet)[0], level=2))
    page = as_alix.get(url("decline", running.interview.pk))
    assert "Vous avez commencé à noter" in page.text
    assert 'name="reason"' not in page.text
    assert as_alix.post(url("decline", running.interview.pk), LINK).status_code == 409
    with pytest.raises(ValidationError, match="commencé à noter"):
        decline_interview(assignment=running.alix_sheet.assignment, by=running.alix, **LINK)
    assert state(running) == "active"


def test_who_meets_a_known_face_as_the_interview_begins_still_may(running, as_alix):
    assert as_alix.post(url("decline", running.interview.pk), LINK).status_code == 302
    assert state(running) == "declined"


@pytest.mark.parametrize("over", ["finished", "absent", "cancelled"])
def test_an_interview_that_is_over_is_not_declined(running, as_alix, over):
    running.interview.state = over
    running.interview.save()
    assert as_alix.get(url("decline", running.interview.pk)).status_code == 404
    with pytest.raises(ValidationError, match="déjà"):
        decline_interview(assignment=running.alix_sheet.assignment, by=running.alix, **LINK)
    assert state(running) == "active"


def test_nobody_declines_for_another(running, client, planned):
    for person in (running.admin, running.enrolment.candidate.user, make.make_evaluator(running.session).user):
        client.force_login(person)
        assert client.post(url("decline", planned.pk), LINK).status_code == 404
        with pytest.raises(PermissionError):
            decline_interview(assignment=running.alix_sheet.assignment, by=person, **LINK)
    assert state(running) == "active"


def test_a_replaced_evaluator_has_no_such_page(running, as_alix, planned):
    Assignment.objects.filter(appointment__user=running.alix).update(state="replaced")
    assert as_alix.get(url("decline", planned.pk)).status_code == 404
