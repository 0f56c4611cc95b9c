"""What the administrator reads and does on the pages of the completeness check."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.completeness import accept_dossier
from candidates.dossiers.submission import EMPLOYER, NO_TOOL, OWN_WORK, submit_dossier
from candidates.models import Answer, CompletenessCheck, Dossier
from tests.candidates.branch_pages import text
from tests.candidates.dossiers.scene import ON_HONOUR, add_checked, fill, item, pdf, send_back
from tests.factories import make_admin, make_enrolment, make_session, submit

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


def test_the_list_begins_with_what_waits_longest(client, session, admin):
    waiting = []
    for age in (1, 3, 2):
        dossier = submit(Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1])))
        dossier.submitted_at -= age * dt.timedelta(hours=1)
        dossier.save()
        waiting.append(dossier)
    client.force_login(admin)
    (title, dossiers), *_ = client.get(reverse("branch:dossiers", args=[session.pk])).context["groups"]
    assert title == "À vérifier"
    assert dossiers == [waiting[1], waiting[2], waiting[0]]


def test_the_list_has_each_dossier_once_in_its_last_version(client, handed_in, session, admin):
    fresh = send_back(handed_in, admin)
    client.force_login(admin)
    page = client.get(reverse("branch:dossiers", args=[session.pk]))
    assert dict(page.context["groups"])["À reprendre par le candidat"] == [fresh]
    assert "Rien à vérifier" in text(page)
    assert page.context["total"] == 1


def test_the_list_of_a_session_without_candidates_says_so(client, session, admin):
    client.force_login(admin)
    assert "Aucun candidat n'est inscrit" in text(client.get(reverse("branch:dossiers", args=[session.pk])))


def test_the_board_leads_to_what_is_to_check(client, handed_in, session, admin):
    client.force_login(admin)
    page = client.get(reverse("branch:session", args=[session.pk]))
    assert "Dossiers à vérifier : 1" in text(page)
    assert reverse("branch:dossier", args=[handed_in.pk]) in page.text
    send_back(handed_in, admin)
    page = text(client.get(reverse("branch:session", args=[session.pk])))
    assert "dossier à reprendre" in page
    assert "Dossiers à vérifier" not in page


def test_the_page_tells_what_was_declared_and_what_the_files_went_through(client, handed_in, admin):
    stored = handed_in.files.first().stored_file
    stored.quarantine, stored.scan = "PDF : JavaScript", ""
    stored.save()
    client.force_login(admin)
    page = text(client.get(reverse("branch:dossier", args=[handed_in.pk])))
    for words in (
        OWN_WORK,
        EMPLOYER,
        NO_TOOL,
        "Mon périmètre",
        "non analysé par l'antivirus",
        "original en quarantaine PDF : JavaScript",
        f"Récépissé {handed_in.receipt.reference} (PDF)",
    ):
        assert words in page


def test_the_branch_downloads_the_receipt_once_it_is_made(client, handed_in, admin, run_tasks):
    client.force_login(admin)
    url = reverse("branch:dossier_receipt", args=[handed_in.pk])
    assert client.get(url).status_code == 202
    run_tasks()
    assert client.get(url).content.startswith(b"%PDF-")


def test_a_second_administrator_who_sends_back_reads_that_it_is_done(client, handed_in, admin, branch):
    send_back(handed_in, admin)
    client.force_login(make_admin(branch))
    due = f"{timezone.now() + 3 * DAY:%Y-%m-%dT%H:%M}"
    page = client.post(reverse("branch:dossier_return", args=[handed_in.pk]), {"reason": "Illisible", "due_at": due})
    assert page.status_code == 409
    assert "l'état est maintenant « renvoyé au candidat »" in text(page)
    assert Dossier.objects.count() == 2


def test_the_second_administrator_reads_that_it_is_done(client, handed_in, admin, branch):
    accept_dossier(dossier=handed_in, by=admin)
    client.force_login(make_admin(branch))
    response = client.post(reverse("branch:dossier_accept", args=[handed_in.pk]))
    assert response.status_code == 409
    assert "n'est plus possible" in response.context["refused"]
    assert CompletenessCheck.objects.count() == 1


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
            add_checked(dossier, None, pdf(f"{n}.pdf", text=str(n)), by=user)
        submit_dossier(dossier, by=user, declaration=ON_HONOUR)
    client.force_login(admin)
    client.get(reverse("branch:dossiers", args=[session.pk]))
    with django_assert_num_queries(5):
        client.get(reverse("branch:dossiers", args=[session.pk]))
    with django_assert_num_queries(12):
        client.get(reverse("branch:dossier", args=[dossier.pk]))
