"""A certificate follows from decisions, once: whatever happens to a person in other sessions."""

import importlib
from collections import Counter

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as some

from candidates.models import HeldBloc
from cqp.documents import services as official
from cqp.evidence import triggers
from cqp.models import Document
from cqp.workflow import TransitionRefused
from evaluations.accrochage.queries import holder_rows
from evaluations.jury.outcomes import CandidateOutcome
from evaluations.models import Decision, SessionDocument
from evaluations.publication.entitlement import BlocDecision, Holding, InForce, entitle
from evaluations.publication.issuing import current_document, issue_certificate, void_certificate
from evaluations.register.services import issue_register
from tests import factories as make
from tests.evaluations.publication.lives import (
    Lives,
    certificates_in_force,
    decide_all,
    enrol_again,
    open_session,
    publish_all,
    win_appeal,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def context_of(enrolment, kind):
    return current_document(enrolment.session, kind, enrolment).document.context


def line_of(enrolment):
    [line] = current_document(enrolment.session, "minutes").document.context["candidates"]
    return line


def sat_again_elsewhere(referentiel, outcome):
    """Bloc 1 won on appeal in one session, while its holder sits it again in another, which decides `outcome`."""
    first, second = open_session(referentiel), open_session(referentiel)
    candidate = make.make_candidate(referentiel.branch)
    enrolment = enrol_again(first, candidate, [1, 2, 3])
    decide_all(first, {1: "not_acquired", 2: "acquired", 3: "acquired"})
    publish_all(first)
    again = enrol_again(second, candidate, [1])
    win_appeal(enrolment.enrolment_blocs.get(bloc__number=1), first)
    decide_all(second, {1: outcome})
    publish_all(second)
    return first, enrolment, again


@pytest.mark.parametrize("outcome", ["not_acquired", "acquired", "adjourned"])
def test_a_bloc_won_on_appeal_and_sat_again_gives_one_certificate(referentiel, outcome):
    first, enrolment, again = sat_again_elsewhere(referentiel, outcome)
    [certificate] = certificates_in_force()
    assert certificate.enrolment == enrolment
    reference = certificate.document.reference
    line, letter = line_of(again), context_of(again, "letter")
    assert (line["completed"], line["holder_of"], letter["holder_of"]) == (False, reference, reference)
    assert line["outcome"] == letter["outcome_label"] != "validation totale"
    assert f"votre certificat {reference} reste en vigueur" in official.document_html(
        current_document(again.session, "letter", again).document
    ).replace("\xa0", " ")
    [row] = holder_rows([referentiel.branch])
    assert row.certificate == certificate
    register = issue_register(referentiel.branch, by=first.admin)
    assert [holder["reference"] for holder in register.context["holders"]] == [reference]
    with pytest.raises(TransitionRefused, match="reste en vigueur"):
        issue_certificate(again, first.admin)


def test_what_a_session_did_not_give_is_told_apart(referentiel):
    first, second = open_session(referentiel), open_session(referentiel)
    candidate = make.make_candidate(referentiel.branch)
    enrolment, other = enrol_again(first, candidate, [1, 2]), enrol_again(second, candidate, [2, 3])
    decide_all(first, {1: "acquired", 2: "acquired"})
    decide_all(second, {2: "not_acquired", 3: "acquired"})
    publish_all(first)
    publish_all(second)
    assert [one.enrolment for one in certificates_in_force()] == [other]
    assert (line_of(enrolment)["completed"], line_of(other)["completed"]) == (False, True)
    assert [bloc["number"] for bloc in line_of(other)["counted"]] == [1, 2]
    assert [bloc["number"] for bloc in context_of(other, "letter")["counted"]] == [1, 2]


def test_who_is_excluded_for_fraud_gets_no_certificate_from_that_session(referentiel):
    scene, candidate = open_session(referentiel), make.make_candidate(referentiel.branch)
    for number in (2, 3):
        HeldBloc.objects.create(
            candidate=candidate, bloc=make.bloc(referentiel, number), source="external", obtained_on="2024-03-01"
        )
    enrolment = enrol_again(scene, candidate, [1, 2])
    decide_all(scene, {1: "acquired", 2: "fraud"})
    publish_all(scene)
    assert not certificates_in_force()
    assert (line_of(enrolment)["completed"], context_of(enrolment, "letter")["outcome"]) == (False, "fraud")


def test_the_database_refuses_a_second_one_in_force(referentiel):
    scene, _, _ = sat_again_elsewhere(referentiel, "not_acquired")
    [certificate] = certificates_in_force()
    document = certificate.document
    with pytest.raises(IntegrityError), transaction.atomic():
        official.issue("certificate", branch=referentiel.branch, context={}, holder=document.holder)
    replaced = void_certificate(certificate, reason="Perdu", again=True, by=scene.admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(voided_at=None, superseded_at=None)
    assert [one.pk for one in certificates_in_force()] == [replaced.pk]


def test_a_database_of_before_keeps_one_of_several(referentiel):
    """The certificate that follows from decisions stays; the one that a session gave without any is voided."""
    _, _, again = sat_again_elsewhere(referentiel, "not_acquired")
    [certificate] = certificates_in_force()
    wrong = official.issue("certificate", branch=referentiel.branch, context={"date": ""})
    SessionDocument.objects.create(document=wrong, session=again.session, enrolment=again)
    assert len(certificates_in_force()) == 2
    # As `migrate` does: without the locks, which it installs again.
    connection.check_constraints()
    triggers.drop_before_migrate()
    importlib.import_module("evaluations.migrations.0008_certificates_have_one_holder").name_holders(apps, None)
    assert certificates_in_force() == [certificate]
    wrong.refresh_from_db()
    assert wrong.voided_at
    assert wrong.holder == certificate.document.holder


@given(
    outcomes=some.dictionaries(some.sampled_from([1, 2, 3]), some.sampled_from(Decision.Outcome.values)),
    held=some.sets(some.sampled_from([1, 2, 3])),
    certificate=some.sampled_from([None, InForce("CQP-1", 1, 1), InForce("CQP-2", 2, 1), InForce("CQP-3", 2, 2)]),
)
def test_what_is_given_follows_from_what_is_decided(outcomes, held, certificate):
    day = make.timezone.localdate()
    decisions = [BlocDecision(bloc, outcome, day) for bloc, outcome in outcomes.items()]
    given_here = {bloc for bloc, outcome in outcomes.items() if outcome == "acquired"}
    result = entitle([1, 2, 3], decisions, Holding(dict.fromkeys(held, day), certificate), enrolment=1, referentiel=1)
    if result.is_due:
        assert given_here
        assert given_here | held == {1, 2, 3}
        assert "fraud" not in outcomes.values()
        assert result.may_be_issued
        assert not result.holder_of
        assert set(result.counted) == {1, 2, 3} - given_here
    if not given_here - held and (certificate is None or certificate.enrolment != 1):
        assert not result.is_due
    assert (result.outcome == CandidateOutcome.TOTAL) == result.is_due
    if certificate and certificate.enrolment == 2 and certificate.referentiel == 1:
        assert result.holder_of == certificate.reference


@pytest.mark.parametrize("seed", range(8))
def test_over_random_lives_one_is_in_force_and_the_documents_agree(referentiel, seed):
    lives = Lives(referentiel, seed)
    for _ in range(20):
        issued = lives.step()
        check_state(lives, issued)


def check_state(lives, issued) -> None:
    """At most one certificate in force for each person, from a session that gave them a bloc; what was just issued agrees."""
    certificates = certificates_in_force()
    assert all(count == 1 for count in Counter(one.enrolment.candidate_id for one in certificates).values()), lives.log
    acquired = Counter(
        Decision.objects.filter(superseded_by=None, outcome="acquired").values_list(
            "enrolment_bloc__enrolment", flat=True
        )
    )
    assert all(acquired[one.enrolment_id] for one in certificates), lives.log
    living = {one.pk for one in certificates if one.enrolment.candidate.erased_at is None}
    assert {row.certificate.pk for row in holder_rows([lives.referentiel.branch])} == living, lives.log
    in_force = {one.enrolment_id: one for one in certificates}
    letters = SessionDocument.objects.filter(
        enrolment__in=issued, document__kind="letter", document__superseded_by=None
    ).select_related("document", "enrolment__candidate", "session")
    assert {letter.enrolment_id for letter in letters} == issued
    for letter in letters:
        context = letter.document.context
        minutes = current_document(letter.session, "minutes").document.context
        [line] = [line for line in minutes["candidates"] if line["civil_name"] == context["candidate"]["civil_name"]]
        assert line["outcome"] == context["outcome_label"], lives.log
        assert line["completed"] == (context["outcome"] == "total") == (letter.enrolment_id in in_force), lives.log
        assert line.get("holder_of") == context.get("holder_of")
        given = {bloc["number"] for bloc in context["blocs"] if bloc["decision"]["outcome"] == "acquired"}
        if line["completed"]:
            assert given | {bloc["number"] for bloc in context.get("counted", ())} == {1, 2, 3}
            assert given
