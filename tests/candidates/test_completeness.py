"""What the branch does with a dossier that was handed in, and more time for one that was not."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from candidates.models import Answer, CompletenessCheck, Dossier, Interview, Upload
from candidates.next_step import next_step
from candidates.services.completeness import accept_dossier, extend_deadline, return_dossier
from candidates.services.dossier import DepositRefused, deposit_refusal
from candidates.services.dossier_files import add_file
from candidates.services.submission import submit_dossier
from cqp.models import Document, JournalEntry, Mail
from cqp.workflow import TransitionRefused
from tests.candidates.dossiers import BOXES, ON_HONOUR, fill, item, pdf, verbs
from tests.factories import make_admin, make_enrolment, make_evaluator, make_interview, make_session, make_user

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


def send_back(dossier, admin, **more):
    values = {"reason": "Trois pages sont illisibles.", "due_at": timezone.now() + 3 * DAY, "by": admin}
    return return_dossier(dossier=dossier, **{**values, **more})


# --- Accepted, sent back -------------------------------------------------------------------------------------------


def test_an_accepted_dossier_says_so_to_its_candidate(client, handed_in, admin, candidate):
    accept_dossier(dossier=handed_in, by=admin)
    client.force_login(candidate)
    page = client.get(reverse("candidate:dossier", args=[handed_in.pk])).content.decode()
    assert "La branche a vérifié qu'il est complet" in page
    assert verbs(handed_in)[-1] == "dossier.accept"


def test_the_second_administrator_reads_that_it_is_done(client, handed_in, admin, branch):
    accept_dossier(dossier=handed_in, by=admin)
    client.force_login(make_admin(branch))
    response = client.post(reverse("branch:dossier_accept", args=[handed_in.pk]))
    assert response.status_code == 409
    assert "n'est plus possible" in response.context["refused"]
    assert CompletenessCheck.objects.count() == 1


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


def test_what_was_typed_to_send_a_dossier_back_comes_back_with_the_error(client, handed_in, admin):
    client.force_login(admin)
    url = reverse("branch:dossier_return", args=[handed_in.pk])
    response = client.post(url, {"comment-2": "La page 3 est à l'envers.", "reason": "", "due_at": "2020-01-01T10:00"})
    assert response.status_code == 422
    assert "La page 3 est à l&#x27;envers." in response.text
    good = {"comment-2": "À l'envers", "reason": "Illisible", "due_at": f"{timezone.now() + 3 * DAY:%Y-%m-%dT%H:%M}"}
    assert client.post(url, good).url == reverse(
        "branch:dossiers", args=[handed_in.enrolment_bloc.enrolment.session_id]
    )
    again = client.post(url, good)
    assert again.status_code == 409
    assert Dossier.objects.count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_and_the_page_cost_the_same_whatever_the_rows(
    client, session, admin, django_assert_num_queries, count
):
    for _ in range(count):
        dossier = Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))
        user = dossier.enrolment_bloc.enrolment.candidate.user
        for n in range(count):
            add_file(dossier, None, pdf(f"{n}.pdf", text=str(n)), by=user)
        submit_dossier(dossier, by=user, declaration=ON_HONOUR)
    client.force_login(admin)
    client.get(reverse("branch:dossiers", args=[session.pk]))
    with django_assert_num_queries(5):
        client.get(reverse("branch:dossiers", args=[session.pk]))
    with django_assert_num_queries(10):
        client.get(reverse("branch:dossier", args=[dossier.pk]))


# --- Time ----------------------------------------------------------------------------------------------------------


def test_more_time_for_one_candidate_opens_their_dossier_and_nobody_else_s(draft, candidate, session, admin):
    session.deposit_closes_at = timezone.now() - DAY
    session.save()
    other = Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))
    given = extend_deadline(
        dossier=draft, due_at=timezone.now() + DAY, reason="Hospitalisation de l'ordinateur", by=admin
    )
    session.refresh_from_db()
    assert deposit_refusal(session, timezone.now(), given) == ""
    assert "date limite" in deposit_refusal(session, timezone.now(), other)
    add_file(given, None, pdf(), by=candidate)
    assert submit_dossier(given, by=candidate, declaration=ON_HONOUR).submitted_at
    assert Mail.objects.filter(template="dossier_deadline", to=candidate.email).exists()
    assert verbs(draft)[0] == "dossier.deadline_moved"


def test_an_upload_begun_before_the_deadline_may_finish_and_be_handed_in_within_the_grace(draft, candidate, session):
    closes = session.deposit_closes_at
    add_file(draft, None, pdf(), by=candidate)
    Upload.objects.create(
        dossier=draft,
        name="a.pdf",
        size=10,
        received=10,
        state=Upload.State.DONE,
        begun_at=closes - dt.timedelta(minutes=1),
    )
    late = closes + dt.timedelta(minutes=30)
    assert "peut finir" in deposit_refusal(session, late, draft)
    assert deposit_refusal(session, late, draft, finishing=True) == ""
    with pytest.raises(DepositRefused, match="plus rien ne s'ajoute"):
        add_file(draft, None, pdf(text="2"), by=candidate, now=late)
    over = closes + dt.timedelta(minutes=session.deposit_grace_minutes)
    with pytest.raises(DepositRefused, match="Prévenez vite"):
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR, now=over)
    assert submit_dossier(draft, by=candidate, declaration=ON_HONOUR, now=late).submitted_at


def test_an_upload_begun_after_the_deadline_gives_no_grace(draft, session):
    closes = session.deposit_closes_at
    Upload.objects.create(dossier=draft, name="a.pdf", size=10, begun_at=closes)
    assert "Prévenez vite" in deposit_refusal(session, closes + dt.timedelta(minutes=1), draft, finishing=True)


# --- What is missing -----------------------------------------------------------------------------------------------


def test_written_answers_cover_their_headings(client, draft, candidate):
    for heading in draft.enrolment_bloc.bloc.trame_items.all():
        Answer.objects.create(dossier=draft, trame_item=heading, text=f"Réponse {heading.position}")
    client.force_login(candidate)
    response = client.post(reverse("candidate:submit", args=[draft.pk]), BOXES)
    assert response.url == reverse("candidate:receipt", args=[draft.pk])
    page = client.get(response.url).content.decode()
    assert page.count("SHA-256 :") == draft.answers.count()


def test_blank_answers_and_refused_files_cover_nothing(draft, candidate):
    fill(draft, candidate)
    Answer.objects.create(dossier=draft, trame_item=item(draft, 1), text=" \n ")
    refused = draft.files.get(trame_item=item(draft, 1)).stored_file
    refused.state, refused.refusal = "refused", "Illisible."
    refused.save()
    with pytest.raises(TransitionRefused) as caught:
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    assert [one.text for one in caught.value.missing] == [
        "Rubrique 1 : ni fichier, ni réponse écrite",
        "« r1.pdf » n'a pas pu être accepté : remplacez-le ou retirez-le",
    ]


@pytest.mark.parametrize(
    ("state", "refusal", "words"),
    [
        ("receiving", "", "finissez l'envoi"),
        ("joining", "", "vérification"),
        ("refused", "Illisible.", "lisez pourquoi"),
    ],
)
def test_what_is_still_arriving_is_said_and_holds_the_submission(draft, candidate, state, refusal, words):
    fill(draft, candidate)
    Upload.objects.create(dossier=draft, name="plan.docx", size=10, received=2, state=state, refusal=refusal)
    with pytest.raises(TransitionRefused) as caught:
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    assert words in caught.value.missing[0].text
    assert "« plan.docx »" in caught.value.missing[0].text


def test_tools_that_were_used_are_told_and_kept(client, draft, candidate):
    add_file(draft, None, pdf(), by=candidate)
    client.force_login(candidate)
    url = reverse("candidate:submit", args=[draft.pk])
    answer = client.post(url, {**BOXES, "tools_used": "yes"})
    assert answer.status_code == 422
    assert "quels outils" in answer.context["refusal"]
    client.post(url, {**BOXES, "tools_used": "yes", "tools": "Un correcteur, pour l'orthographe"})
    draft.refresh_from_db()
    assert "Outils et usages : Un correcteur, pour l'orthographe" in draft.receipt.context["declaration"]
