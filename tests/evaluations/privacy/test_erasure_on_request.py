"""A person asks to be erased before the jury sees them; the branch says how long it keeps, and reads the reports."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.interviews.services import note_absence
from candidates.models import Candidate, Enrolment, Erasure, Interview, Session
from candidates.planning.services import cancel_interview
from candidates.privacy.erasure import erase_on_request
from cqp.evidence import journal
from cqp.models import JournalEntry, JournalStream, Mail
from cqp.privacy import search as traces
from referentiel.models import BranchSettings
from tests import factories as make
from tests.evaluations.privacy.story import ADDRESS, NAMES, enrolled, hand_in
from tests.evaluations.privacy.test_erasure import chains_that_do_not_hold, columns_and_files_that_say

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel)


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def philomene(session, admin):
    """Enrolled, her dossier handed in."""
    enrolment = enrolled(session, admin, email=ADDRESS)
    hand_in(enrolment.enrolment_blocs.get().dossiers.get(), enrolment.candidate.user)
    return enrolment


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def ask(page, enrolment, **data):
    url = reverse("branch:erase", args=[enrolment.candidate_id])
    return page.post(url, {"reason": "Demande reçue le 3 mars.", "sure": "on"} | data)


def test_a_person_who_asks_is_erased_and_taken_out_of_the_session(philomene, page, admin, session):
    assert "Effacer" in page.get(reverse("branch:erase", args=[philomene.candidate_id])).content.decode()
    assert ask(page, philomene).url == reverse("branch:erasures")
    assert columns_and_files_that_say(*NAMES) == []
    assert chains_that_do_not_hold() == []
    assert not Enrolment.objects.exists()
    erasure = Erasure.objects.get()
    assert (erasure.by, erasure.reason) == (admin, "Demande reçue le 3 mars.")
    assert list(traces.files_under("originals")) == []
    assert page.get(session.get_absolute_url()).status_code == 200


def test_her_place_in_the_plan_is_given_back(philomene, admin, session):
    interview = make.make_interview(philomene.enrolment_blocs.get(), [make.make_evaluator(session)])
    with pytest.raises(ValidationError, match="annulez-le d'abord"):
        erase_on_request(philomene.candidate, by=admin, reason="Demande.")
    cancel_interview(interview=interview, by=admin, reason="Elle renonce.")
    erase_on_request(philomene.candidate, by=admin, reason="Demande.")
    assert not Interview.objects.exists()


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_nobody_is_erased_on_request_once_the_jury_has_the_dossier(philomene, page, session, state):
    Session.objects.filter(pk=session.pk).update(
        state=state, published_at="2026-01-01T00:00Z" if state == "decided" else None
    )
    response = ask(page, philomene)
    assert response.status_code == 409
    assert "Le jury est saisi" in response.content.decode()
    assert not Erasure.objects.exists()


def test_the_reason_which_is_kept_names_nobody(philomene, page):
    response = ask(page, philomene, reason="Demande de Philomène Zorgliève")
    assert response.status_code == 422
    assert "ni le nom, ni l&#x27;adresse" in response.content.decode()
    assert Candidate.objects.get(pk=philomene.candidate_id).erased_at is None


def test_it_is_not_done_by_a_single_touch(philomene, page):
    assert ask(page, philomene, sure="").status_code == 422
    assert not Erasure.objects.exists()


def test_another_branch_s_administrator_erases_nobody(philomene):
    with pytest.raises(PermissionError):
        erase_on_request(philomene.candidate, by=make.make_admin(make.make_branch()), reason="Demande.")


def test_a_namesake_keeps_what_is_said_of_them(philomene, admin, session):
    """Somebody else has the same name: only what is surely hers goes."""
    other = make.make_candidate(
        session.branch, birth_name="Zorgliève", used_name="d'Ormesson-Zyx", first_names="Philomène"
    )
    mail = Mail.objects.create(to="marc@example.org", subject="Bonjour", body="Philomène Zorgliève vient demain.")
    erase_on_request(philomene.candidate, by=admin, reason="Demande.")
    mail.refresh_from_db()
    other.refresh_from_db()
    assert (mail.body, other.birth_name) == ("Philomène Zorgliève vient demain.", "Zorgliève")
    report = Erasure.objects.get().report
    assert report["namesake"]
    assert "cqp_mail.body" in report["left"]


# --- The branch's pages ---------------------------------------------------------------------------------------------


def test_the_branch_says_how_long_it_keeps_and_the_journal_tells_it(page, session):
    branch = session.branch
    assert 'value="120"' in page.get(reverse("branch:settings")).content.decode()
    response = page.post(reverse("branch:retention", args=[branch.pk]), {f"branch-{branch.pk}-months": "60"})
    assert response.url == reverse("branch:settings")
    assert BranchSettings.objects.get(branch=branch).retention_months == 60
    entry = JournalEntry.objects.get(verb="branch.retention_changed")
    assert (entry.payload, entry.stream_id) == ({"from": 120, "to": 60}, f"branch:{branch.pk}")


@pytest.mark.parametrize("months", ["11", "601", "", "dix"])
def test_a_period_that_is_none_is_not_kept(page, session, months):
    branch = session.branch
    response = page.post(reverse("branch:retention", args=[branch.pk]), {f"branch-{branch.pk}-months": months})
    assert response.status_code == 422
    assert not BranchSettings.objects.exists()
    assert not JournalStream.objects.filter(name=f"branch:{branch.pk}").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_reports_are_read_in_few_queries(page, admin, session, django_assert_num_queries, count):
    for number in range(count):
        enrolment = enrolled(session, admin, email=f"p{number}@example.org", birth_name=f"Zorgliève{number}")
        erase_on_request(enrolment.candidate, by=admin, reason="Demande.")
    with django_assert_num_queries(6):
        html = page.get(reverse("branch:erasures")).content.decode()
    assert html.count("Recherche de son nom complet et de ses adresses dans toute la base : rien.") == count
    assert html.count("vérifiée") == count


def test_the_journal_of_somebody_who_was_erased_still_holds(philomene, admin):
    stream, length = philomene.stream, JournalStream.objects.get(name=philomene.stream).seq
    erase_on_request(philomene.candidate, by=admin, reason="Demande.")
    assert (journal.broken(stream), JournalStream.objects.get(name=stream).seq) == ([], length)


def test_an_absence_stays_a_matter_for_the_jury(philomene, admin, session):
    interview = make.make_interview(philomene.enrolment_blocs.get(), [make.make_evaluator(session)])
    Session.objects.filter(pk=session.pk).update(state="interviews")
    note_absence(interview=interview, by=admin, reason="Absente.")
    with pytest.raises(ValidationError, match="entretien"):
        erase_on_request(philomene.candidate, by=admin, reason="Demande.")
