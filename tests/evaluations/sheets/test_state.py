"""What the other device of an evaluator is told: what changed, and where the interview is."""

import pytest

from tests.evaluations.sheets.coming import act, does, make_coming
from tests.evaluations.sheets.screen import url
from tests.evaluations.sheets.scribe import operation, score_all, send, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def ask(client, sheet, since=""):
    return client.get(url("state", sheet.pk), {"depuis": since})


def criteria(sheet, count):
    return list(sheet.scores.order_by("pk").values_list("criterion", flat=True)[:count])


def test_an_evaluator_is_told_what_changed_since_they_last_asked(running, client):
    client.force_login(running.alix)
    first, second = criteria(running.alix_sheet, 2)
    competence = running.alix_sheet.verdicts.first().competence_id
    send(running.alix, running.alix_sheet, operation("score", criterion=first, level=2))
    before = ask(client, running.alix_sheet).json()
    assert before["fields"] == {f"level-{first}": "2", f"note-{first}": ""}
    assert (before["seq"], before["seqs"], before["state"]) == (1, {f"criterion {first}": 1}, "open")
    batch = [
        operation("note", criterion=second, text="Chiffré."),
        operation("verdict", competence=competence, outcome="acquired", comment="Vu."),
    ]
    send(running.alix, running.alix_sheet, *batch)
    after = ask(client, running.alix_sheet, since=1).json()
    assert after["fields"] == {
        f"level-{second}": "",
        f"note-{second}": "Chiffré.",
        f"verdict-{competence}": "acquired",
        f"comment-{competence}": "Vu.",
    }
    assert after["seqs"] == {f"criterion {second}": 2, f"competence {competence}": 3}
    assert ask(client, running.alix_sheet, since=3).json()["fields"] == {}


def test_a_device_that_was_refused_something_is_told_every_field(running, client):
    client.force_login(running.alix)
    fields = ask(client, running.alix_sheet, since="tout").json()["fields"]
    assert {fields[f"level-{criterion}"] for criterion in criteria(running.alix_sheet, 99)} == {""}


def test_a_level_taken_back_is_told(running, client):
    client.force_login(running.alix)
    [criterion] = criteria(running.alix_sheet, 1)
    for level in (2, None):
        send(running.alix, running.alix_sheet, operation("score", criterion=criterion, level=level))
    assert ask(client, running.alix_sheet, since=1).json()["fields"][f"level-{criterion}"] == ""


def test_the_course_of_the_interview_is_told_in_milliseconds(coming, client):
    client.force_login(coming.bea)
    life = ask(client, coming.bea_sheet).json()["life"]
    assert (life["state"], life["started"], life["paper"], life["attended"]) == ("planned", None, "", False)
    does(
        coming.alix,
        coming.alix_sheet,
        act("identity", ago=31, paper="passport"),
        act("attendance", ago=31, strokes=[[[1, 1]]]),
        act("start", ago=30),
        act("pause", ago=25, planned=True),
        act("resume", ago=20),
        act("pause", ago=10, planned=True),
    )
    answer = ask(client, coming.bea_sheet).json()
    life, now = answer["life"], answer["now"]
    assert (life["state"], life["paper"], life["attended"], life["finished"]) == ("running", "passport", True, None)
    assert now - life["started"] == pytest.approx(30 * 60_000, abs=5_000)
    assert now - life["paused_since"] == pytest.approx(10 * 60_000, abs=5_000)
    assert life["paused"] == pytest.approx(5 * 60, abs=5)
    assert life["elapsed"] == pytest.approx(15 * 60, abs=5)


def test_the_planned_break_is_not_time_of_interview(referentiel, client):
    coming = make_coming(referentiel, extra_minutes=10, break_minutes=5)
    coming.interview.minutes = 45
    coming.interview.save()
    client.force_login(coming.alix)
    assert ask(client, coming.alix_sheet).json()["life"]["minutes"] == 40


def test_on_the_joint_sheet_ones_own_position_is_told_and_settling_empties_it(running, client):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    [criterion] = criteria(joint, 1)
    client.force_login(running.alix)
    seq, _ = send(running.alix, joint, operation("diverge", criterion=criterion, level=0, reason="Rien."))
    told = ask(client, joint, since=seq - 1).json()["fields"]
    assert (told[f"position-{criterion}"], told[f"reason-{criterion}"]) == ("0", "Rien.")
    assert told[f"level-{criterion}"] == ""
    seq, _ = send(running.bea, joint, operation("score", criterion=criterion, level=1))
    told = ask(client, joint, since=seq - 1).json()["fields"]
    assert (told[f"position-{criterion}"], told[f"level-{criterion}"]) == ("", "1")


def test_the_other_evaluators_reason_is_theirs(running, client):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    [criterion] = criteria(joint, 1)
    seq, _ = send(running.bea, joint, operation("diverge", criterion=criterion, level=0, reason="Rien."))
    client.force_login(running.alix)
    told = ask(client, joint, since=seq - 1).json()
    assert told["fields"][f"reason-{criterion}"] == ""
    assert told["seqs"] == {f"criterion {criterion}": seq}
    theirs = f"theirs-{criterion}-{running.bea_sheet.assignment_id}"
    assert told["fields"][theirs] == "Non démontré, « Rien. »"
    seq, _ = send(running.alix, joint, operation("score", criterion=criterion, level=1))
    assert ask(client, joint, since=seq - 1).json()["fields"][theirs] == ""


@pytest.mark.parametrize("since", ["", "abc", "-1", "9" * 30, "١"])
def test_a_rank_that_is_none_gives_everything(running, client, since):
    score_all(running.alix, running.alix_sheet)
    client.force_login(running.alix)
    answer = ask(client, running.alix_sheet, since=since)
    assert answer.status_code == 200
    assert len(answer.json()["seqs"]) == running.alix_sheet.scores.count()


@pytest.mark.parametrize("count", [1, 3])
def test_asking_takes_six_queries_whatever_changed(running, client, count, django_assert_num_queries):
    client.force_login(running.alix)
    batch = [operation("score", criterion=pk, level=0) for pk in criteria(running.alix_sheet, count)]
    send(running.alix, running.alix_sheet, *batch)
    with django_assert_num_queries(6):
        assert len(ask(client, running.alix_sheet).json()["seqs"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_on_the_joint_sheet_it_takes_two_more_when_something_changed(running, client, count, django_assert_num_queries):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    client.force_login(running.alix)
    batch = [operation("diverge", criterion=pk, level=0, reason="Rien.") for pk in criteria(joint, count)]
    seq, _ = send(running.alix, joint, *batch)
    with django_assert_num_queries(8):
        assert len(ask(client, joint, since=joint.seq).json()["seqs"]) == count
    with django_assert_num_queries(6):
        assert ask(client, joint, since=seq).json()["seqs"] == {}


def test_who_was_replaced_is_told_nothing(running, client):
    client.force_login(running.alix)
    assert ask(client, running.alix_sheet).status_code == 200
    running.interview.assignments.filter(appointment__user=running.alix).update(state="replaced")
    assert ask(client, running.alix_sheet).status_code == 404


def test_nobody_is_told_of_the_sheet_of_another(running, client):
    for user in (running.bea, running.admin):
        client.force_login(user)
        assert ask(client, running.alix_sheet).status_code == 404
