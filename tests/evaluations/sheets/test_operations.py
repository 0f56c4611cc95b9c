"""An evaluator's touches: each counts once, for the right person, on the right sheet."""

import pytest
from django.db import IntegrityError, connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from cqp.models import Operation
from cqp.operations.hooks import MalformedError
from evaluations.evidence.chain import broken
from evaluations.models import Revision, Score
from tests.evaluations.sheets.scribe import operation, post, score_all, send, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def first(sheet):
    return sheet.scores.order_by("pk").first()


def fresh(obj):
    obj.refresh_from_db()
    return obj


def test_a_touch_is_saved_and_chained(running):
    score = first(running.alix_sheet)
    seq, [answer] = send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=2))
    assert (answer.status, answer.seq, seq) == ("applied", 1, 1)
    assert fresh(score).level.value == 2
    assert broken(fresh(running.alix_sheet)) == []


def test_the_same_operation_sent_twice_counts_once_and_gets_the_first_answer(running):
    score = first(running.alix_sheet)
    touch = operation("score", criterion=score.criterion_id, level=1)
    send(running.alix, running.alix_sheet, touch)
    later = operation("note", criterion=score.criterion_id, text="vu")
    seq, answers = send(running.alix, running.alix_sheet, touch, later)
    assert [a.seq for a in answers] == [1, 2]
    assert seq == 2
    assert Revision.objects.count() == 2


def test_a_key_reused_for_something_else_is_409_and_stores_nothing(running, client):
    client.force_login(running.alix)
    score = first(running.alix_sheet)
    touch = operation("score", criterion=score.criterion_id, level=1)
    assert post(client, running.alix_sheet, touch).status_code == 200
    other = touch | {"payload": {"criterion": score.criterion_id, "level": 2}}
    fine = operation("note", criterion=score.criterion_id, text="perdue ?")
    response = post(client, running.alix_sheet, fine, other)
    assert response.status_code == 409
    assert Operation.objects.count() == 1
    assert fresh(score).level.value == 1


def test_the_other_evaluators_sheet_is_404_and_nothing_is_stored(running, client):
    client.force_login(running.bea)
    touch = operation("score", criterion=first(running.alix_sheet).criterion_id, level=2)
    assert post(client, running.alix_sheet, touch).status_code == 404
    assert not Operation.objects.exists()


def test_without_login_the_endpoint_says_401_in_json(running, client):
    response = post(client, running.alix_sheet)
    assert response.status_code == 401
    assert "reconnectez-vous" in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 422),
        ("[]", 422),
        ('{"operations": 3}', 422),
        ('{"operations": [1]}', 422),
        ('{"operations": [{"key": "x"}]}', 422),
        ('{"operations": ' + "[" * 100_000, 422),
    ],
)
def test_a_malformed_batch_is_refused_in_french_and_stores_nothing(running, client, body, status):
    client.force_login(running.alix)
    response = client.post(f"/operations/sheet/{running.alix_sheet.pk}/", body, content_type="application/json")
    assert response.status_code == status
    assert response.json()["message"]
    assert not Operation.objects.exists()


def test_a_batch_of_more_than_200_is_413(running, client):
    client.force_login(running.alix)
    touch = operation("note", criterion=1, text="")
    assert post(client, running.alix_sheet, *[touch] * 10_000).status_code == 413
    assert post(client, running.alix_sheet, *[touch] * 201).status_code == 413
    assert post(client, running.alix_sheet, *[touch] * 200).status_code == 422  # the same key again
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "score", "level": 7},
        {"kind": "score", "level": True},
        {"kind": "score", "level": "2"},
        {"kind": "note", "text": 12},
        {"kind": "note", "text": "x" * 4001},
        {"kind": "note", "text": "a\x00b"},
        {"kind": "diverge", "level": 1, "reason": "x"},
        {"kind": "paint"},
    ],
)
def test_a_touch_that_makes_no_sense_takes_the_whole_batch_down(running, bad):
    score = first(running.alix_sheet)
    good = operation("score", criterion=score.criterion_id, level=2)
    with pytest.raises(MalformedError):
        send(running.alix, running.alix_sheet, good, operation(criterion=score.criterion_id, **bad))
    assert fresh(score).level is None
    assert not Operation.objects.exists()


def test_a_criterion_of_another_bloc_is_malformed(running, referentiel):
    other = referentiel.blocs.get(number=2).activities.first().competences.first().criteria.first()
    with pytest.raises(MalformedError, match="n'appartient pas"):
        send(running.alix, running.alix_sheet, operation("score", criterion=other.pk, level=2))


