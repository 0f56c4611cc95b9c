"""The branch changes the address of a candidate's account."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.enrolments.invitations import invite_all
from candidates.people.address import change_address
from cqp.models import JournalEntry, Mail, User
from tests.cqp.accounts.entering import enter_as
from tests.factories import (
    PASSWORD,
    make_admin,
    make_branch,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_invitation,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db
NEW = "nouvelle@example.org"


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def enrolment(referentiel):
    return make_enrolment(make_session(referentiel))


def refusal(enrolment, admin, email=NEW) -> str:
    with pytest.raises(ValidationError) as refused:
        change_address(enrolment=enrolment, by=admin, email=email)
    return refused.value.message_dict["email"][0]


def test_candidate_is_told_at_both_addresses_and_the_journal_keeps_it(enrolment, admin):
    old = enrolment.candidate.user.email
    change_address(enrolment=enrolment, by=admin, email=" Nouvelle@Example.org ")
    assert User.objects.get(pk=enrolment.candidate.user.pk).email == NEW
    assert set(Mail.objects.values_list("to", flat=True)) == {old, NEW}
    assert NEW not in Mail.objects.get(to=old).body
    entry = JournalEntry.objects.get(stream__name=enrolment.stream)
    assert (entry.verb, entry.payload) == ("enrolment.address_changed", {"from": old, "to": NEW})


def test_whoever_had_the_old_address_keeps_no_way_in(client, enrolment, admin):
    user = enrolment.candidate.user
    old = user.email
    client.post("/compte/login/", {"login": old, "password": PASSWORD})
    EmailAddress.objects.create(user=user, email=old)
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "iPhone", "credential": {}})
    assert client.get("/candidat/").status_code == 200
    change_address(enrolment=enrolment, by=admin, email=NEW)
    assert client.get("/compte/password/change/")["Location"].startswith("/compte/login/")
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not Authenticator.objects.filter(user=user).exists()
    client.post("/compte/login/code/", {"email": old})
    assert not Mail.objects.filter(to=old, subject="Votre code pour entrer").exists()


def test_candidate_who_had_not_entered_is_to_be_invited_again(enrolment, admin):
    make_invitation(enrolment)
    assert invite_all(session=enrolment.session, by=admin) == 0
    change_address(enrolment=enrolment, by=admin, email=NEW)
    assert invite_all(session=enrolment.session, by=admin) == 1


def test_address_of_another_account_the_same_one_and_what_is_none_are_refused(enrolment, admin):
    assert "un autre compte" in refusal(enrolment, admin, make_user().email)
    assert "déjà son adresse" in refusal(enrolment, admin, enrolment.candidate.user.email.upper())
    assert "n'en est pas une" in refusal(enrolment, admin, "nouvelle")
    assert not Mail.objects.exists()


@pytest.mark.parametrize("role", ["administrator", "evaluator", "candidate elsewhere", "site"])
def test_account_with_another_role_is_not_handed_over_with_its_address(referentiel, enrolment, admin, role):
    user = enrolment.candidate.user
    if role == "administrator":
        make_branch().administrators.add(user)
    elif role == "evaluator":
        make_evaluator(make_session(referentiel), user=user)
    elif role == "candidate elsewhere":
        make_candidate(make_branch(), user=user)
    else:
        User.objects.filter(pk=user.pk).update(is_staff=True)
    assert "un autre rôle" in refusal(enrolment, admin)


def test_administrator_of_another_branch_changes_nothing(enrolment):
    with pytest.raises(PermissionError):
        change_address(enrolment=enrolment, by=make_admin(make_branch()), email=NEW)


def test_administrator_changes_it_on_a_page_that_says_what_follows(client, enrolment, admin):
    enter_as(client, admin)
    page = reverse("branch:enrolment_address", args=[enrolment.pk])
    html = client.get(page).content.decode()
    assert "plus rien" in html
    assert "form-control" in html
    refused = client.post(page, {"email": admin.email})
    assert refused.status_code == 422
    assert "un autre compte" in refused.content.decode()
    response = client.post(page, {"email": NEW}, follow=True)
    assert "les deux adresses en sont prévenues" in response.content.decode()
    assert NEW in response.content.decode()
