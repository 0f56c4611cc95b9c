"""The results are published: once, whole, and nothing leaks before."""

import pytest
from django.db import transaction
from django.urls import reverse

from candidates.models import HeldBloc, Session
from candidates.sessions.dates import months_later
from cqp.models import Document, Mail
from cqp.workflow import TransitionRefused, perform
from evaluations.jury.sitting import DecisionRefused, note_attendance
from evaluations.models import Decision, SessionDocument
from evaluations.publication.issuing import issue_minutes, issue_report
from evaluations.publication.services import missing_before_publishing, publish
from evaluations.sheets.services import reopen_sheet
from evaluations.templatetags.results import published_results
from referentiel.models import Activity, Bloc, Competence, Criterion, Referentiel, ScaleLevel
from tests import factories as make
from tests.evaluations.jury.scene import all_decided, case_of, decided, first_bloc, joint_sheet, make_scene, sitting

pytestmark = pytest.mark.database


@pytest.fixture
def scene(referentiel):
    """Everything decided, nothing issued."""
    return all_decided(sitting(make_scene(referentiel)))


def make_short_lived_referentiel() -> Referentiel:
    """Another référentiel: one bloc of two criteria, its own scale, valid five years, judged by counting."""
    referentiel = Referentiel.objects.create(
        branch=make.make_branch("courte"),
        code="CQP-COURT",
        version="1",
        title="Métier court",
        rule="fixed_count",
        rule_parameters={"required_criteria": 1, "required_competences": 0},
        bloc_validity_months=60,
        access_routes=[{"code": "continuing_training", "label": "Formation continue"}],
        jury_rules={"minimum_members": 2},
    )
    for value in range(3):
        ScaleLevel.objects.create(referentiel=referentiel, value=value, label=f"Niveau {value}", points=value)
    bloc = Bloc.objects.create(referentiel=referentiel, number=1, code="B1", title="Le seul bloc")
    activity = Activity.objects.create(bloc=bloc, position=1, code="1.1", title="La seule activité")
    competence = Competence.objects.create(activity=activity, position=1, code="C1", statement="Faire.")
    for position in (1, 2):
        Criterion.objects.create(competence=competence, position=position, text=f"Critère {position}")
    return referentiel


def missing_texts(session) -> list[str]:
    return [one.text for one in missing_before_publishing(Session.objects.get(pk=session.pk))]


def test_a_session_is_not_published_before_every_decision(referentiel):
    scene = sitting(make_scene(referentiel))
    with pytest.raises(TransitionRefused) as refused:
        publish(scene.session, by=scene.admin)
    assert [one.text for one in refused.value.missing] == [
        f"{scene.enrolments[0].candidate}, bloc 1 : pas de décision."
    ]


def test_nor_before_the_minutes(scene):
    assert missing_texts(scene.session) == ["Le procès-verbal n'est pas émis."]
    issue_minutes(scene.session, scene.admin)
    assert missing_texts(scene.session) == []


def test_nor_on_minutes_that_no_longer_say_what_was_decided(scene):
    issue_minutes(scene.session, scene.admin)
    decided(scene, first_bloc(scene), "adjourned", "Une pièce manque.")
    assert "depuis le procès-verbal" in missing_texts(scene.session)[0]
    again = issue_minutes(scene.session, scene.admin)
    assert again.document.supersedes is not None
    assert missing_texts(scene.session) == []


def test_nor_when_who_was_present_changed_since(scene):
    issue_minutes(scene.session, scene.admin)
    third = make.make_juror(scene.session)
    note_attendance(scene.session.deliberation, [*scene.jurors, third], by=scene.admin)
    assert "les présences ont changé" in missing_texts(scene.session)[0]


def test_nor_on_a_sheet_reopened_after_its_decision(scene):
    issue_minutes(scene.session, scene.admin)
    reopen_sheet(joint_sheet(case_of(first_bloc(scene)).interview), by=scene.admin, reason="Erreur.")
    assert "la fiche a changé depuis la décision" in missing_texts(scene.session)[0]


def test_a_session_without_candidates_has_nothing_to_publish(referentiel):
    session = make.make_session(referentiel, state="jury")
    assert "aucun candidat" in missing_texts(session)[0]


def test_publishing_gives_the_blocs_the_documents_and_a_mail(scene, run_tasks, mailoutbox):
    issue_minutes(scene.session, scene.admin)
    published = publish(scene.session, by=scene.admin)
    assert published.state == "decided"
    assert published.is_published
    held = HeldBloc.objects.get()
    assert (held.candidate, held.bloc.number, held.source) == (scene.enrolments[0].candidate, 1, "decision")
    assert held.valid_until is None
    assert sorted(Document.objects.values_list("kind", flat=True)) == ["attestation", "letter", "minutes", "report"]
    run_tasks()
    assert not Document.objects.filter(sha256="").exists()
    [mail] = mailoutbox
    assert mail.to == [scene.enrolments[0].candidate.user.email]
    for word in ("acquis", "ajourné", "absent", "bloc 1"):
        assert word not in mail.body
    assert reverse("candidate:home") in mail.body
    assert "http" not in Mail.objects.get().body


