"""One's own sheet signed on the device, perhaps without the network: the signature is an operation like the others."""

import hashlib
import json

import pytest

from cqp.models import Operation
from cqp.operations.hooks import MalformedError
from evaluations.evidence.chain import broken
from evaluations.models import ScoringSheet, Signature
from evaluations.sheets.queries import digest, sheet_view
from evaluations.sheets.services import reopen_sheet
from tests.evaluations.sheets.coming import act, does, scores
from tests.evaluations.sheets.scribe import operation, post, read, score_all, send, sign

pytestmark = pytest.mark.django_db


def now_is(obj):
    return type(obj).objects.get(pk=obj.pk)


def shown(sheet, scores, verdicts=()):
    """The digest that a device computes of what it shows."""
    text = {"sheet": sheet.pk, "scores": sorted(scores), "verdicts": sorted(verdicts), "divergences": []}
    return hashlib.sha256(json.dumps(text, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def all_at(sheet, level, notes=None):
    return [[pk, level, (notes or {}).get(pk, "")] for pk in sheet.scores.values_list("criterion", flat=True)]


def test_the_digest_is_that_of_compact_json_in_the_order_of_the_keys(running):
    score_all(running.alix, running.alix_sheet, 1)
    criterion = running.alix_sheet.scores.first().criterion_id
    competence = running.alix_sheet.verdicts.last().competence_id
    note = 'Huế « "N\'Guessan" »\n\t\\ 🎓 \u2028 \x07'
    comment = "vu à l'oral"
    batch = [
        operation("note", criterion=criterion, text=note),
        operation("verdict", competence=competence, outcome="acquired", comment=comment),
    ]
    send(running.alix, running.alix_sheet, *batch)
    view = sheet_view(ScoringSheet.objects.with_context().get(pk=running.alix_sheet.pk))
    expected = all_at(running.alix_sheet, 1, {criterion: note})
    assert digest(view) == shown(running.alix_sheet, expected, [[competence, "acquired", comment]])


def test_the_digest_of_a_divergent_sheet_names_each_position(running):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    before = read(joint)
    criterion = joint.scores.first().criterion_id
    send(running.alix, joint, operation("diverge", criterion=criterion, level=0, reason="Rien."))
    once = read(joint)
    send(running.alix, joint, operation("diverge", criterion=criterion, level=0, reason="Rien du tout."))
    assert len({before, once, read(joint)}) == 3


def test_a_half_hour_without_network_arrives_in_one_batch(coming, client):
    sheet = coming.alix_sheet
    batch = [
        act("identity", ago=36, paper="identity_card"),
        act("attendance", ago=35, strokes=[[[1, 1], [2, 2]]]),
        act("start", ago=34),
        *scores(sheet),
        act("finish", ago=4),
        operation("sign", digest=shown(sheet, all_at(sheet, 2))),
    ]
    client.force_login(coming.alix)
    for _ in range(2):
        answer = post(client, sheet, *batch).json()
        assert {one["status"] for one in answer["answers"]} == {"applied"}
    signed = now_is(sheet)
    assert (signed.state, signed.seq, answer["seq"]) == ("signed", len(batch), len(batch))
    assert Operation.objects.count() == len(batch)
    assert Signature.objects.get().assignment == sheet.assignment
    assert broken(signed) == []


def test_an_interview_left_running_ended_when_the_last_evaluator_signed_not_when_it_was_known(coming):
    does(coming.alix, coming.alix_sheet, act("start", ago=60))
    for user, sheet in ((coming.alix, coming.alix_sheet), (coming.bea, coming.bea_sheet)):
        name = act("sign", ago=25, digest=shown(sheet, all_at(sheet, 2)))
        assert set(does(user, sheet, *scores(sheet), name)) == {"applied"}
    interview = now_is(coming.interview)
    assert interview.state == "finished"
    assert (interview.finished_at - interview.started_at).total_seconds() == pytest.approx(35 * 60, abs=30)


def test_a_sheet_that_another_device_changed_is_not_signed(running):
    score_all(running.alix, running.alix_sheet)
    read_here = read(running.alix_sheet)
    touch = operation("score", criterion=running.alix_sheet.scores.first().criterion_id, level=0)
    send(running.alix, running.alix_sheet, touch, device="téléphone")
    [refused] = does(running.alix, running.alix_sheet, operation("sign", digest=read_here))
    assert "relisez-la" in refused
    assert now_is(running.alix_sheet).state == "open"


def test_a_sheet_that_lacks_something_is_not_signed_and_the_answer_says_what(running):
    score_all(running.alix, running.alix_sheet)
    line = running.alix_sheet.scores.first()
    send(running.alix, running.alix_sheet, operation("score", criterion=line.criterion_id, level=None))
    [refused] = does(running.alix, running.alix_sheet, operation("sign", digest=read(running.alix_sheet)))
    assert "aucun niveau n'est choisi" in refused
    assert Operation.objects.get(status="refused").kind == "sign"


def test_what_follows_a_signature_in_the_batch_is_refused_and_kept(running):
    sheet = running.alix_sheet
    touch = operation("score", criterion=sheet.scores.first().criterion_id, level=0)
    read_there = shown(sheet, all_at(sheet, 2))
    answers = does(running.alix, sheet, *scores(sheet), operation("sign", digest=read_there), touch, act("finish"))
    assert answers[-3] == "applied"
    assert "signée" in answers[-2]
    assert "signée" in answers[-1]
    assert sheet.scores.filter(level__value=2).count() == sheet.scores.count()


def test_signing_again_what_did_not_change_is_signing_once(running):
    score_all(running.alix, running.alix_sheet)
    name = operation("sign", digest=read(running.alix_sheet))
    assert does(running.alix, running.alix_sheet, name) == ["applied"]
    assert does(running.alix, running.alix_sheet, name | operation("sign", digest=name["payload"]["digest"])) == [
        "applied"
    ]
    assert Signature.objects.count() == 1


def test_a_sheet_reopened_by_the_branch_is_signed_anew_as_it_is_then(running):
    score_all(running.alix, running.alix_sheet)
    first = operation("sign", digest=read(running.alix_sheet))
    does(running.alix, running.alix_sheet, first)
    reopen_sheet(now_is(running.alix_sheet), by=running.admin, reason="Erreur de saisie.")
    touch = operation("score", criterion=running.alix_sheet.scores.first().criterion_id, level=1)
    assert does(running.alix, running.alix_sheet, touch) == ["applied"]
    assert "relisez-la" in does(running.alix, running.alix_sheet, act("sign", digest=first["payload"]["digest"]))[0]
    assert does(running.alix, running.alix_sheet, act("sign", digest=read(running.alix_sheet))) == ["applied"]


def test_the_joint_sheet_is_never_signed_by_an_operation(running):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    with pytest.raises(MalformedError):
        send(running.alix, joint, operation("sign", digest=read(joint)))


@pytest.mark.parametrize("bad", [None, 12, "x" * 65, "a\x00"])
def test_a_digest_that_is_none_is_malformed(running, bad):
    with pytest.raises(MalformedError):
        send(running.alix, running.alix_sheet, operation("sign", digest=bad))


def test_an_act_after_a_joint_signature_does_not_void_it(running):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    sign(running.alix, joint)
    assert does(running.bea, joint, act("incident", category="other", text="Alarme à la fin.")) == ["applied"]
    sign(running.bea, joint)
    assert now_is(joint).state == "signed"
    assert broken(now_is(joint)) == []
