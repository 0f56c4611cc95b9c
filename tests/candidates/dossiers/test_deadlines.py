"""Until when a dossier is handed in: more time for one candidate, and the grace of an upload that was under way."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from candidates.dossiers.completeness import CONFIRM, extend_deadline, return_dossier
from candidates.dossiers.deposit import DepositRefused, deposit_refusal
from candidates.dossiers.files import add_file
from candidates.dossiers.forms_completeness import proposed_date
from candidates.dossiers.submission import submit_dossier
from candidates.dossiers.uploads import abandon_upload
from candidates.models import Dossier, Upload
from candidates.portal.next_step import next_step
from cqp.models import JournalEntry, Mail
from cqp.workflow import TransitionRefused
from tests.candidates.branch_pages import text
from tests.candidates.dossiers.scene import ON_HONOUR, add_checked, pdf, verbs
from tests.factories import make_admin, make_enrolment, make_interview, make_session, submit

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


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


def close(session):
    session.deposit_closes_at = timezone.now() - DAY / 2
    session.save()


def give(dossier, admin, **more):
    values = {"due_at": timezone.now() + 3 * DAY, "reason": "Un ordinateur en panne", "by": admin}
    return extend_deadline(dossier=dossier, **{**values, **more})


# --- More time for one candidate -----------------------------------------------------------------------------------


def test_more_time_for_one_candidate_opens_their_dossier_and_nobody_else_s(draft, candidate, session, admin):
    close(session)
    other = Dossier.objects.get(enrolment_bloc__enrolment=make_enrolment(session, blocs=[1]))
    given = give(draft, admin)
    assert deposit_refusal(session, timezone.now(), given) == ""
    assert "date limite" in deposit_refusal(session, timezone.now(), other)
    add_checked(given, None, pdf(), by=candidate)
    assert submit_dossier(given, by=candidate, declaration=ON_HONOUR).submitted_at


def test_the_candidate_reads_the_new_date_by_mail_and_in_the_dossier_and_the_journal_keeps_the_reason(
    client, draft, candidate, session, admin
):
    close(session)
    given = give(draft, admin)
    client.force_login(candidate)
    page = client.get(reverse("candidate:dossier", args=[draft.pk]))
    assert page.context["editable"]
    assert "l vous reste 2 jours" in text(page)
    assert next_step(given.enrolment_bloc.enrolment, timezone.now()).title == "Déposez votre dossier du bloc 1"
    message = Mail.objects.get(template="dossier_deadline", to=candidate.email)
    assert "heure de Paris" in message.body
    assert "panne" not in message.body
    kept = JournalEntry.objects.get(verb="dossier.deadline_moved").payload
    assert kept["reason"] == "Un ordinateur en panne"
    assert (kept["from"], kept["to"]) == (session.deposit_closes_at.isoformat(), given.due_at.isoformat())


def test_more_time_may_go_on_while_the_others_have_their_interviews(draft, admin, session):
    close(session)
    given = give(draft, admin)
    session.state = "interviews"
    session.save()
    assert deposit_refusal(session, timezone.now(), given) == ""
    session.state = "jury"
    session.save()
    assert "l'étape suivante" in deposit_refusal(session, timezone.now(), given)


def test_more_time_is_later_than_what_the_candidate_already_has(draft, admin, session):
    with pytest.raises(ValidationError, match="a déjà jusqu'au"):
        give(draft, admin, due_at=session.deposit_closes_at)


def test_more_time_needs_a_reason_and_a_dossier_that_is_awaited(draft, admin, session):
    with pytest.raises(ValidationError, match="pourquoi"):
        give(draft, admin, due_at=session.deposit_closes_at + DAY, reason=" ")
    with pytest.raises(TransitionRefused, match="déjà déposé"):
        give(submit(draft), admin)
    assert verbs(draft) == []


def test_an_administrator_gives_more_time_from_the_page(client, draft, admin, session):
    client.force_login(admin)
    page = client.get(reverse("branch:dossier", args=[draft.pk]))
    proposed = page.context["extend_form"].initial["due_at"]
    url = reverse("branch:dossier_extend", args=[draft.pk])
    assert client.post(url, {"due_at": f"{proposed:%Y-%m-%dT%H:%M}", "reason": ""}).status_code == 422
    response = client.post(url, {"due_at": f"{proposed:%Y-%m-%dT%H:%M}", "reason": "Panne"}, follow=True)
    assert "Le délai est donné" in text(response)
    draft.refresh_from_db()
    assert draft.due_at.astimezone(session.zone).replace(tzinfo=None) == proposed.replace(second=0, microsecond=0)


# --- The date that is chosen ---------------------------------------------------------------------------------------


def test_a_date_during_the_interviews_is_confirmed(client, draft, admin, session):
    during = dt.datetime.combine(session.interviews_from, dt.time(18), session.zone)
    with pytest.raises(ValidationError) as refused:
        give(draft, admin, due_at=during)
    assert refused.value.error_dict["due_at"][0].code == CONFIRM
    client.force_login(admin)
    url, typed = (
        reverse("branch:dossier_extend", args=[draft.pk]),
        {"due_at": f"{during:%Y-%m-%dT%H:%M}", "reason": "x"},
    )
    page = client.post(url, typed)
    assert page.status_code == 422
    assert "Les entretiens commencent le" in text(page)
    assert 'name="confirmed"' in page.text
    assert client.post(url, {**typed, "confirmed": "on"}).status_code == 302


def test_an_hour_that_the_clocks_skip_is_refused_beside_the_date(client, draft, admin):
    client.force_login(admin)
    page = client.post(
        reverse("branch:dossier_extend", args=[draft.pk]), {"due_at": "2027-03-28T02:30", "reason": "Panne"}
    )
    assert "n'existe pas" in page.context["extend_form"].errors["due_at"][0]


def at(day, hour=18):
    return dt.datetime.combine(day, dt.time(hour))


def test_the_date_proposed_is_in_a_week_at_the_hour_of_the_deadline(draft, session):
    session.deposit_opens_at = dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC)
    session.deposit_closes_at = dt.datetime(2026, 10, 20, 18, tzinfo=ZoneInfo("Europe/Paris"))
    session.interviews_from = session.interviews_to = dt.date(2026, 11, 20)
    session.save()
    draft.refresh_from_db()
    # The clocks go back in between: it stays 18 h.
    assert proposed_date(draft, dt.datetime(2026, 10, 22, 9, tzinfo=dt.UTC)) == at(dt.date(2026, 10, 29))
    # The day before the interviews, rather than during them.
    assert proposed_date(draft, dt.datetime(2026, 11, 17, 9, tzinfo=dt.UTC)) == at(dt.date(2026, 11, 19))
    make_interview(draft.enrolment_bloc, [], start=dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC))
    assert proposed_date(draft, dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)) == at(dt.date(2026, 11, 24))


def test_the_date_proposed_is_never_past(draft, session):
    today = timezone.localdate()
    session.interviews_from = session.interviews_to = today
    session.deposit_closes_at = timezone.now() - DAY / 2
    session.save()
    draft.refresh_from_db()
    assert proposed_date(draft, timezone.now()).date() == today + 7 * DAY


# --- An upload under way at the deadline ---------------------------------------------------------------------------


def upload(dossier, session, *, state="receiving", begun=-30, touched=-20, **more):
    """An upload begun and last heard of these minutes after the deadline."""
    closes = session.deposit_closes_at
    return Upload.objects.create(
        dossier=dossier,
        name="a.pdf",
        size=10,
        state=state,
        begun_at=closes + begun * MINUTE,
        touched_at=closes + touched * MINUTE,
        **more,
    )


def add_checked_in_time(dossier, candidate, session):
    return add_checked(dossier, None, pdf(), by=candidate, now=session.deposit_closes_at - MINUTE)


@pytest.mark.parametrize(
    "arrival",
    [{"state": "receiving"}, {"state": "joining"}, {"state": "done", "touched": 3}, {"state": "done", "touched": -1}],
)
def test_an_upload_under_way_at_the_deadline_may_finish_and_the_dossier_be_handed_in(
    draft, candidate, session, arrival
):
    late = session.deposit_closes_at + 30 * MINUTE
    upload(draft, session, **arrival)
    assert "peut finir" in deposit_refusal(session, late, draft)
    assert deposit_refusal(session, late, draft, finishing=True) == ""
    with pytest.raises(DepositRefused, match="plus rien ne s'ajoute"):
        add_file(draft, None, pdf(text="2"), by=candidate, now=late)


def test_the_dossier_is_handed_in_until_the_end_of_the_grace(draft, candidate, session):
    add_checked(draft, None, pdf(), by=candidate)
    upload(draft, session, state="done", touched=1)
    over = session.deposit_closes_at + session.deposit_grace_minutes * MINUTE
    with pytest.raises(DepositRefused, match="Prévenez vite"):
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR, now=over)
    assert submit_dossier(draft, by=candidate, declaration=ON_HONOUR, now=over - dt.timedelta(seconds=1)).submitted_at


@pytest.mark.parametrize("arrival", [{"begun": 0, "touched": 1}, {"state": "done", "touched": -20}])
def test_an_upload_begun_after_the_deadline_or_done_long_before_gives_no_grace(draft, session, arrival):
    upload(draft, session, **arrival)
    assert "Prévenez vite" in deposit_refusal(session, session.deposit_closes_at + MINUTE, draft, finishing=True)


def test_an_upload_given_up_in_the_grace_does_not_close_the_door(draft, candidate, session):
    session.deposit_closes_at = timezone.now() - MINUTE
    session.save()
    add_checked_in_time(draft, candidate, session)
    arriving = upload(draft, session, begun=-3, touched=-1)
    with pytest.raises(TransitionRefused):
        submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    abandon_upload(arriving, by=candidate)
    assert submit_dossier(draft, by=candidate, declaration=ON_HONOUR).submitted_at


def test_a_session_without_grace_closes_at_its_deadline(draft, session):
    session.deposit_grace_minutes = 0
    session.save()
    upload(draft, session)
    assert "Prévenez vite" in deposit_refusal(session, session.deposit_closes_at, draft, finishing=True)


def test_there_is_no_grace_once_the_jury_sits(draft, session):
    session.state = "jury"
    upload(draft, session)
    assert deposit_refusal(session, session.deposit_closes_at + MINUTE, draft, finishing=True)


def test_the_candidate_who_is_finishing_sees_the_form_to_hand_in_and_no_way_to_add(client, draft, candidate, session):
    session.deposit_closes_at = timezone.now() - MINUTE
    session.save()
    arriving = upload(draft, session, begun=-3, touched=0)
    client.force_login(candidate)
    page = client.get(reverse("candidate:dossier", args=[draft.pk]))
    assert page.context["submit_form"] is not None
    assert not page.context["editable"]
    assert "Votre envoi commencé avant peut finir" in text(page)
    assert f"« {arriving.name} » n'est pas arrivé en entier" in text(page)


def test_a_deadline_of_one_s_own_has_its_grace_too(draft, admin, session):
    close(session)
    given = give(draft, admin)
    Upload.objects.create(dossier=given, name="a.pdf", size=10, begun_at=given.due_at - MINUTE, touched_at=given.due_at)
    assert deposit_refusal(session, given.due_at + MINUTE, given, finishing=True) == ""


def test_a_dossier_sent_back_is_handed_in_until_its_new_date(draft, candidate, admin, session):
    add_checked(draft, None, pdf(), by=candidate)
    handed_in = submit_dossier(draft, by=candidate, declaration=ON_HONOUR)
    close(session)
    fresh = return_dossier(dossier=handed_in, reason="Illisible", due_at=timezone.now() + 2 * DAY, by=admin)
    assert deposit_refusal(session, fresh.due_at - MINUTE, fresh) == ""
    assert "Prévenez vite" in deposit_refusal(session, fresh.due_at, fresh)
