"""When a dossier may be deposited, and how it is handed in."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.deposit import DepositRefused, deposit_refusal
from candidates.dossiers.files import add_file
from candidates.dossiers.forms import SubmitForm
from candidates.dossiers.submission import EMPLOYER, NO_TOOL, OWN_WORK, Declaration, submit_dossier
from candidates.models import Dossier
from cqp.evidence import journal
from cqp.models import Document, JournalEntry, Mail, StoredFile
from tests.candidates.dossiers.scene import BOXES, ON_HONOUR, add_checked, fill, item, pdf, send, stored_paths, verbs
from tests.factories import make_enrolment, make_pdf, make_session


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


@pytest.fixture
def dossier(session):
    enrolment = make_enrolment(session, blocs=[1])
    return Dossier.objects.get(enrolment_bloc__enrolment=enrolment)


@pytest.fixture
def candidate(dossier):
    return dossier.enrolment_bloc.enrolment.candidate.user


@pytest.fixture
def browser(client, candidate):
    client.force_login(candidate)
    return client


# --- When it is open -----------------------------------------------------------------------------------------------


def test_the_deposit_is_open_from_the_opening_to_the_last_second(session):
    opening, closing, second = session.deposit_opens_at, session.deposit_closes_at, dt.timedelta(seconds=1)
    assert "ouvrira le" in deposit_refusal(session, opening - second)
    assert deposit_refusal(session, opening) == ""
    assert deposit_refusal(session, closing - second) == ""
    assert "date limite de dépôt est passée" in deposit_refusal(session, closing)


def test_a_candidate_who_is_late_is_told_whom_to_reach(session):
    session.branch.telephone, session.branch.email = "01 02 03 04 05", "cqp@example.org"
    message = deposit_refusal(session, session.deposit_closes_at)
    assert "01 02 03 04 05" in message
    assert "cqp@example.org" in message


@pytest.mark.parametrize("state", ["preparation", "interviews", "jury", "decided"])
def test_nothing_is_deposited_outside_of_the_deposit(referentiel, state):
    assert deposit_refusal(make_session(referentiel, state=state), timezone.now())


def test_a_file_is_taken_one_second_before_the_deadline_and_not_at_it(dossier, candidate, session):
    closing = session.deposit_closes_at
    add_checked(dossier, None, pdf(text="1"), by=candidate, now=closing - dt.timedelta(seconds=1))
    with pytest.raises(DepositRefused, match="date limite"):
        add_file(dossier, None, pdf(text="2"), by=candidate, now=closing)
    with pytest.raises(DepositRefused, match="date limite"):
        submit_dossier(dossier, by=candidate, declaration=ON_HONOUR, now=closing)
    dossier.refresh_from_db()
    assert dossier.state == "draft"
    submit_dossier(dossier, by=candidate, declaration=ON_HONOUR, now=closing - dt.timedelta(seconds=1))
    dossier.refresh_from_db()
    assert dossier.state == "submitted"


def test_a_page_left_open_past_the_deadline_refuses_and_keeps_what_was_there(browser, dossier, candidate, session):
    file = add_checked(dossier, None, pdf(), by=candidate)
    session.deposit_closes_at = timezone.now() - dt.timedelta(seconds=1)
    session.save()
    answers = [
        send(browser, dossier, make_pdf("autre")),
        browser.post(reverse("candidate:remove-file", args=[dossier.pk, file.pk])),
        browser.post(reverse("candidate:move-file-up", args=[dossier.pk, file.pk])),
        browser.post(reverse("candidate:submit", args=[dossier.pk]), BOXES),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert "date limite de dépôt est passée" in answer.context["refusal"]
    assert list(dossier.files.all()) == [file]
    assert not Mail.objects.exists()


# --- Handing in ----------------------------------------------------------------------------------------------------


def test_candidate_hands_in_a_complete_dossier_and_gets_a_receipt(browser, dossier, candidate, run_tasks, mailoutbox):
    fill(dossier, candidate)
    response = browser.post(reverse("candidate:submit", args=[dossier.pk]), BOXES)
    assert response.url == reverse("candidate:receipt", args=[dossier.pk])
    page = browser.get(response.url).content.decode()
    run_tasks()
    [message] = mailoutbox
    assert message.to == [candidate.email]
    for file in StoredFile.objects.filter(dossier_files__dossier=dossier):
        for text in (file.name, file.sha256, f"{file.size} octets"):
            assert text in page
            assert text in message.body
    reference = f"DP-{dossier.pk:06d}-1"
    assert reference in page
    assert reference in message.subject
    assert "heure de Paris" in page
    assert "heure de Paris" in message.body
    assert "N'Guessan" in message.body
    assert "/recepisse/" in message.body
    assert "http" not in Mail.objects.get().body


def test_the_journal_keeps_what_was_handed_in_and_declared(dossier, candidate):
    fill(dossier, candidate)
    submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    assert verbs(dossier)[-2:] == ["dossier.submit", "dossier.received"]
    kept = JournalEntry.objects.get(verb="dossier.received").payload
    assert kept["declaration"] == {"sentences": [OWN_WORK, EMPLOYER, NO_TOOL], "tools": ""}
    assert {f["sha256"] for f in kept["files"]} == set(StoredFile.objects.values_list("sha256", flat=True))
    assert journal.broken(dossier.enrolment_bloc.enrolment.stream) == []


def test_an_incomplete_dossier_says_which_headings_are_missing_as_links(browser, dossier, candidate):
    add_checked(dossier, item(dossier, 2), pdf(), by=candidate)
    response = browser.post(reverse("candidate:submit", args=[dossier.pk]), BOXES)
    assert response.status_code == 422
    page = reverse("candidate:dossier", args=[dossier.pk])
    assert [missing.url for missing in response.context["missing"]] == [f"{page}#rubrique-{n}" for n in (1, 3, 4)]
    assert "checked" in str(response.context["submit_form"]["own_work"])
    dossier.refresh_from_db()
    assert dossier.state == "draft"


def test_one_file_for_the_whole_bloc_makes_the_dossier_complete(browser, dossier, candidate):
    add_checked(dossier, None, pdf(), by=candidate)
    response = browser.post(reverse("candidate:submit", args=[dossier.pk]), BOXES)
    assert response.status_code == 302


def test_a_dossier_is_not_handed_in_without_the_declaration(browser, dossier, candidate):
    fill(dossier, candidate)
    response = browser.post(reverse("candidate:submit", args=[dossier.pk]))
    assert response.status_code == 422
    assert "est votre travail" in response.context["refusal"]
    with pytest.raises(DepositRefused, match="déclaration"):
        submit_dossier(dossier, by=candidate, declaration=Declaration(own_work=True, employer=False))
    dossier.refresh_from_db()
    assert dossier.state == "draft"


def test_a_double_click_on_hand_in_leads_twice_to_the_receipt_and_sends_one_mail(browser, dossier, candidate):
    fill(dossier, candidate)
    url = reverse("candidate:submit", args=[dossier.pk])
    responses = [browser.post(url, BOXES) for _ in range(2)]
    assert {r.url for r in responses} == {reverse("candidate:receipt", args=[dossier.pk])}
    assert Mail.objects.count() == 1


def test_two_clicks_that_cross_lead_to_one_receipt(browser, dossier, candidate, monkeypatch):
    fill(dossier, candidate)
    save = SubmitForm.save

    def second(form, *, by):
        save(form, by=by)
        return save(form, by=by)

    monkeypatch.setattr(SubmitForm, "save", second)
    response = browser.post(reverse("candidate:submit", args=[dossier.pk]), BOXES)
    assert response.url == reverse("candidate:receipt", args=[dossier.pk])
    assert Mail.objects.count() == Document.objects.count() == 1


def test_a_second_tab_left_open_over_the_deposit_cannot_change_the_dossier(browser, dossier, candidate):
    file = add_checked(dossier, None, pdf(), by=candidate)
    submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    answers = [
        send(browser, dossier, make_pdf("autre")),
        browser.post(reverse("candidate:remove-file", args=[dossier.pk, file.pk])),
        browser.post(reverse("candidate:move-file-down", args=[dossier.pk, file.pk])),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert "Ce dossier a été déposé le" in answer.context["refusal"]
        assert not answer.context["editable"]
    assert list(dossier.files.all()) == [file]
    assert len(stored_paths()) == 1


def test_a_tab_that_read_the_dossier_before_it_was_handed_in_is_refused_too(dossier, candidate):
    add_checked(dossier, None, pdf(), by=candidate)
    stale = Dossier.objects.get(pk=dossier.pk)
    submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    with pytest.raises(DepositRefused, match="a été déposé"):
        add_checked(stale, None, pdf(text="autre"), by=candidate)
    assert len(stored_paths()) == 1


def test_the_mail_s_context_is_plain_json(dossier, candidate):
    add_checked(dossier, None, pdf(), by=candidate)
    submit_dossier(dossier, by=candidate, declaration=ON_HONOUR)
    assert json.loads(json.dumps(Mail.objects.get().context)) == Mail.objects.get().context
