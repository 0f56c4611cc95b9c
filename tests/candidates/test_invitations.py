"""A candidate is invited by mail, and enters with the link."""

import datetime as dt
import re

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates.invitations import Standing, send_invitation, standing, token_of
from candidates.models import Invitation
from candidates.services.invitations import invite, invite_all
from cqp.models import JournalEntry, Mail
from tests.factories import make_admin, make_branch, make_enrolment, make_invitation, make_session, make_user

pytestmark = pytest.mark.django_db
HOME = "/candidat/"


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def enrolment(referentiel):
    return make_enrolment(make_session(referentiel))


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/candidat/invitation/\S+)", message.body)[1]


def link(invitation) -> str:
    return reverse("candidate:invitation", args=[token_of(invitation)])


def person_of(client) -> str | None:
    return client.session.get("_auth_user_id")


def words(enrolment) -> str:
    enrolment.candidate.user.refresh_from_db()
    return standing(enrolment, timezone.now()).words


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
    token = token_of(invitation)
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
    assert "pas encore entré" in words(enrolment)
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
    assert words(enrolment).startswith("invité le")


def test_invitation_that_the_worker_never_sent_is_to_be_sent_again(enrolment, admin):
    make_invitation(enrolment, sent_at=None)
    assert words(enrolment) == "invitation en cours d'envoi"
    assert invite_all(session=enrolment.session, by=admin) == 0
    Invitation.objects.update(created_at=timezone.now() - dt.timedelta(hours=2))
    assert words(enrolment) == "l'invitation n'est pas partie"
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


# --- The link


def test_candidate_enters_with_the_link_and_no_password(client, enrolment):
    url = link(make_invitation(enrolment))
    html = client.get(url).content.decode()
    assert "Bonjour Léa" in html
    assert enrolment.candidate.birth_name not in html
    assert enrolment.session.title in html
    assert client.post(url)["Location"] == HOME
    assert client.get(HOME).status_code == 200
    assert client.session["account_authentication_methods"][0]["method"] == "invitation"


def test_opening_the_link_writes_nothing(client, enrolment, django_assert_num_queries):
    """A mail scanner opens links."""
    invitation = make_invitation(enrolment)
    with django_assert_num_queries(1):
        client.get(link(invitation))
    invitation.refresh_from_db()
    assert invitation.used_at is None
    assert person_of(client) is None


def test_link_touched_twice_lets_in_twice(enrolment):
    url = link(make_invitation(enrolment))
    assert [Client().post(url).status_code for _ in range(2)] == [302, 302]


def test_link_serves_once(client, enrolment):
    invitation = make_invitation(enrolment, used_at=timezone.now() - dt.timedelta(minutes=3))
    response = client.post(link(invitation))
    assert response.status_code == 410
    assert "Recevoir un nouveau lien" in response.content.decode()
    assert person_of(client) is None


def test_the_link_of_an_earlier_mail_serves_no_more_once_another_was_used(client, enrolment):
    first, second = make_invitation(enrolment), make_invitation(enrolment)
    Client().post(link(second))
    Invitation.objects.update(used_at=timezone.now() - dt.timedelta(minutes=3))
    assert client.post(link(first)).status_code == 410


def test_expired_link_offers_a_new_one_which_lets_in(client, enrolment, run_tasks):
    url = link(make_invitation(enrolment, expires_at=timezone.now()))
    response = client.get(url)
    assert response.status_code == 410
    assert "Recevoir un code" in response.content.decode()
    assert client.post(url).status_code == 410
    assert person_of(client) is None
    answer = client.post(f"{url}nouveau/")
    assert "Regardez vos courriels" in answer.content.decode()
    run_tasks()
    assert outbox.outbox[0].to == [enrolment.candidate.user.email]
    client.post(link_in(outbox.outbox[0]))
    assert person_of(client) == str(enrolment.candidate.user.pk)


def test_asking_for_a_new_link_is_answered_alike_whoever_asks(client, enrolment):
    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    known = client.post(f"{link(make_invitation(enrolment))}nouveau/")
    unknown = client.post(f"{HOME}invitation/{'0' * 96}/nouveau/")
    assert known.status_code == unknown.status_code == 200
    assert strip.sub("", known.content.decode()) == strip.sub("", unknown.content.decode())


def test_new_links_are_limited_by_person_and_the_answer_stays_the_same(client, referentiel, enrolment, admin):
    candidate = enrolment.candidate
    other = make_enrolment(make_session(referentiel), candidate=candidate)
    urls = [link(make_invitation(one, created_by=admin)) for one in (enrolment, other)]
    answers = [client.post(f"{urls[n % 2]}nouveau/").status_code for n in range(6)]
    assert answers == [200] * 6
    assert Invitation.objects.filter(created_by=None).count() == 3


@pytest.mark.parametrize("token", ["x", "0" * 96, "é" * 40, "a" * 3000, "0" * 32])
def test_unknown_link_names_nobody_and_offers_a_code(client, enrolment, token):
    response = client.get(reverse("candidate:invitation", args=[token]))
    assert response.status_code == 404
    html = response.content.decode()
    assert "Ce lien ne sert plus" in html
    assert "Recevoir un code" in html
    assert "Léa" not in html


def test_link_with_one_letter_changed_opens_nothing(client, enrolment):
    token = token_of(make_invitation(enrolment))
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert client.post(reverse("candidate:invitation", args=[changed])).status_code == 404
    assert person_of(client) is None


def test_link_sent_to_an_address_that_has_changed_opens_nothing(client, enrolment):
    url, user = link(make_invitation(enrolment)), enrolment.candidate.user
    user.email = "nouvelle@example.org"
    user.save()
    response = client.post(url)
    assert response.status_code == 404
    assert "Léa" not in response.content.decode()


def test_whoever_is_logged_in_as_somebody_else_changes_person_first(client, enrolment):
    invitation, other = make_invitation(enrolment), make_user()
    client.force_login(other)
    html = client.get(link(invitation)).content.decode()
    assert "Changer de personne" in html
    assert f'name="next" value="{link(invitation)}"' in html
    assert client.post(link(invitation)).status_code == 409
    assert person_of(client) == str(other.pk)
    invitation.refresh_from_db()
    assert invitation.used_at is None
    assert client.post("/compte/logout/", {"next": link(invitation)})["Location"] == link(invitation)


def test_candidate_who_is_in_already_goes_to_their_space(client, enrolment):
    client.force_login(enrolment.candidate.user)
    assert client.post(link(make_invitation(enrolment)))["Location"] == HOME
    served = make_invitation(enrolment, expires_at=timezone.now())
    assert "Aller à mon parcours" in client.get(link(served)).content.decode()


def test_closed_account_is_not_opened_by_a_link(client, enrolment):
    user = enrolment.candidate.user
    user.is_active = False
    user.save()
    assert client.post(link(make_invitation(enrolment)))["Location"] == "/compte/inactive/"
    assert person_of(client) is None


def test_links_are_limited_by_device(client, enrolment):
    url = link(make_invitation(enrolment, expires_at=timezone.now()))
    answers = [client.post(url).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]


def test_candidate_enrolled_after_the_deposit_opened_enters_as_the_others(client, enrolment, admin, run_tasks):
    assert enrolment.session.deposit_is_open
    invite(enrolment=enrolment, by=admin)
    run_tasks()
    assert "à partir du" not in outbox.outbox[0].body
    assert client.post(link_in(outbox.outbox[0]), follow=True).status_code == 200
