"""Answers typed on line: each touch counts once, for the candidate alone, while the dossier can change."""

import json
import uuid

import pytest
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from candidates.models import Answer
from cqp.models import JournalEntry, Operation
from cqp.operations.hooks import Incoming, MalformedError
from tests import factories as make
from tests.candidates.dossiers.answers.scene import close_deposit, hand_in, operation, text_of, write
from tests.candidates.dossiers.scene import item

pytestmark = pytest.mark.django_db


# --- Operations


def test_what_a_candidate_types_is_saved(dossier, lea):
    seq, [answer] = write(lea, dossier, operation(dossier))
    assert (answer.status, answer.seq, seq) == ("applied", 1, 1)
    assert text_of(dossier) == "Mon équipe."
    dossier.refresh_from_db()
    assert dossier.seq == 1


def test_the_same_words_sent_twice_count_once(dossier, lea):
    typed = operation(dossier)
    write(lea, dossier, typed)
    seq, [again, _] = write(lea, dossier, typed, operation(dossier, 2))
    assert (again.seq, seq) == (1, 2)
    assert Answer.objects.count() == 2


def test_an_answer_is_kept_in_one_way_of_writing(dossier, lea):
    write(lea, dossier, operation(dossier, text=" Avant\r\n- pain\n\n- lait  "))
    assert text_of(dossier) == "Avant\n\n- pain\n- lait"


@pytest.mark.parametrize("person", ["stranger", "other_candidate", "admin", "evaluator"])
def test_nobody_else_writes_in_a_dossier(dossier, person):
    session = dossier.enrolment_bloc.enrolment.session
    people = {
        "stranger": make.make_user,
        "other_candidate": lambda: make.make_enrolment(session).candidate.user,
        "admin": lambda: make.make_admin(session.branch),
        "evaluator": lambda: make.make_evaluator(session).user,
    }
    with pytest.raises(Http404):
        write(people[person](), dossier, operation(dossier))
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"text": None},
        {"text": 3},
        {"text": "x" * 20_001},
        {"text": "a\x00"},
        {"heading": 0},
        {"heading": "1"},
        {"heading": True},
    ],
)
def test_words_that_make_no_sense_take_the_whole_batch_down(dossier, lea, bad):
    with pytest.raises(MalformedError):
        write(lea, dossier, operation(dossier, 2), operation(dossier, **bad))
    assert not Operation.objects.exists()
    assert not Answer.objects.exists()


def test_a_heading_of_another_bloc_is_malformed(dossier, lea, referentiel):
    other = referentiel.blocs.get(number=2).trame_items.first()
    with pytest.raises(MalformedError, match="n'appartient pas"):
        write(lea, dossier, operation(dossier, heading=other.pk))


def test_an_unknown_kind_is_malformed(dossier, lea):
    with pytest.raises(MalformedError, match="inconnue"):
        write(lea, dossier, Incoming(uuid.uuid4(), "paint", {}, 0, timezone.now()))


@pytest.mark.parametrize("end", [hand_in, close_deposit])
def test_words_that_come_too_late_are_kept_and_not_in_the_dossier(dossier, lea, end):
    write(lea, dossier, operation(dossier, text="À temps."))
    end(dossier)
    _, [answer] = write(lea, dossier, operation(dossier, text="Trop tard.", base_seq=1))
    assert answer.status == "refused"
    assert "écrivez à la branche" in answer.refusal or "Prévenez vite la branche" in answer.refusal
    assert text_of(dossier) == "À temps."
    assert Operation.objects.get(status="refused").payload["text"] == "Trop tard."


def test_a_text_that_another_device_wrote_meanwhile_is_offered_back(dossier, lea):
    write(lea, dossier, operation(dossier, text="Du téléphone."))
    _, [answer] = write(lea, dossier, operation(dossier, text="De l'ordinateur."), device="ordinateur")
    assert answer.status == "applied"
    assert answer.replaced == {"heading": item(dossier, 1).pk, "text": "Du téléphone."}
    assert text_of(dossier) == "De l'ordinateur."


