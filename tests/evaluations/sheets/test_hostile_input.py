"""What a reviewer tried to break, each once."""

import json

import pytest
from django.urls import reverse

from candidates.models import Session
from candidates.sessions.workflow import SESSION
from cqp.models import Operation
from cqp.workflow import TransitionRefused
from evaluations.sheets.services import reopen_sheet
from tests.evaluations.sheets.scribe import operation, post, score_all, sign

pytestmark = pytest.mark.django_db


def both_sign(running):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    return running.interview.sheets.get(assignment=None)


@pytest.mark.parametrize(
    "body",
    [
        '{"operations": [], "x": NaN}',
        '{"operations": [' + "9" * 5000 + "]}",
    ],
)
def test_what_no_database_can_keep_is_refused(running, client, body):
    client.force_login(running.alix)
    response = client.post(f"/operations/sheet/{running.alix_sheet.pk}/", body, content_type="application/json")
    assert response.status_code == 422
    assert not Operation.objects.exists()


@pytest.mark.parametrize("unseen", ["\\ud800", "\\u0000", "\\u0007", "\\ufffe"])
def test_what_nobody_sees_in_a_text_keeps_no_touch_on_the_tablet(running, client, unseen):
    client.force_login(running.alix)
    touch = operation("note", criterion=score_of(running).criterion_id, text="a@b")
    batch = json.dumps({"device": "tablette", "operations": [touch]})
    address = f"/operations/sheet/{running.alix_sheet.pk}/"
    response = client.post(address, batch.replace("@", unseen), content_type="application/json")
    assert response.status_code == 200
    assert score_of(running).note in ("ab", "a\ufffdb")


def score_of(running):
    return running.alix_sheet.scores.order_by("pk").first()


def test_a_number_beyond_the_database_is_refused(running, client):
    client.force_login(running.alix)
    assert post(client, running.alix_sheet, operation("score", criterion=10**30, level=1)).status_code == 422
    old = operation("note", criterion=1, text="x") | {"at": "0001-01-01T00:00:00+10:00"}
    assert post(client, running.alix_sheet, old).status_code == 422
    assert client.get(f"/evaluateur/entretiens/{'9' * 30}/").status_code == 404


def test_whoever_signs_last_ends_an_interview_left_running(running):
    both_sign(running)
    running.interview.refresh_from_db()
    assert running.interview.state == "finished"
    assert running.interview.finished_at is not None


def test_the_joint_sheet_waits_for_an_own_sheet_that_was_reopened(running):
    joint = both_sign(running)
    reopen_sheet(running.alix_sheet, by=running.admin, reason="Erreur de saisie")
    with pytest.raises(TransitionRefused, match="rouverte"):
        sign(running.bea, joint)


def test_results_are_not_published_over_an_open_joint_sheet(running):
    joint = both_sign(running)
    sign(running.alix, joint)
    sign(running.bea, joint)
    Session.objects.update(state="jury")
    reopen_sheet(joint, by=running.admin, reason="Erreur de saisie")
    missing = SESSION.by_name["publish"].guard(Session.objects.get())
    assert any("fiche conjointe" in one.text for one in missing)


def test_a_reason_with_a_null_character_is_kept_without_it(running, client):
    both_sign(running)
    client.force_login(running.admin)
    response = client.post(reverse("branch:sheet_reopen", args=[running.alix_sheet.pk]), {"reason": "Erreur\x00 vue"})
    assert response.status_code == 302
    assert running.alix_sheet.reopenings.get().reason == "Erreur vue"
