"""An incident is followed and closed with a decision; while it is open, nothing hides it."""

import pytest

from candidates.interviews.incidents import close_incident, follow_up, open_incident, reopen_incident
from candidates.models import Incident
from cqp.models import JournalEntry
from cqp.workflow import TransitionRefused
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel, state="interviews")


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def evaluators(session):
    return [make.make_evaluator(session) for _ in range(2)]


@pytest.fixture
def incident(session, evaluators):
    enrolment = make.make_enrolment(session, blocs=[1])
    interview = make.make_interview(enrolment.enrolment_blocs.get(), evaluators, state="finished")
    return Incident.objects.create(
        interview=interview, category="technical", text="La tablette s'est éteinte.", reported_by=evaluators[0].user
    )


def text(response) -> str:
    return " ".join(response.text.replace("&#x27;", "'").split())


def test_what_an_evaluator_noted_belongs_to_the_session_and_is_open(session, incident):
    assert (incident.session, incident.state, incident.severity) == (session, "open", "minor")
    assert incident.stream == incident.interview.enrolment_bloc.enrolment.stream


def test_it_is_followed_closed_with_a_decision_and_reopened_for_a_reason(admin, incident):
    follow_up(incident=incident, by=admin, text="Le candidat a été rappelé.", severity="serious")
    with pytest.raises(TransitionRefused, match="demande un motif"):
        close_incident(incident=incident, by=admin, decision=" ")
    close_incident(incident=incident, by=admin, decision="Dix minutes ont été rendues.")
    assert (incident.state, incident.severity, incident.decision) == (
        "closed",
        "serious",
        "Dix minutes ont été rendues.",
    )
    with pytest.raises(TransitionRefused, match="n'est plus possible"):
        close_incident(incident=incident, by=admin, decision="Encore")
    reopen_incident(incident=incident, by=admin, reason="Le candidat conteste.")
    assert (incident.state, incident.decision, incident.closed_at) == ("open", "", None)
    verbs = JournalEntry.objects.filter(stream=incident.stream).values_list("verb", flat=True)
    assert list(verbs) == ["incident.followed", "incident.close", "incident.reopen"]


def test_the_branch_notes_one_about_the_whole_session(session, admin):
    incident = open_incident(session=session, by=admin, category="other", severity="grave", text="Panne de courant")
    assert (incident.interview, incident.stream) == (None, f"session:{session.pk}")


def test_another_branch_touches_nothing(session, incident):
    stranger = make.make_admin(make.make_branch())
    with pytest.raises(PermissionError):
        open_incident(session=session, by=stranger, category="other", severity="minor", text="x")
    with pytest.raises(PermissionError):
        follow_up(incident=incident, by=stranger, text="x", severity="minor")
    with pytest.raises(TransitionRefused, match="pas le droit"):
        close_incident(incident=incident, by=stranger, decision="x")


def test_the_board_says_it_first_until_it_is_closed(client, session, admin, incident):
    client.force_login(admin)
    board = f"/branche/sessions/{session.pk}/"
    assert "1 incident ouvert" in text(client.get(board))
    assert "La tablette" not in text(client.get(board))
    page = client.post(f"/branche/incidents/{incident.pk}/clore/", {"text": ""})
    assert page.status_code == 409
    assert "demande un motif" in text(page)
    client.post(f"/branche/incidents/{incident.pk}/", {"text": "Rappelé.", "severity": "serious"})
    page = text(client.post(f"/branche/incidents/{incident.pk}/clore/", {"text": "Temps rendu."}, follow=True))
    assert "Décision du" in page
    assert "Temps rendu." in page
    assert "Rappelé." in page
    assert "incident ouvert" not in text(client.get(board))
    assert client.post(f"/branche/incidents/{incident.pk}/effacer/").status_code == 404


def test_the_administrator_notes_one_and_nothing_typed_is_lost(client, session, admin, incident):
    client.force_login(admin)
    url = f"/branche/sessions/{session.pk}/incidents/"
    page = client.post(url, {"category": "", "severity": "grave", "text": "Alarme incendie"})
    assert page.status_code == 422
    assert "Alarme incendie" in text(page)
    data = {
        "category": "disturbance",
        "severity": "grave",
        "text": "Alarme incendie",
        "interview": incident.interview_id,
    }
    assert "L'incident est noté." in text(client.post(url, data, follow=True))
    elsewhere = make.make_session(session.referentiel)
    other = make.make_interview(make.make_enrolment(elsewhere, blocs=[1]).enrolment_blocs.get(), [])
    assert client.post(url, data | {"interview": other.pk}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_whatever_its_length(
    client, session, admin, evaluators, count, django_assert_num_queries
):
    for _ in range(count):
        interview = make.make_interview(make.make_enrolment(session, blocs=[1]).enrolment_blocs.get(), evaluators)
        Incident.objects.create(interview=interview, category="late", text="x", reported_by=evaluators[0].user)
    client.force_login(admin)
    with django_assert_num_queries(6):
        client.get(f"/branche/sessions/{session.pk}/incidents/")
