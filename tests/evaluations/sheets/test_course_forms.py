"""The half hour without JavaScript: plain forms, the same acts."""

import pytest

from candidates.models import Incident, Interview, Pause, Reception
from cqp.models import Operation
from tests import factories as make
from tests.evaluations.sheets.coming import act, does, forget
from tests.evaluations.sheets.screen import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_alix(coming, client):
    client.force_login(coming.alix)
    return client


def press(client, sheet, kind, **fields):
    return client.post(url("course", sheet.pk), {"kind": kind, **fields}, follow=True)


def said(page):
    return " ".join(str(message) for message in page.context["messages"])


def state_of(coming):
    return Interview.objects.get(pk=coming.interview.pk).state


def test_evaluator_goes_to_the_sheet_which_opens_and_starts_there(coming, as_alix):
    response = as_alix.post(url("open", coming.interview.pk))
    assert response.url == url("sheet", coming.alix_sheet.pk)
    assert state_of(coming) == "planned"
    page = press(as_alix, coming.alix_sheet, "start")
    assert page.redirect_chain == [(url("sheet", coming.alix_sheet.pk), 302)]
    assert "L'entretien est commencé." in said(page)
    assert state_of(coming) == "running"


def test_the_second_to_start_or_to_end_is_told_that_it_is_done(begun, client):
    for user, sheet in ((begun.bea, begun.bea_sheet), (begun.alix, begun.alix_sheet)):
        client.force_login(user)
        assert "L'entretien est commencé." in said(press(client, sheet, "start"))
        assert "L'entretien est terminé." in said(press(client, sheet, "finish"))
    assert state_of(begun) == "finished"


def test_evaluator_checks_the_identity(coming, as_alix):
    press(as_alix, coming.alix_sheet, "identity", paper="passport")
    assert Reception.objects.get().paper == "passport"


def test_evaluator_notes_an_incident_and_stops_the_clock_or_not(begun, as_alix):
    press(as_alix, begun.alix_sheet, "incident", category="late", text="Arrivé à 9 h 10.")
    assert not Pause.objects.exists()
    press(as_alix, begun.alix_sheet, "pause", category="technical", text="Coupure de courant.")
    assert Pause.objects.get().incident.text == "Coupure de courant."
    press(as_alix, begun.alix_sheet, "resume")
    assert Pause.objects.get().ended_at
    press(as_alix, begun.alix_sheet, "pause", planned="1", category="", text="")
    assert Incident.objects.count() == 2
    assert Pause.objects.count() == 2


@pytest.mark.parametrize(("word", "excused"), [("yes", True), ("no", False)])
def test_evaluator_notes_an_absence_and_is_sent_home(coming, as_alix, word, excused):
    page = press(as_alix, coming.alix_sheet, "absent", excused=word, reason="Attendu jusqu'à 9 h 30.")
    assert page.redirect_chain == [(url("home"), 302)]
    assert "L'absence est notée." in said(page)
    assert Interview.objects.get(pk=coming.interview.pk).absence_excused is excused


def test_evaluator_interrupts_with_a_reason_and_is_sent_home(begun, as_alix):
    page = press(as_alix, begun.alix_sheet, "interrupt", reason="Évacuation.")
    assert page.redirect_chain == [(url("home"), 302)]
    assert state_of(begun) == "interrupted"


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("absent", {"reason": "x"}, "excusée"),
        ("absent", {"excused": "yes", "reason": " "}, "motif"),
        ("interrupt", {}, "motif"),
        ("incident", {"category": "", "text": "x"}, "nature"),
        ("pause", {"category": "late", "text": ""}, "ce qui s'est passé"),
        ("identity", {}, "pièce d'identité"),
        ("attendance", {"strokes": "[]"}, "n'existe pas"),
        ("sign", {"digest": "x"}, "n'existe pas"),
        ("score", {}, "n'existe pas"),
        ("", {}, "n'existe pas"),
    ],
)
def test_what_is_incomplete_is_told_and_nothing_is_kept(begun, as_alix, kind, fields, told):
    before = Operation.objects.count()
    page = press(as_alix, begun.alix_sheet, kind, **fields)
    assert told in said(page)
    assert Operation.objects.count() == before
    assert state_of(begun) == "running"


def test_what_comes_too_late_is_refused_kept_and_told(coming, as_alix):
    does(coming.bea, coming.bea_sheet, act("absent", excused=False, reason="Pas là."))
    page = press(as_alix, coming.alix_sheet, "start")
    assert "Non pris en compte." in said(page)
    assert "candidat absent" in said(page)
    assert Operation.objects.filter(status="refused", kind="start").count() == 1


def test_a_page_that_acts_answers_only_to_post(coming, as_alix):
    assert as_alix.get(url("open", coming.interview.pk)).status_code == 405
    assert as_alix.get(url("course", coming.alix_sheet.pk)).status_code == 405


def test_a_sheet_is_not_opened_ahead_before_the_interviews(coming, as_alix):
    coming.session.state = "deposit"
    coming.session.save()
    forget(coming.alix_sheet)
    page = as_alix.post(url("open", coming.interview.pk), follow=True)
    assert page.redirect_chain == [(url("prepare", coming.interview.pk), 302)]
    assert "n'en est pas aux entretiens" in said(page)
    assert not coming.interview.sheets.filter(assignment__appointment__user=coming.alix).exists()


def test_without_the_undertaking_no_sheet_is_opened(coming, as_alix):
    coming.alix.appointments.update(undertaking_signed_at=None)
    response = as_alix.post(url("open", coming.interview.pk))
    assert response.url == url("undertaking", coming.session.pk)
    assert as_alix.post(url("course", coming.alix_sheet.pk), {"kind": "start"}).status_code == 404


def test_nobody_presses_a_button_of_another(coming, client):
    for user in (coming.bea, coming.admin, make.make_evaluator(coming.session).user):
        client.force_login(user)
        assert client.post(url("course", coming.alix_sheet.pk), {"kind": "start"}).status_code == 404
    assert state_of(coming) == "planned"