def test_an_overruling_verdict_needs_a_comment(running):
    competence = running.alix_sheet.verdicts.first().competence_id
    with pytest.raises(MalformedError, match="commentaire"):
        send(
            running.alix,
            running.alix_sheet,
            operation("verdict", competence=competence, outcome="acquired", comment=" "),
        )
    send(
        running.alix,
        running.alix_sheet,
        operation("verdict", competence=competence, outcome="acquired", comment="Vu en entretien."),
    )
    assert running.alix_sheet.verdicts.get(competence=competence).outcome == "acquired"


def test_a_late_touch_is_kept_as_refused(running):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    score = first(running.alix_sheet)
    _, [answer] = send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=0))
    assert answer.status == "refused"
    assert "signée" in answer.refusal
    assert fresh(score).level.value == 2
    assert Operation.objects.filter(status="refused").count() == 1


def test_a_replaced_evaluators_touch_is_kept_as_refused(running):
    running.alix_sheet.assignment.state = "replaced"
    running.alix_sheet.assignment.save()
    score = first(running.alix_sheet)
    _, [answer] = send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=0))
    assert answer.status == "refused"
    assert fresh(score).level is None


def test_without_undertaking_there_is_no_sheet(running):
    running.alix_sheet.assignment.appointment.undertaking_signed_at = None
    running.alix_sheet.assignment.appointment.save()
    with pytest.raises(Http404):
        send(running.alix, running.alix_sheet)


def test_a_stale_change_from_another_device_gives_the_replaced_value_back(running):
    score = first(running.alix_sheet)
    send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=1), device="A")
    _, [answer] = send(
        running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=2), device="B"
    )
    assert answer.replaced == {"criterion": score.criterion_id, "level": 1}
    assert fresh(score).level.value == 2


def test_two_quick_touches_of_one_device_replace_nothing(running):
    score = first(running.alix_sheet)
    send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=1))
    _, [answer] = send(running.alix, running.alix_sheet, operation("score", criterion=score.criterion_id, level=2))
    assert answer.replaced is None


def saves(client, sheet, *batch) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert post(client, sheet, *batch).status_code == 200
    quiet = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return len([q for q in queries if not q["sql"].startswith(quiet)])


def test_a_save_takes_eight_queries_whatever_the_number_of_touches(running, client):
    client.force_login(running.alix)
    criteria = list(running.alix_sheet.scores.values_list("criterion", flat=True))
    one = saves(client, running.alix_sheet, operation("score", criterion=criteria[0], level=2))
    three = saves(client, running.alix_sheet, *[operation("score", criterion=pk, level=1) for pk in criteria[:3]])
    assert (one, three) == (8, 8)


def test_a_save_on_the_joint_sheet_takes_nine_queries(running, client):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        score_all(user, sheet)
        sign(user, sheet)
    joint = running.interview.sheets.get(assignment=None)
    client.force_login(running.alix)
    assert saves(client, joint, operation("score", criterion=first(joint).criterion_id, level=1)) == 9


def test_revisions_cannot_be_changed_or_deleted_even_by_sql(running):
    score_all(running.alix, running.alix_sheet)
    for sql in ("UPDATE evaluations_revision SET kind = 'x'", "DELETE FROM evaluations_revision"):
        with pytest.raises(IntegrityError, match="trace"), connection.cursor() as cursor, _savepoint():
            cursor.execute(sql)


def test_an_altered_revision_is_found(running):
    from cqp.evidence import triggers

    score_all(running.alix, running.alix_sheet)
    triggers.drop_all(connection)
    Revision.objects.filter(seq=3).update(payload={"criterion": 1, "level": 0})
    assert any("altered" in fault for fault in broken(fresh(running.alix_sheet)))
    Revision.objects.filter(seq__gte=20).delete()
    assert any("ends at" in fault for fault in broken(fresh(running.alix_sheet)))
    triggers.install_all(connection)


def test_a_signed_sheets_scores_cannot_change_by_sql(running):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    with pytest.raises(IntegrityError, match="signée"), _savepoint():
        Score.objects.filter(sheet=running.alix_sheet).update(note="x")
    Score.objects.filter(sheet=running.bea_sheet).update(note="l'autre fiche reste ouverte")


def _savepoint():
    from django.db import transaction

    return transaction.atomic()
