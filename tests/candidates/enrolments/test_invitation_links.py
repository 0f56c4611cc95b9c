"""A candidate enters with the link of the mail."""

import datetime as dt
import re

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from candidates.enrolments.invitations import invite, link_token
from candidates.models import Invitation
from tests.candidates.enrolments.scene import HOME, link, link_in, person_of
from tests.factories import make_enrolment, make_invitation, make_session, make_user

pytestmark = pytest.mark.django_db


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
    token = link_token(make_invitation(enrolment))
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
