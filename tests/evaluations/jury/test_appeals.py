"""An appeal against a decision: upheld, rejected, not received, erased."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import HeldBloc, Session
from candidates.privacy.erasure import erase_when_due
from cqp.models import Document
from cqp.privacy.fields import MARK
from cqp.workflow import TransitionRefused
from evaluations.jury.outcomes import is_better
from evaluations.jury.queries import list_bloc_cases
from evaluations.models import Appeal, Decision, SignedMinutes
from evaluations.publication.appeals import declare_inadmissible, receive_appeal, reject_appeal, uphold_appeal
from evaluations.publication.formalities import keep_signed_minutes
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from tests.evaluations.jury.scene import all_decided, decided, failed, first_bloc, make_scene, pdf, ready, sitting

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("contested", Decision.Outcome.values)
def test_an_appeal_never_makes_it_worse(referentiel, contested):
    scene = sitting(make_scene(referentiel))
    decided(scene, first_bloc(scene), contested, "" if contested == "acquired" else "Le jury le constate.")
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Mieux.")
    for outcome in Decision.Outcome.values:
        if not is_better(outcome, contested):
            with pytest.raises(TransitionRefused):
                uphold_appeal(appeal, by=scene.admin, outcome=outcome, answer="Relu.")
    assert Decision.objects.count() == 1
    assert (is_better("fraud", contested), is_better(contested, "acquired")) == (False, False)
    for outcome in ("not_acquired", "absent", "excused"):
        assert not is_better(outcome, "adjourned")


def answers(appeal, state, by):
    if state == "upheld":
        uphold_appeal(appeal, by=by, outcome="acquired", answer="La pièce était au dossier.")
    else:
        answer = reject_appeal if state == "rejected" else declare_inadmissible
        answer(appeal, by=by, answer="La pièce n'était pas au dossier.")


@pytest.mark.parametrize(
    ("state", "label", "reason"),
    [
        ("upheld", "accueilli", "La pièce était au dossier."),
        ("rejected", "rejeté", "La pièce n'était pas au dossier."),
        ("inadmissible", "irrecevable", "La pièce n'était pas au dossier."),
    ],
)
def test_the_answer_and_its_reason_reach_the_candidate(
    referentiel, client, run_tasks, mailoutbox, state, label, reason
):
    scene = failed(referentiel)
    appeal = receive_appeal(first_bloc(scene), by=scene.admin, received_on=timezone.localdate(), grounds="Relisez.")
    run_tasks()
    mailoutbox.clear()
    candidate = scene.enrolments[0].candidate
    client.force_login(candidate.user)
    assert "en cours" in client.get(reverse("candidate:home")).text
    answers(appeal, state, scene.admin)
    run_tasks()
    [mail] = mailoutbox
    assert mail.to == [candidate.user.email]
    assert label in mail.body
    assert reason in mail.body
    assert ("désormais : acquis" in mail.body) == (state == "upheld")
    page = client.get(reverse("candidate:home")).text.replace("&#x27;", "'")
    assert label in page
    assert reason in page
    assert Decision.objects.count() == (2 if state == "upheld" else 1)


def test_an_appeal_that_came_late_is_answered_inadmissible_and_nothing_else(referentiel, client):
    scene = failed(referentiel, appeal_days=30)
    row, today = first_bloc(scene), timezone.localdate()
    Session.objects.update(published_at=timezone.now() - dt.timedelta(days=40))
    client.force_login(scene.admin)
    receive = reverse("branch:appeal_receive", args=[row.pk])
    refused = client.post(receive, {"received_on": today, "grounds": "Trop tard."})
    assert (refused.status_code, "cochez la case" in refused.text) == (409, True)
    late = {"received_on": today, "grounds": "Trop tard.", "is_known_late": "on"}
    assert client.post(receive, late).status_code == 302
    appeal = Appeal.objects.get()
    for answer in (
        lambda: reject_appeal(appeal, by=scene.admin, answer="Non."),
        lambda: uphold_appeal(appeal, by=scene.admin, outcome="acquired", answer="Oui."),
    ):
        with pytest.raises(TransitionRefused, match="irrecevable"):
            answer()
    url = reverse("branch:appeal_answer", args=[appeal.pk])
    assert client.post(url, {"outcome": "rejected", "answer": "Non."}).status_code == 422
    assert client.post(url, {"outcome": "inadmissible", "answer": "Le délai était passé."}).status_code == 302
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer) == ("inadmissible", "Le délai était passé.")


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
    [case] = list_bloc_cases(enrolment.enrolment_blocs.all())
    assert case.decision.outcome == "acquired"


@pytest.mark.parametrize("blocs", [[1], [1, 2, 3]])
def test_the_page_of_appeals_costs_the_same(referentiel, client, blocs, django_assert_num_queries):
    scene = failed(referentiel, blocs=blocs)
    for row in scene.enrolments[0].enrolment_blocs.all():
        appeal = receive_appeal(row, by=scene.admin, received_on=timezone.localdate(), grounds="Relisez.")
        if row.bloc_id % 2:
            reject_appeal(appeal, by=scene.admin, answer="Relu.")
    client.force_login(scene.admin)
    with django_assert_num_queries(15):
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
