"""A candidate asks for a measure, never saying why; the branch sees the proof, keeps none, and answers."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.accommodation.services import cancel_request, grant, note_proof, refuse, request_accommodation
from candidates.models import AccommodationWish
from candidates.planning import guards
from cqp.models import JournalEntry, Mail
from tests.candidates.branch_pages import text
from tests.factories import (
    make_admin,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
)

pytestmark = pytest.mark.django_db

GRANTED = {
    "extra_minutes": "10",
    "break_minutes": "5",
    "other_measures": "Salle au rez-de-chaussée",
    "message": "Bon courage.",
}


@pytest.fixture
def enrolment(referentiel):
    return make_enrolment(make_session(referentiel))


@pytest.fixture
def admin(enrolment):
    return make_admin(enrolment.session.branch)


@pytest.fixture
def candidate(client, enrolment):
    client.force_login(enrolment.candidate.user)
    return client


def page(enrolment, name="accommodation"):
    return reverse(f"candidate:{name}", args=[enrolment.pk])


def wish_of(enrolment):
    return AccommodationWish.objects.filter(enrolment=enrolment).first()


def asked(enrolment, **changed):
    values = {"measures": ["extra_time"], "details": "10 minutes"} | changed
    return request_accommodation(enrolment=enrolment, by=enrolment.candidate.user, **values)


def verbs(enrolment):
    entries = JournalEntry.objects.filter(stream=enrolment.stream).order_by("seq")
    return [(entry.verb, entry.payload) for entry in entries]


# --- The candidate


def test_candidate_asks_then_changes_their_mind_then_takes_it_back(candidate, enrolment):
    assert "La mesure, jamais la raison" in text(candidate.get(page(enrolment)))
    response = candidate.post(page(enrolment), {"measures": ["break", "extra_time"], "details": ""}, follow=True)
    assert "Votre demande est enregistrée" in text(response)
    assert wish_of(enrolment).measures == ["extra_time", "break"]
    candidate.post(page(enrolment), {"measures": ["access"], "details": "Salle au rez-de-chaussée"})
    assert wish_of(enrolment).measures == ["access"]
    response = candidate.post(page(enrolment, "accommodation-withdraw"), follow=True)
    assert "Votre demande est retirée" in text(response)
    assert wish_of(enrolment) is None
    # The journal has the measures, not the candidate's words.
    assert verbs(enrolment) == [
        ("accommodation.asked", {"measures": ["extra_time", "break"]}),
        ("accommodation.asked", {"measures": ["access"]}),
        ("accommodation.taken_back", {}),
    ]


def test_asking_the_same_again_changes_nothing(enrolment):
    first = asked(enrolment)
    assert asked(enrolment).asked_at == first.asked_at
    assert len(verbs(enrolment)) == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Cochez au moins une mesure"),
        ({"measures": ["sleep"]}, "Sélectionnez un choix valide"),
        ({"measures": ["other"], "details": "  "}, "Dites quelle autre mesure"),
        ({"measures": ["break"], "details": "a" * 501}, "500"),
    ],
)
def test_an_empty_or_strange_wish_comes_back_with_its_reason(candidate, enrolment, values, message):
    response = candidate.post(page(enrolment), values)
    assert response.status_code == 422
    assert message in text(response)
    assert wish_of(enrolment) is None


def test_a_wish_that_was_answered_is_read_and_changes_no_more(candidate, enrolment, admin):
    asked(enrolment)
    refuse(enrolment=enrolment, by=admin, message="Apportez un justificatif.")
    assert "Apportez un justificatif." in text(candidate.get(page(enrolment)))
    assert candidate.post(page(enrolment), {"measures": ["break"]}).status_code == 422
    response = candidate.post(page(enrolment, "accommodation-withdraw"), follow=True)
    assert "La branche a répondu à votre demande" in text(response)
    assert wish_of(enrolment).measures == ["extra_time"]


def test_once_the_interviews_have_begun_one_writes_to_the_branch(candidate, enrolment):
    enrolment.session.state = "interviews"
    enrolment.session.save()
    assert "Les entretiens ont commencé" in text(candidate.get(page(enrolment)))
    assert candidate.post(page(enrolment), {"measures": ["break"]}).status_code == 422
    assert wish_of(enrolment) is None


def test_measures_that_the_branch_already_planned_are_said(client, referentiel):
    enrolment = make_enrolment(make_session(referentiel), extra_minutes=10)
    client.force_login(enrolment.candidate.user)
    assert "10 minutes de plus à chaque entretien" in text(client.get(page(enrolment)))


def test_nobody_asks_for_somebody_else(client, enrolment, admin):
    other = make_enrolment(enrolment.session).candidate.user
    client.force_login(other)
    assert client.post(page(enrolment), {"measures": ["break"]}).status_code == 404
    for person in (other, admin):
        with pytest.raises(PermissionError):
            request_accommodation(enrolment=enrolment, by=person, measures=["break"], details="")
        with pytest.raises(PermissionError):
            cancel_request(enrolment=enrolment, by=person)


# --- The branch


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def answer(office, enrolment, act, **values):
    return office.post(reverse(f"branch:accommodation_{act}", args=[enrolment.pk]), values, follow=True)


def test_the_branch_reads_the_wish_and_notes_the_proof(office, enrolment, admin):
    asked(enrolment)
    enrolment_page = text(office.get(reverse("branch:enrolment", args=[enrolment.pk])))
    assert "Du temps supplémentaire à chaque entretien" in enrolment_page
    assert "« 10 minutes »" in enrolment_page
    today = timezone.now().astimezone(enrolment.session.zone).date()
    said = text(answer(office, enrolment, "proof", seen_on=today.isoformat()))
    assert "Le justificatif est noté comme vu." in said
    assert f"par {admin}" in said
    assert verbs(enrolment)[-1] == ("accommodation.proof_seen", {"on": today.isoformat()})


def test_a_proof_is_not_seen_tomorrow(office, enrolment):
    asked(enrolment)
    tomorrow = timezone.localdate() + dt.timedelta(days=2)
    response = answer(office, enrolment, "proof", seen_on=tomorrow.isoformat())
    assert response.status_code == 409
    assert "Ce jour est à venir" in text(response)
    assert wish_of(enrolment).proof_seen_on is None


def test_the_branch_grants_and_the_candidate_is_told_without_the_detail(office, enrolment, client):
    asked(enrolment)
    assert "La mesure est accordée" in text(answer(office, enrolment, "grant", **GRANTED))
    enrolment.refresh_from_db()
    assert (enrolment.extra_minutes, enrolment.break_minutes) == (10, 5)
    assert enrolment.other_measures == "Salle au rez-de-chaussée"
    assert [verb for verb, _ in verbs(enrolment)][1:] == ["enrolment.changed", "accommodation.granted"]
    mail = Mail.objects.get(template="accommodation_answered")
    assert mail.to == enrolment.candidate.user.email
    assert "accordée" in mail.body
    assert "rez-de-chaussée" not in mail.body
    client.force_login(enrolment.candidate.user)
    read = text(client.get(page(enrolment)))
    assert "Accordée" in read
    assert "une pause de 5 minutes" in read
    assert "Bon courage." in read


def test_an_interview_already_planned_is_to_be_planned_again(office, enrolment):
    asked(enrolment)
    row = enrolment.enrolment_blocs.get(bloc__number=2)
    make_interview(row, [make_evaluator(enrolment.session), make_evaluator(enrolment.session)])
    said = text(answer(office, enrolment, "grant", **GRANTED))
    assert "Un entretien planifié n'a plus la bonne durée, replanifiez-le : bloc 2." in said


def test_granting_nothing_is_refused(office, enrolment):
    asked(enrolment)
    response = answer(office, enrolment, "grant", extra_minutes="0", break_minutes="0", other_measures=" ")
    assert response.status_code == 409
    assert "Donnez au moins une mesure" in text(response)
    assert wish_of(enrolment).answer == "waiting"
    assert not Mail.objects.exists()


def test_nothing_is_granted_once_the_interviews_have_begun(office, enrolment):
    asked(enrolment)
    enrolment.session.state = "interviews"
    enrolment.session.save()
    response = answer(office, enrolment, "grant", **GRANTED)
    assert response.status_code == 409
    assert "Revenez d'abord au dépôt" in text(response)
    enrolment.refresh_from_db()
    assert (enrolment.extra_minutes, wish_of(enrolment).answer) == (0, "waiting")


def test_the_branch_refuses_with_words(office, enrolment):
    asked(enrolment)
    assert answer(office, enrolment, "refuse", message=" ").status_code == 409
    answer(office, enrolment, "refuse", message="Il manque un justificatif.")
    assert (wish_of(enrolment).answer, wish_of(enrolment).answer_text) == ("refused", "Il manque un justificatif.")
    assert "refusée" in Mail.objects.get(template="accommodation_answered").body


def test_a_refused_wish_may_be_granted_later(office, enrolment):
    asked(enrolment)
    answer(office, enrolment, "refuse", message="Il manque un justificatif.")
    answer(office, enrolment, "grant", **GRANTED)
    assert wish_of(enrolment).answer == "granted"
    assert Mail.objects.filter(template="accommodation_answered").count() == 2


def test_without_a_wish_there_is_nothing_to_answer(office, enrolment):
    assert "Demande d'aménagement" not in text(office.get(reverse("branch:enrolment", args=[enrolment.pk])))
    assert answer(office, enrolment, "grant", **GRANTED).status_code == 404


def test_another_branch_answers_nothing(client, enrolment):
    asked(enrolment)
    stranger = make_admin(make_branch())
    client.force_login(stranger)
    assert answer(client, enrolment, "grant", **GRANTED).status_code == 404
    with pytest.raises(PermissionError):
        grant(enrolment=enrolment, by=stranger, extra_minutes=5, break_minutes=0, other_measures="")
    with pytest.raises(PermissionError):
        refuse(enrolment=enrolment, by=stranger, message="Non.")
    with pytest.raises(PermissionError):
        note_proof(enrolment=enrolment, by=stranger, seen_on=timezone.localdate())


def test_interviews_do_not_begin_while_a_wish_waits(office, enrolment, admin):
    asked(enrolment)
    pair = [make_evaluator(enrolment.session), make_evaluator(enrolment.session)]
    for hour, row in enumerate(enrolment.enrolment_blocs.all()):
        start = dt.datetime.combine(enrolment.session.interviews_from, dt.time(8 + hour), dt.UTC)
        make_interview(row, pair, start=start)
    texts = [str(missing.text) for missing in guards.missing_before_interviews(enrolment.session)]
    assert texts == [f"{enrolment.candidate} : la demande d'aménagement attend une réponse."]
    board = text(office.get(reverse("branch:session", args=[enrolment.session_id])))
    assert "demande d'aménagement à traiter" in board
    refuse(enrolment=enrolment, by=admin, message="Non.")
    assert guards.missing_before_interviews(enrolment.session) == []


def test_evaluators_never_read_the_wish(client, enrolment):
    asked(enrolment, details="un interprète")
    evaluators = [make_evaluator(enrolment.session), make_evaluator(enrolment.session)]
    interview = make_interview(enrolment.enrolment_blocs.first(), evaluators)
    client.force_login(evaluators[0].user)
    response = client.get(reverse("evaluator:prepare", args=[interview.pk]))
    assert response.status_code == 200
    assert "interprète" not in response.text