def test_one_device_replaces_nothing_of_its_own(dossier, lea):
    write(lea, dossier, operation(dossier, text="Mon"))
    _, answers = write(lea, dossier, operation(dossier, text="Mon équipe"), operation(dossier, text="Mon équipe."))
    assert [answer.replaced for answer in answers] == [None, None]


def test_a_text_that_the_device_had_seen_is_not_offered_back(dossier, lea):
    write(lea, dossier, operation(dossier, text="Mon équipe"))
    _, [answer] = write(lea, dossier, operation(dossier, text="Mon équipe.", base_seq=1), device="ordinateur")
    assert answer.replaced is None


@pytest.mark.parametrize("count", [1, 3])
def test_a_save_costs_the_same_for_one_answer_and_for_three(dossier, lea, count, django_assert_num_queries):
    def batch(text):
        return [operation(dossier, position, text) for position in range(1, count + 1)]

    write(lea, dossier, *batch("Mon équipe"), device="ordinateur")
    again = batch("Mon équipe, puis une autre.")
    with django_assert_num_queries(12):
        write(lea, dossier, *again)


def test_the_journal_tells_that_an_answer_is_there_or_gone_and_not_what_it_says(dossier, lea):
    write(lea, dossier, operation(dossier, 1, "Mon équipe."), operation(dossier, 3, "Mes objectifs."))
    write(lea, dossier, operation(dossier, 1, "Mon équipe de vente."))
    write(lea, dossier, operation(dossier, 1, " \n "))
    told = JournalEntry.objects.order_by("seq")
    assert [(entry.verb, entry.payload) for entry in told] == [
        ("dossier.answered", {"dossier": dossier.pk, "headings": [1, 3]}),
        ("dossier.answer_emptied", {"dossier": dossier.pk, "headings": [1]}),
    ]


# --- The endpoint and what another tab follows


def post(client, dossier, *operations):
    sent = [
        {"key": str(o.key), "kind": o.kind, "payload": o.payload, "base_seq": o.base_seq, "at": o.at.isoformat()}
        for o in operations
    ]
    body = json.dumps({"device": "téléphone", "operations": sent})
    return client.post(f"/operations/dossier/{dossier.pk}/", body, content_type="application/json")


def test_the_endpoint_takes_answers_and_says_404_of_anothers_dossier(as_lea, dossier, referentiel):
    assert post(as_lea, dossier, operation(dossier)).json()["seq"] == 1
    other = (
        make.make_enrolment(dossier.enrolment_bloc.enrolment.session, blocs=[1]).enrolment_blocs.get().dossiers.get()
    )
    refused = post(as_lea, other, operation(other))
    assert refused.status_code == 404
    assert refused.json()["message"] == "Cette page n'existe pas ou n'est pas la vôtre."


def test_another_device_is_told_what_was_written_since(as_lea, lea, dossier):
    write(lea, dossier, operation(dossier, 1, "Un."))
    write(lea, dossier, operation(dossier, 2, "Deux."))
    url = reverse("candidate:answers", args=[dossier.pk])
    second = {"heading": item(dossier, 2).pk, "text": "Deux.", "seq": 2}
    assert as_lea.get(url, {"depuis": "1"}).json() == {"seq": 2, "refusal": "", "answers": [second]}
    assert len(as_lea.get(url).json()["answers"]) == 2
    assert len(as_lea.get(url, {"depuis": "²" * 50}).json()["answers"]) == 2
    hand_in(dossier)
    assert "a été déposé" in as_lea.get(url, {"depuis": "2"}).json()["refusal"]


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_told_costs_the_same_for_one_answer_and_for_three(
    as_lea, lea, dossier, count, django_assert_num_queries
):
    write(lea, dossier, *[operation(dossier, position) for position in range(1, count + 1)])
    with django_assert_num_queries(4):
        as_lea.get(reverse("candidate:answers", args=[dossier.pk]))


def test_a_candidate_has_a_key_for_their_devices(as_lea, lea):
    assert as_lea.post(reverse("evaluator:key")).json()["user"] == lea.pk
