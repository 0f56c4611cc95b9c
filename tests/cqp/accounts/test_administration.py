"""Django's admin is entered as the rest of the site, and reads no password."""

import pytest

from cqp.models import User
from tests.factories import PASSWORD, make_admin, make_user

ADMIN = "/administration/"

pytestmark = pytest.mark.django_db


def test_whoever_is_not_logged_in_goes_to_the_one_entrance(client):
    response = client.get(ADMIN, follow=True)
    assert response.redirect_chain[-1][0] == f"/compte/login/?next={ADMIN}"


def test_a_right_password_posted_there_lets_nobody_in(client):
    User.objects.create_superuser("technique@example.org", PASSWORD)
    client.post(f"{ADMIN}login/", {"username": "technique@example.org", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_for_others_than_staff_there_is_nothing(client, branch):
    for user in (make_user(), make_admin(branch)):
        client.force_login(user)
        assert client.get(ADMIN, follow=True).status_code == 404


def test_staff_use_it_without_its_page_of_passwords(client):
    client.force_login(User.objects.create_superuser("technique@example.org", PASSWORD))
    assert client.get(ADMIN).status_code == 200
    assert client.get(f"{ADMIN}referentiel/branch/").status_code == 200
    assert client.get(f"{ADMIN}password_change/").status_code == 404
    assert client.get(f"{ADMIN}login/")["Location"] == ADMIN
