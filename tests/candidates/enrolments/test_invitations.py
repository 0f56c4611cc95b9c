"""A candidate is invited by mail, by the branch."""

import datetime as dt

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates.enrolments.invitations import Standing, invite, invite_all, link_token, send_invitation, standing
from candidates.models import Invitation
from cqp.models import JournalEntry, Mail
from tests.candidates.enrolments.scene import link_in
from tests.factories import make_admin, make_branch, make_enrolment, make_invitation, make_session

pytestmark = pytest.mark.django_db


def get_standing(enrolment) -> str:
    enrolment.candidate.user.refresh_from_db()
    return standing(enrolment, timezone.now()).label


def refuse(self, messages):
    raise OSError("connexion refusée")


# --- The mail


def test_invited_candidate_is_told_what_until_when_and_how_to_enter(enrolment, admin, run_tasks):
    enrolment.session.branch.telephone = "01 02 03 04 05"
    enrolment.session.branch.save()
    invite(enrolment=enrolment, by=admin)
    run_tasks()
    (message,) = outbox.outbox
    assert message.to == [enrolment.candidate.user.email]
    assert enrolment.session.title in message.subject
    for told in (
        "bloc 1 : ",
        "il vous reste",
        "heure de Paris",
        "01 02 03 04 05",
        "pas de mot de passe",
        "S'il a expiré",
    ):
        assert told in message.body


def test_link_is_kept_nowhere(enrolment, admin, run_tasks):
    invitation = invite(enrolment=enrolment, by=admin)
    run_tasks()
    token = link_token(invitation)
    assert token in outbox.outbox[0].body
    kept = Mail.objects.get()
    assert "[lien masqué]" in kept.body
    for text in (kept.body, str(kept.context), *(str(task.args_kwargs) for task in DBTaskResult.objects.all())):
        assert token not in text
        assert token[32:] not in text


def test_invitation_lasts_two_weeks_or_until_the_deposit_closes(referentiel, admin):
    now = timezone.now()
    soon = make_session(referentiel)
    late = make_session(
        referentiel,
        deposit_closes_at=now + dt.timedelta(days=40),
        interviews_from=now.date() + dt.timedelta(days=50),
        interviews_to=now.date() + dt.timedelta(days=50),
        jury_on=now.date() + dt.timedelta(days=60),
    )
    days = [
        (invite(enrolment=make_enrolment(session), by=admin).expires_at - now).total_seconds() / 86400
        for session in (soon, late)
    ]
    assert [round(number) for number in days] == [14, 40]


def test_mail_is_sent_once_however_often_the_task_runs(enrolment, admin, run_tasks):
    invitation = invite(enrolment=enrolment, by=admin)
    run_tasks()
    send_invitation.call(invitation.pk)
    assert len(outbox.outbox) == 1


def test_mail_that_fails_is_tried_again_and_the_branch_sees_it(enrolment, admin, run_tasks, monkeypatch):
    invitation = invite(enrolment=enrolment, by=admin)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        run_tasks()
        assert standing(enrolment, timezone.now()) == Standing(
            "failed", "échec de l'invitation", unreached=True, error="connexion refusée"
        )
        for _ in range(6):
            DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
            run_tasks()
    assert Mail.objects.filter(state="failed").count() == 4
    assert invite_all(session=enrolment.session, by=admin) == 1
    run_tasks()
    assert len(outbox.outbox) == 1
    assert "pas encore entré" in get_standing(enrolment)
    invitation.refresh_from_db()
    assert invitation.sent_at is None


def test_second_try_that_succeeds_clears_the_failure(enrolment, admin, run_tasks, monkeypatch):
    invite(enrolment=enrolment, by=admin)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        run_tasks()
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    run_tasks()
    assert len(outbox.outbox) == 1
    assert get_standing(enrolment).startswith("invité le")


def test_invitation_that_the_worker_never_sent_is_to_be_sent_again(enrolment, admin):
    make_invitation(enrolment, sent_at=None)
    assert get_standing(enrolment) == "invitation en cours d'envoi"
    assert invite_all(session=enrolment.session, by=admin) == 0
    Invitation.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    assert get_standing(enrolment) == "l'invitation n'est pas partie"
    assert invite_all(session=enrolment.session, by=admin) == 1


# --- The branch


def test_branch_invites_those_who_were_not_and_not_the_others(referentiel, admin):
    session = make_session(referentiel)
    new, failed, invited, entered = (make_enrolment(session) for _ in range(4))
    make_invitation(failed, sent_at=None, error="boîte pleine")
    make_invitation(invited)
    user = entered.candidate.user
    user.last_login = timezone.now()
    user.save()
    assert invite_all(session=session, by=admin) == 2
    assert set(Invitation.objects.filter(created_by=admin).values_list("enrolment", flat=True)) == {new.pk, failed.pk}
    assert invite_all(session=session, by=admin) == 0


def test_administrator_of_another_branch_invites_nobody(enrolment):
    stranger = make_admin(make_branch())
    with pytest.raises(PermissionError):
        invite_all(session=enrolment.session, by=stranger)
    with pytest.raises(PermissionError):
        invite(enrolment=enrolment, by=stranger)
    assert not Invitation.objects.exists()


def test_board_says_how_many_are_to_invite_and_invites_them(client, referentiel, admin):
    session = make_session(referentiel)
    for _ in range(2):
        make_enrolment(session)
    client.force_login(admin)
    page = reverse("branch:session", args=[session.pk])
    assert "Inviter les candidats (2)" in client.get(page).content.decode()
    html = client.post(reverse("branch:invite_all", args=[session.pk]), follow=True).content.decode()
    assert "2 invitations partent par courriel." in html
    assert "Inviter les candidats (" not in html


def test_branch_sees_on_the_candidate_s_page_whether_they_entered(client, enrolment, admin, run_tasks):
    staff = Client()
    staff.force_login(admin)
    page = reverse("branch:enrolment", args=[enrolment.pk])
    assert "pas encore invité" in staff.get(page).content.decode()
    staff.post(reverse("branch:invite", args=[enrolment.pk]))
    run_tasks()
    html = staff.get(page).content.decode()
    assert "pas encore entré" in html
    assert "Renvoyer l&#x27;invitation" in html or "Renvoyer l'invitation" in html
    client.post(link_in(outbox.outbox[0]))
    assert "entré le" in staff.get(page).content.decode()
    verbs = JournalEntry.objects.filter(stream__name=enrolment.stream).values_list("verb", flat=True)
    assert list(verbs) == ["invitation.sent", "invitation.used"]