def test_a_bloc_is_held_as_long_as_the_referentiel_says(db):
    referentiel = make_short_lived_referentiel()
    scene = all_decided(sitting(make_scene(referentiel)))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    held = HeldBloc.objects.get()
    assert held.valid_until == months_later(held.obtained_on, 60)
    # One bloc of one: the certificate is whole.
    assert Document.objects.filter(kind="certificate").count() == 1


def test_publishing_twice_is_refused_and_changes_nothing(scene):
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    before = (Document.objects.count(), HeldBloc.objects.count(), Mail.objects.count())
    with pytest.raises(TransitionRefused, match="n'est plus possible"):
        publish(scene.session, by=scene.admin)
    assert (Document.objects.count(), HeldBloc.objects.count(), Mail.objects.count()) == before


def test_only_the_branch_publishes(scene):
    issue_minutes(scene.session, scene.admin)
    for person in (scene.jurors[0].user, make.make_admin(make.make_branch()), scene.enrolments[0].candidate.user):
        with pytest.raises(TransitionRefused):
            publish(scene.session, by=person)
    assert not HeldBloc.objects.exists()


def test_a_publication_that_fails_halfway_leaves_nothing(scene, monkeypatch):
    issue_minutes(scene.session, scene.admin)

    def broken(*args, **kwargs):
        raise OSError("The mail's table is gone.")

    monkeypatch.setattr("cqp.mail.outbox.queue_mail", broken)
    with pytest.raises(OSError, match="gone"), transaction.atomic():
        publish(scene.session, by=scene.admin)
    scene.session.refresh_from_db()
    assert scene.session.state == "jury"
    assert not HeldBloc.objects.exists()
    assert Document.objects.count() == 1


def test_nothing_is_decided_after_publication(scene):
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    with pytest.raises(DecisionRefused, match="close"):
        decided(scene, first_bloc(scene), "adjourned", "Trop tard.")
    assert Decision.objects.count() == 1


def test_a_published_session_cannot_be_published_from_its_state_machine_alone(scene):
    with pytest.raises(TransitionRefused):
        perform(scene.session, "publish", by=scene.admin)


# --- What the candidate reads ---------------------------------------------------------------------------------------


def test_a_candidate_reads_nothing_before_publication(scene, client):
    issued = issue_report(scene.enrolments[0], scene.admin)
    client.force_login(scene.enrolments[0].candidate.user)
    page = client.get(reverse("candidate:home")).text
    for word in ("Mes résultats", "state-acquired", issued.document.reference, "Rapport"):
        assert word not in page
    assert client.get(reverse("candidate:document", args=[issued.pk])).status_code == 404


def test_a_candidate_reads_the_decision_and_downloads_the_report_once_published(scene, client, run_tasks):
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    client.force_login(scene.enrolments[0].candidate.user)
    report = SessionDocument.objects.get(document__kind="report")
    address = reverse("candidate:document", args=[report.pk])
    assert "en préparation" in client.get(reverse("candidate:home")).text
    waiting = client.get(address)
    assert waiting.status_code == 202
    assert "en préparation" in waiting.text
    run_tasks()
    page = client.get(reverse("candidate:home")).text
    assert "state-acquired" in page
    assert address in page
    response = client.get(address)
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == f'attachment; filename="{report.document.reference}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_neither_the_minutes_nor_anothers_report_are_a_candidates(referentiel, client):
    scene = all_decided(sitting(make_scene(referentiel, candidates=2)))
    minutes = issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    client.force_login(scene.enrolments[0].candidate.user)
    others = SessionDocument.objects.get(document__kind="report", enrolment=scene.enrolments[1])
    for one in (minutes, others):
        for name in ("candidate:document", "branch:document"):
            assert client.get(reverse(name, args=[one.pk])).status_code == 404


@pytest.mark.parametrize("blocs", [[1], [1, 2, 3]])
def test_the_results_cost_three_queries_whatever_the_blocs(referentiel, blocs, django_assert_num_queries):
    scene = all_decided(sitting(make_scene(referentiel, blocs=blocs)))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    enrolment = type(scene.enrolments[0]).objects.select_related("session").get()
    with django_assert_num_queries(3):
        results = published_results(enrolment)
    assert len(results.blocs) == len(blocs)
