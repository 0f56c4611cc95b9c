"""What the branch does with a dossier that was handed in: it is complete, or it goes back to the candidate."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.completeness import accept_dossier, extend_deadline, get_return_check
from candidates.dossiers.deposit import DepositRefused
from candidates.dossiers.files import add_file, remove_file
from candidates.dossiers.submission import submit_dossier
from candidates.models import Answer, Dossier, Interview
from candidates.planning.guards import missing_before_interviews
from candidates.portal.next_step import next_step
from cqp.models import Document, JournalEntry
from cqp.workflow import TransitionRefused
from tests.candidates.branch_pages import text
from tests.candidates.dossiers.scene import ON_HONOUR, fill, item, pdf, send_back, verbs
from tests.factories import make_admin, make_enrolment, make_evaluator, make_interview, make_session, make_user

pytestmark = pytest.mark.database

DAY = dt.timedelta(days=1)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def draft(session):
    return Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))


@pytest.fixture
def candidate(draft):
    return draft.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def handed_in(draft, candidate):
    fill(draft, candidate)
    Answer.objects.create(dossier=draft, trame_item=item(draft, 1), text="Mon périmètre", seq=1)
    return submit_dossier(draft, by=candidate, declaration=ON_HONOUR)


# --- Accepted, sent back -------------------------------------------------------------------------------------------


def test_an_accepted_dossier_says_so_to_its_candidate(client, handed_in, admin, candidate):
    accept_dossier(dossier=handed_in, by=admin)
    client.force_login(candidate)
    page = client.get(reverse("candidate:dossier", args=[handed_in.pk])).content.decode()
    assert "La branche a vérifié qu'il est complet" in page
    assert verbs(handed_in)[-1] == "dossier.accept"


def test_a_dossier_sent_back_is_a_new_version_with_the_same_files_and_answers(handed_in, admin):
    fresh = send_back(handed_in, admin, comments={item(handed_in, 2).pk: "La page 3 est à l'envers."})
    handed_in.refresh_from_db()
    assert (handed_in.state, fresh.state, fresh.version) == ("returned", "draft", 2)
    files = [list(one.files.values_list("stored_file", "trame_item", "position")) for one in (handed_in, fresh)]
    assert files[0] == files[1] != []
    assert [answer.text for answer in fresh.answers.all()] == ["Mon périmètre"]


def test_the_candidate_reads_what_to_mend_under_its_heading_and_by_mail(
    client, handed_in, admin, candidate, run_tasks, mailoutbox
):
    fresh = send_back(
        handed_in, admin, comments={item(handed_in, 2).pk: "La page 3 est à l'envers.", None: "Numérotez vos pages."}
    )
    client.force_login(candidate)
    response = client.get(reverse("candidate:dossier", args=[fresh.pk]))
    page = response.content.decode()
    for words in ("Trois pages sont illisibles.", "Numérotez vos pages."):
        assert words in page
    second = next(heading for heading in response.context["headings"] if heading.item and heading.item.position == 2)
    assert [comment.text for comment in second.comments] == ["La page 3 est à l'envers."]
    step = next_step(fresh.enrolment_bloc.enrolment, timezone.now())
    assert step.title == "Reprenez votre dossier du bloc 1"
    run_tasks()
    [message] = [one for one in mailoutbox if "à reprendre" in one.subject]
    assert message.to == [candidate.email]
    assert "Rubrique 2 : La page 3 est à l'envers." in message.body
    assert "heure de Paris" in message.body


def test_the_new_version_is_handed_in_again_with_a_receipt_of_its_own(handed_in, admin, candidate):
    fresh = send_back(handed_in, admin)
    again = submit_dossier(fresh, by=candidate, declaration=ON_HONOUR)
    assert again.receipt_id != handed_in.receipt_id
    assert Document.objects.filter(kind="deposit_receipt").count() == 2
    assert verbs(fresh)[-2:] == ["dossier.submit", "dossier.received"]


def test_evaluators_read_nothing_of_a_version_that_went_back(handed_in, admin, session):
    evaluator = make_evaluator(session)
    make_interview(handed_in.enrolment_bloc, [evaluator])
    assert Dossier.objects.visible_to(evaluator.user).exists()
    send_back(handed_in, admin)
    assert not Dossier.objects.visible_to(evaluator.user).exists()


def test_an_accepted_dossier_is_opened_again_with_a_reason(handed_in, admin):
    accepted = accept_dossier(dossier=handed_in, by=admin)
    with pytest.raises(ValidationError, match="pourquoi"):
        send_back(accepted, admin, reason="  ")
    assert send_back(accepted, admin).version == 2
    assert JournalEntry.objects.get(verb="dossier.return").payload["comment"] == "Trois pages sont illisibles."


@pytest.mark.parametrize("state", ["running", "finished"])
def test_what_the_evaluators_work_on_does_not_go_back(handed_in, admin, session, state):
    make_interview(handed_in.enrolment_bloc, [make_evaluator(session)], state=state)
    with pytest.raises(TransitionRefused, match="a commencé"):
        send_back(handed_in, admin)
    assert Dossier.objects.count() == 1


def test_an_interview_that_was_interrupted_has_begun_too(handed_in, admin, session):
    make_interview(handed_in.enrolment_bloc, [], state="interrupted", started_at=timezone.now())
    with pytest.raises(TransitionRefused, match="a commencé"):
        send_back(handed_in, admin)


def test_an_administrator_reads_beforehand_that_a_dossier_no_longer_goes_back(client, handed_in, admin, session):
    make_interview(handed_in.enrolment_bloc, [], state="running")
    client.force_login(admin)
    page = client.get(reverse("branch:dossier", args=[handed_in.pk]))
    assert "L'entretien de ce bloc a commencé" in text(page)
    assert page.context["return_form"] is None


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_nothing_goes_back_once_the_jury_sits(handed_in, admin, session, state):
    session.state, session.published_at = state, timezone.now() if state == "decided" else None
    session.save()
    with pytest.raises(TransitionRefused, match="n'attend plus de dossiers"):
        send_back(handed_in, admin)


def test_the_new_date_is_to_come_and_before_the_interview(handed_in, admin, session):
    interview = make_interview(handed_in.enrolment_bloc, [make_evaluator(session)])
    for due_at, words in (
        (timezone.now() - DAY, "passée"),
        (interview.start, "choisissez une date avant"),
        (interview.start + 60 * DAY, "choisissez une date avant"),
    ):
        with pytest.raises(ValidationError, match=words):
            send_back(handed_in, admin, due_at=due_at)
    Interview.objects.all().delete()
    with pytest.raises(ValidationError, match="après le dernier jour"):
        send_back(handed_in, admin, due_at=timezone.now() + 60 * DAY)


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_only_a_dossier_that_the_branch_has_is_accepted_or_sent_back(draft, admin, state):
    Dossier.objects.update(state=state, submitted_at=timezone.now() if state == "returned" else None)
    draft.refresh_from_db()
    with pytest.raises(TransitionRefused):
        accept_dossier(dossier=draft, by=admin)
    with pytest.raises(TransitionRefused):
        send_back(draft, admin)


def test_nobody_but_the_branch_decides_of_completeness(handed_in, candidate):
    for stranger in (candidate, make_user()):
        with pytest.raises(PermissionError):
            accept_dossier(dossier=handed_in, by=stranger)
        with pytest.raises(PermissionError):
            send_back(handed_in, stranger)
        with pytest.raises(PermissionError):
            extend_deadline(dossier=handed_in, due_at=timezone.now() + DAY, reason="x", by=stranger)


# --- The version that follows --------------------------------------------------------------------------------------


def test_what_the_candidate_changes_in_the_new_version_leaves_the_old_one_as_it_was(
    handed_in, admin, candidate, django_capture_on_commit_callbacks
):
    fresh = send_back(handed_in, admin)
    kept = list(handed_in.files.values_list("stored_file", flat=True))
    file = fresh.files.first()
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file, by=candidate)
    fresh.answers.update(text="Autrement")
    assert fresh.files.count() == len(kept) - 1
    assert list(handed_in.files.values_list("stored_file", flat=True)) == kept
    with handed_in.files.get(stored_file=file.stored_file_id).stored_file.file.open() as content:
        assert content.read(5) == b"%PDF-"
    assert handed_in.answers.get().text == "Mon périmètre"


def test_a_tab_left_open_on_the_version_that_went_back_says_where_the_next_one_is(handed_in, admin, candidate):
    send_back(handed_in, admin)
    with pytest.raises(DepositRefused, match="version suivante"):
        add_file(Dossier.objects.get(pk=handed_in.pk), None, pdf(text="tard"), by=candidate)


def test_the_receipt_of_a_version_that_went_back_says_so(client, handed_in, admin, candidate):
    client.force_login(candidate)
    url = reverse("candidate:receipt", args=[handed_in.pk])
    assert "vous a renvoyé cette version" not in text(client.get(url))
    send_back(handed_in, admin)
    page = text(client.get(url))
    assert "vous a renvoyé cette version" in page
    assert handed_in.receipt.reference in page


def test_a_third_version_tells_what_was_asked_of_the_second_alone(handed_in, admin, candidate):
    second = send_back(handed_in, admin, reason="Une première raison")
    assert get_return_check(second).reason == "Une première raison"
    third = send_back(submit_dossier(second, by=candidate, declaration=ON_HONOUR), admin, reason="Une seconde raison")
    assert third.version == 3
    assert get_return_check(third).reason == "Une seconde raison"


def test_a_dossier_sent_back_is_not_waited_for_by_the_interviews(handed_in, admin, session):
    send_back(handed_in, admin)
    session.deposit_closes_at = timezone.now() - dt.timedelta(hours=1)
    session.save()
    assert "Aucun dossier" in missing_before_interviews(session)[0].text
