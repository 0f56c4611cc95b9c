"""« Je connais cette personne » : a candidate says that they know an evaluator; planning and the branch hear of it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.appointments.acquaintances import declare_acquaintance, withdraw_acquaintance
from candidates.appointments.incompatibilities import load_facts
from candidates.appointments.services import declare_conflict
from candidates.models import Conflict
from candidates.planning import guards
from cqp.models import JournalEntry, Mail
from tests.candidates.branch_pages import text
from tests.factories import (
    make_admin,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_juror,
    make_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(referentiel):
    return make_enrolment(make_session(referentiel))


@pytest.fixture
def alix(enrolment):
    return make_evaluator(enrolment.session, first_name="Alix", last_name="Rouvière")


@pytest.fixture
def candidate(client, enrolment):
    client.force_login(enrolment.candidate.user)
    return client


def page(enrolment):
    return reverse("candidate:evaluators", args=[enrolment.pk])


def press(candidate, enrolment, appointment, name="known"):
    return candidate.post(reverse(f"candidate:evaluator-{name}", args=[enrolment.pk, appointment.pk]), follow=True)


def verbs(stream):
    return list(JournalEntry.objects.filter(stream=stream).order_by("seq").values_list("verb", flat=True))


def test_before_anybody_is_appointed_there_is_nothing_to_say(candidate, enrolment):
    make_juror(enrolment.session, last_name="Marchetti")
    said = text(candidate.get(page(enrolment)))
    assert "Les évaluateurs ne sont pas encore nommés" in said
    assert "Marchetti" not in said


def test_candidate_knows_an_evaluator_and_says_it(candidate, enrolment, alix):
    said = text(candidate.get(page(enrolment)))
    assert "Alix Rouvière" in said
    assert alix.user.email not in said
    for _ in range(2):
        response = press(candidate, enrolment, alix)
        assert "Vous avez déclaré connaître cette personne" in text(response)
    conflict = Conflict.objects.get()
    assert (conflict.appointment, conflict.declared_by) == (alix, enrolment.candidate.user)
    assert verbs(enrolment.stream) == ["conflict.declared"]
    [found] = load_facts(enrolment.session).between(enrolment.pk, alix.pk)
    assert found.is_blocking
    assert not Mail.objects.exists()


def test_candidate_takes_it_back_while_no_interview_is_planned(candidate, enrolment, alix):
    press(candidate, enrolment, alix)
    response = press(candidate, enrolment, alix, "unknown")
    assert "Votre déclaration est annulée" in text(response)
    assert not Conflict.objects.exists()
    assert verbs(enrolment.stream) == ["conflict.declared", "conflict.withdrawn"]
    assert verbs(f"session:{enrolment.session_id}") == ["conflict.declared", "conflict.withdrawn"]
    assert load_facts(enrolment.session).between(enrolment.pk, alix.pk) == []


def test_a_link_with_a_planned_evaluator_is_told_to_the_administrators(candidate, enrolment, alix):
    admin = make_admin(enrolment.session.branch)
    row = enrolment.enrolment_blocs.get(bloc__number=2)
    interview = make_interview(row, [alix, make_evaluator(enrolment.session)])
    response = press(candidate, enrolment, alix)
    assert "Un entretien est planifié avec elle. La branche est prévenue." in text(response)
    mail = Mail.objects.get()
    assert (mail.to, mail.template) == (admin.email, "acquaintance_declared")
    assert f"{enrolment.candidate} déclare connaître Alix Rouvière" in mail.body
    assert "bloc 2" in mail.body
    listed = [one for one in guards.missing_before_interviews(enrolment.session) if "Alix Rouvière" in one.text]
    assert [one.url for one in listed] == [reverse("branch:interview", args=[interview.pk])]
    response = press(candidate, enrolment, alix, "unknown")
    assert "votre déclaration ne s'annule plus ici" in text(response)
    assert Conflict.objects.exists()


def test_an_interview_that_was_cancelled_holds_nobody(candidate, enrolment, alix):
    make_interview(enrolment.enrolment_blocs.first(), [alix], state="cancelled")
    press(candidate, enrolment, alix)
    assert not Mail.objects.exists()
    press(candidate, enrolment, alix, "unknown")
    assert not Conflict.objects.exists()


def test_a_link_that_somebody_else_declared_stays_theirs(candidate, enrolment, alix):
    declare_conflict(appointment=alix, candidate=enrolment.candidate, by=alix.user)
    said = text(candidate.get(page(enrolment)))
    assert "Un lien avec cette personne est déjà noté" in said
    press(candidate, enrolment, alix)
    press(candidate, enrolment, alix, "unknown")
    assert Conflict.objects.get().declared_by == alix.user


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_after_the_interviews_one_writes_to_the_branch(client, referentiel, state):
    enrolment = make_enrolment(make_session(referentiel, state=state))
    alix = make_evaluator(enrolment.session)
    client.force_login(enrolment.candidate.user)
    said = text(client.get(page(enrolment)))
    assert "Les entretiens sont passés" in said
    assert "Je connais cette personne" not in said
    press(client, enrolment, alix)
    assert not Conflict.objects.exists()


def test_only_evaluators_of_the_session_are_known_there(candidate, enrolment, referentiel):
    juror = make_juror(enrolment.session)
    elsewhere = make_evaluator(make_session(referentiel))
    for appointment in (juror, elsewhere):
        assert press(candidate, enrolment, appointment).status_code == 404
        with pytest.raises(ValidationError, match="pas évaluateur"):
            declare_acquaintance(enrolment=enrolment, appointment=appointment, by=enrolment.candidate.user)


def test_nobody_else_says_it_for_the_candidate(client, enrolment, alix):
    other = make_enrolment(enrolment.session).candidate.user
    client.force_login(other)
    assert press(client, enrolment, alix).status_code == 404
    for write in (declare_acquaintance, withdraw_acquaintance):
        for person in (other, alix.user):
            with pytest.raises(PermissionError):
                write(enrolment=enrolment, appointment=alix, by=person)


def test_the_evaluator_reads_nothing_of_it(client, enrolment, alix):
    interview = make_interview(enrolment.enrolment_blocs.first(), [alix, make_evaluator(enrolment.session)])
    client.force_login(enrolment.candidate.user)
    press(client, enrolment, alix)
    client.force_login(alix.user)
    for url in (reverse("evaluator:home"), reverse("evaluator:prepare", args=[interview.pk])):
        response = client.get(url)
        assert response.status_code == 200
        assert "déclar" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_the_evaluators(candidate, enrolment, django_assert_num_queries, count):
    for row in enrolment.enrolment_blocs.all()[:count]:
        appointment = make_evaluator(enrolment.session)
        declare_conflict(appointment=appointment, candidate=enrolment.candidate, by=enrolment.candidate.user)
        make_interview(row, [appointment])
    with django_assert_num_queries(7):
        candidate.get(page(enrolment))
