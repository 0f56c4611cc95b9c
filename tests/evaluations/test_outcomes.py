"""What a session gives a candidate; approval, signed copy, moment of publication, appeals."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from candidates.models import HeldBloc, Session
from candidates.services.erasure import erase_when_due
from candidates.services.sessions import set_jury_rules
from cqp.models import Document, Mail
from cqp.personal_data import MARK
from cqp.workflow import TransitionRefused
from evaluations.cases import bloc_cases
from evaluations.documents.minutes import minutes_context
from evaluations.models import Appeal, Approval, Decision, SignedMinutes
from evaluations.outcomes import CandidateOutcome, candidate_outcome, certificate_blocs
from evaluations.services.appeals import receive_appeal, reject_appeal, uphold_appeal
from evaluations.services.formalities import keep_signed_minutes, note_approval
from evaluations.services.publication import (
    announce_due,
    held_before,
    issue_minutes,
    move_publication,
    publish,
    session_cases,
)
from tests import factories as make
from tests.evaluations.jury_scene import add_candidate, all_decided, decided, first_bloc, make_scene, sitting


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


pytestmark = pytest.mark.django_db


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


def ready(referentiel, **rules):
    scene = make_scene(referentiel)
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    all_decided(sitting(scene))
    scene.minutes = issue_minutes(scene.session, scene.admin)
    return scene


def pdf():
    return SimpleUploadedFile("pv.pdf", make.make_pdf(), "application/pdf")


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
    assert certificate_blocs(session, [], held) == [(bloc, day)]
    assert certificate_blocs(session, [], {}) is None


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


def failed(referentiel, *, blocs: list[int] | None = None, **rules):
    """A session published, whose candidate did not get their blocs."""
    scene = make_scene(referentiel, blocs=blocs, level=1)
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    scene.session = publish(scene.session, by=scene.admin)
    return scene


def test_an_appeal_upheld_is_a_new_version_and_its_documents(referentiel, run_tasks):
    scene = failed(referentiel)
    row, today = first_bloc(scene), timezone.localdate()
    first = Decision.objects.get()
    appeal = receive_appeal(row, by=scene.admin, received_on=today, grounds="Le tableau de bord n'a pas été vu.")
    assert receive_appeal(row, by=scene.admin, received_on=today, grounds="Encore.") == appeal
    decision = uphold_appeal(appeal, by=scene.admin, outcome="acquired", answer="La pièce était au dossier.")
    first.refresh_from_db()
    assert (first.outcome, decision.version, decision.supersedes) == ("not_acquired", 2, first)
    assert HeldBloc.objects.get().bloc.number == 1
    kinds = {one.kind: one for one in Document.objects.filter(superseded_by=None)}
    assert kinds.keys() == {"report", "letter", "minutes", "attestation"}
    assert kinds["minutes"].supersedes is not None
    assert kinds["minutes"].context["candidates"][0]["blocs"][0]["decision"]["revised"]
    with pytest.raises(TransitionRefused, match="déjà"):
        reject_appeal(appeal, by=scene.admin, answer="Non.")
    run_tasks()
    assert not Document.objects.filter(sha256="").exists()


def test_an_appeal_rejected_leaves_the_decision(referentiel):
    scene = failed(referentiel)
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Injuste.")
    with pytest.raises(TransitionRefused, match="Écrivez la réponse"):
        reject_appeal(appeal, by=scene.admin, answer=" ")
    reject_appeal(appeal, by=scene.admin, answer="Le jury maintient.")
    assert Decision.objects.count() == 1
    assert Appeal.objects.get().state == "rejected"


def test_appeals_that_are_not_received(referentiel):
    scene = failed(referentiel, appeal_days=30)
    row, today = first_bloc(scene), timezone.localdate()
    with pytest.raises(TransitionRefused, match="avant la publication"):
        receive_appeal(row, by=scene.admin, received_on=today - dt.timedelta(days=3), grounds="Trop tôt.")
    with pytest.raises(TransitionRefused, match="à venir"):
        receive_appeal(row, by=scene.admin, received_on=today + dt.timedelta(days=1), grounds="Demain.")
    with pytest.raises(TransitionRefused, match="Seule la branche"):
        receive_appeal(row, by=scene.jurors[0].user, received_on=today, grounds="Moi.")
    Session.objects.update(published_at=timezone.now() - dt.timedelta(days=40))
    with pytest.raises(TransitionRefused, match="hors délai"):
        receive_appeal(row, by=scene.admin, received_on=today, grounds="Trop tard.")
    waiting = ready(referentiel)
    with pytest.raises(TransitionRefused, match="pas publiés"):
        receive_appeal(first_bloc(waiting), by=waiting.admin, received_on=today, grounds="Trop tôt.")


def test_an_appeal_takes_nothing_back(referentiel):
    scene = make_scene(referentiel)
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Mieux.")
    with pytest.raises(TransitionRefused, match="ne le lui retire pas"):
        uphold_appeal(appeal, by=scene.admin, outcome="not_acquired", answer="Relu.")


def test_the_pages_of_an_appeal(referentiel, client):
    scene = failed(referentiel)
    client.force_login(scene.admin)
    enrolment, row = scene.enrolments[0], first_bloc(scene)
    page = reverse("branch:appeals", args=[enrolment.pk])
    assert "Enregistrer un recours" in client.get(page).text
    receive = reverse("branch:appeal_receive", args=[row.pk])
    assert client.post(receive, {"received_on": "", "grounds": "Motifs gardés"}).status_code == 422
    late = client.post(receive, {"received_on": "2020-01-01", "grounds": "Motifs gardés"})
    assert (late.status_code, "Motifs gardés" in late.text) == (409, True)
    assert client.post(receive, {"received_on": timezone.localdate(), "grounds": "Relisez."}).status_code == 302
    answer = reverse("branch:appeal_answer", args=[Appeal.objects.get().pk])
    assert client.post(answer, {"outcome": "rejected", "answer": ""}).status_code == 422
    assert client.post(answer, {"outcome": "acquired", "answer": "Fondé."}).status_code == 302
    assert client.post(answer, {"outcome": "rejected", "answer": "Non."}).status_code == 409
    assert "accueilli" in client.get(page).text
    [case] = bloc_cases(enrolment.enrolment_blocs.all())
    assert case.decision.outcome == "acquired"


@pytest.mark.parametrize("blocs", [[1], [1, 2, 3]])
def test_the_page_of_appeals_costs_the_same(referentiel, client, blocs, django_assert_num_queries):
    scene = failed(referentiel, blocs=blocs)
    for row in scene.enrolments[0].enrolment_blocs.all():
        appeal = receive_appeal(row, by=scene.admin, received_on=timezone.localdate(), grounds="Relisez.")
        if row.bloc_id % 2:
            reject_appeal(appeal, by=scene.admin, answer="Relu.")
    client.force_login(scene.admin)
    with django_assert_num_queries(7):
        client.get(reverse("branch:appeals", args=[scene.enrolments[0].pk]))


def test_an_erasure_empties_an_appeal_and_drops_the_signed_copy(referentiel, django_capture_on_commit_callbacks):
    scene = make_scene(referentiel, level=1)
    all_decided(sitting(scene))
    minutes = issue_minutes(scene.session, scene.admin)
    keep_signed_minutes(minutes, by=scene.admin, upload=pdf())
    publish(scene.session, by=scene.admin)
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Mes raisons.")
    reject_appeal(appeal, by=scene.admin, answer="Nos raisons.")
    Session.objects.update(published_at=timezone.now() - dt.timedelta(days=365 * 11))
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_when_due(scene.enrolments[0].candidate, today=timezone.localdate())
    appeal.refresh_from_db()
    assert (appeal.grounds, appeal.answer, appeal.state) == (MARK, MARK, "rejected")
    assert not SignedMinutes.objects.exists()
