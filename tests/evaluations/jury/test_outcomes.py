"""What a session gives a candidate; approval, signed copy, moment of publication."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from candidates.models import HeldBloc, Session
from cqp.models import Mail
from cqp.workflow import TransitionRefused
from evaluations.jury.outcomes import CandidateOutcome, candidate_outcome
from evaluations.models import Approval, SignedMinutes
from evaluations.publication.formalities import keep_signed_minutes, note_approval
from evaluations.publication.holdings import held_before
from evaluations.publication.issuing import issue_minutes, session_cases
from evaluations.publication.minutes import minutes_context
from evaluations.publication.services import announce_due, move_publication, publish
from tests import factories as make
from tests.evaluations.jury.scene import add_candidate, decided, first_bloc, make_scene, pdf, ready, sitting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("outcomes", "completed", "wanted"),
    [
        (["acquired"] * 3, True, "total"),
        (["acquired", "not_acquired"], False, "partial"),
        (["acquired", "absent"], False, "partial"),
        (["not_acquired", "absent"], False, "none"),
        (["not_acquired", "adjourned"], False, "adjourned"),
        (["absent", "excused"], False, "absent"),
        (["excused", "excused"], False, "excused"),
        (["withdrawn"], False, "withdrawn"),
        (["acquired", "fraud"], False, "fraud"),
        ([], False, "without_bloc"),
    ],
)
def test_a_candidate_has_one_outcome(outcomes, completed, wanted):
    assert candidate_outcome(outcomes, completed=completed) == wanted
    assert CandidateOutcome(wanted).label


def test_the_totals_of_the_minutes_are_the_enrolments(referentiel):
    scene = make_scene(referentiel, candidates=2, blocs=[1, 2, 3])
    add_candidate(scene, blocs=[1])
    add_candidate(scene, blocs=[2, 3], level=0)
    sitting(scene)
    for reason, outcome in (("Malade.", "excused"), ("Il renonce.", "withdrawn"), ("Copie.", "fraud")):
        row = make.make_enrolment(scene.session, blocs=[1]).enrolment_blocs.get()
        decided(scene, row, outcome, reason)
    for enrolment in scene.enrolments:
        for row in enrolment.enrolment_blocs.all():
            decided(scene, row)
    context = minutes_context(scene.session, session_cases(scene.session), held_before(scene.session))
    counts = {one["label"]: one["count"] for one in context["results"]}
    assert counts == {
        "validation totale": 2,
        "validation partielle": 1,
        "aucune validation": 1,
        "absent excusé": 1,
        "désistement": 1,
        "exclu pour fraude": 1,
    }
    assert sum(counts.values()) == context["total_candidates"] == scene.session.enrolments.count()
    assert sum(one["count"] for one in context["totals"]) == context["total_blocs"]


def test_a_bloc_held_two_versions_ago_completes_the_cqp(referentiel):
    session, day = make.make_session(referentiel), dt.date(2024, 3, 1)
    candidate = make.make_enrolment(session).candidate
    bloc = referentiel.blocs.get(number=1)
    HeldBloc.objects.create(candidate=candidate, bloc=bloc, source="external", obtained_on=day)
    for version in ("2", "3"):
        values = {name: getattr(referentiel, name) for name in ("branch", "code", "rule_parameters")}
        later = type(referentiel).objects.create(version=version, title="Nouveau", **values)
        bloc = type(bloc).objects.create(referentiel=later, number=1, code="BC1", title="Bloc", continues=bloc)
    session.referentiel = later
    held = held_before(session)[candidate.pk]
    assert (held.blocs, held.certificate) == ({bloc.pk: day}, None)


def test_where_the_rules_ask_for_it_the_signed_copy_and_the_approval_come_first(referentiel):
    scene = ready(referentiel, signed_minutes=True, final_approval=True)
    with pytest.raises(TransitionRefused) as refused:
        publish(scene.session, by=scene.admin)
    assert [one.text for one in refused.value.missing] == [
        "Le procès-verbal signé n'est pas déposé.",
        "L'approbation de la CPNEFP sur ce procès-verbal n'est pas notée.",
    ]
    first = keep_signed_minutes(scene.minutes, by=scene.admin, upload=pdf())
    assert keep_signed_minutes(scene.minutes, by=scene.admin, upload=pdf()) == first
    today = timezone.localdate()
    with pytest.raises(TransitionRefused, match="à venir"):
        note_approval(scene.minutes, by=scene.admin, approved_on=today + dt.timedelta(days=2), reference="CR 12")
    with pytest.raises(TransitionRefused, match="référence"):
        note_approval(scene.minutes, by=scene.admin, approved_on=today, reference=" ")
    note_approval(scene.minutes, by=scene.admin, approved_on=today, reference="CR 12")
    assert publish(scene.session, by=scene.admin).is_published


def test_an_approval_is_of_one_procès_verbal(referentiel):
    scene = ready(referentiel, final_approval=True)
    note_approval(scene.minutes, by=scene.admin, approved_on=timezone.localdate(), reference="CR 12")
    decided(scene, first_bloc(scene), "adjourned", "Une pièce manque.")
    again = issue_minutes(scene.session, scene.admin)
    with pytest.raises(TransitionRefused, match="n'est pas encore possible"):
        publish(scene.session, by=scene.admin)
    with pytest.raises(TransitionRefused, match="a été remplacé"):
        note_approval(scene.minutes, by=scene.admin, approved_on=timezone.localdate(), reference="CR 12")
    note_approval(again, by=scene.admin, approved_on=timezone.localdate(), reference="CR 13")
    assert Approval.objects.get().minutes == again


def test_the_pages_of_the_formalities(referentiel, client):
    scene = ready(referentiel, final_approval=True, signed_minutes=True)
    client.force_login(scene.admin)
    page = client.get(reverse("branch:documents", args=[scene.session.pk])).text
    assert "Noter l'approbation" in page.replace("&#x27;", "'")
    signed, approve = (reverse(f"branch:minutes_{name}", args=[scene.minutes.pk]) for name in ("signed", "approve"))
    bad = client.post(signed, {"scan": SimpleUploadedFile("pv.pdf", b"not a PDF", "application/pdf")})
    assert bad.status_code == 422
    assert client.post(signed, {"scan": pdf()}).status_code == 302
    assert client.post(approve, {"approved_on": "2099-01-01", "reference": "CR 1"}).status_code == 409
    assert client.post(approve, {"approved_on": "", "reference": "CR 1"}).status_code == 422
    assert client.post(approve, {"approved_on": "2026-01-02", "reference": "CR 1"}).status_code == 302
    page = client.get(reverse("branch:documents", args=[scene.session.pk])).text
    assert "signé (PDF)" in page
    scan = SignedMinutes.objects.get().scan
    answer = client.get(reverse("files:original", args=[scan.key]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # Closing it would close the test's connection.
    client.force_login(scene.jurors[0].user)
    assert client.get(reverse("files:original", args=[scan.key])).status_code == 404


def test_results_come_out_at_the_moment_chosen_and_not_before(referentiel, client, run_tasks, mailoutbox):
    scene = ready(referentiel)
    later = timezone.now() + dt.timedelta(days=2)
    with pytest.raises(TransitionRefused, match="90 jours"):
        publish(scene.session, by=scene.admin, at=timezone.now() + dt.timedelta(days=100))
    session = publish(scene.session, by=scene.admin, at=later)
    run_tasks()
    assert (session.state, session.is_published, mailoutbox) == ("decided", False, [])
    candidate = scene.enrolments[0].candidate.user
    client.force_login(candidate)
    assert "Mes résultats" not in client.get(reverse("candidate:home")).text
    document = scene.session.documents.filter(enrolment=scene.enrolments[0]).first()
    assert client.get(reverse("candidate:document", args=[document.pk])).status_code == 404
    assert announce_due() == 0
    for person, name in ((scene.admin, "branch:sessions"), (scene.jurors[0].user, "jury:home")):
        client.force_login(person)
        assert "publication à venir" in client.get(reverse(name)).text
    client.force_login(candidate)
    Session.objects.filter(pk=session.pk).update(published_at=timezone.now() - dt.timedelta(minutes=1))
    call_command("tick")
    call_command("tick")
    run_tasks()
    assert [mail.to for mail in mailoutbox] == [[candidate.email]]
    assert "Mes résultats" in client.get(reverse("candidate:home")).text
    assert Mail.objects.filter(template="results_published").count() == 1


def test_the_moment_can_be_moved_until_then(referentiel, client, run_tasks, mailoutbox):
    scene = ready(referentiel)
    client.force_login(scene.admin)
    url = reverse("branch:publish", args=[scene.session.pk])
    wall = (timezone.now().astimezone(scene.session.zone) + dt.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"at": wall}).status_code == 302
    assert "paraîtront le" in client.get(url).text
    assert client.post(url, {"at": "2026-13-45"}).status_code == 422
    assert client.post(url, {"at": ""}).status_code == 302
    run_tasks()
    assert len(mailoutbox) == 1
    assert client.post(url, {"at": wall}).status_code == 409
    with pytest.raises(TransitionRefused, match="n'attendent pas"):
        move_publication(Session.objects.get(), by=scene.admin, at=None)
