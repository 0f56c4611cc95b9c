"""One entrance: no address but allauth's evaluates a password or logs somebody in; every limit is counted alike."""

import subprocess
from base64 import b64encode

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cqp.models import User
from tests.factories import PASSWORD
from tests.permissions.table import TABLE
from tests.permissions.world import make_world

# Where a password is read, and what limits it. A new line here is a new door: it needs limits, and a reason.
PASSWORDS_READ = {
    "account_login",
    "account_reauthenticate",
    "account_change_password",
    "evaluator:cosign",  # Of the colleague, who is not logged in by it: `evaluations.sheets.cosigning`.
}
# Who is logged in by a POST without any proof but what is in the address: whoever has the link of a mail.
LETS_IN = {"account_login", "candidate:invitation"}
# Addresses of the table alone would leave out those of Django's admin.
ADMIN = ("/administration/", "/administration/login/", "/administration/password_change/", "/administration/x/")


@pytest.fixture
def evaluated(monkeypatch):
    """The passwords that were compared: each way to compare one ends in `User.check_password`."""
    seen, check = [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda self, raw: seen.append(raw) or check(self, raw))
    return seen


@pytest.fixture
def entered():
    """The people who were logged in."""
    seen = []

    def note(user, **kwargs):
        seen.append(user)

    user_logged_in.connect(note)
    yield seen
    user_logged_in.disconnect(note)


def knock(client: Client, url: str, email: str, **more: str) -> None:
    """Post right credentials under every name that a form of login gives them, and undo what that did."""
    names = ("login", "username", "email", "user")
    secrets = ("password", "oldpassword", "old_password", "password1", "secret")
    body = dict.fromkeys(names, email) | dict.fromkeys(secrets, PASSWORD) | {"password2": PASSWORD} | more
    basic = {"authorization": f"Basic {b64encode(f'{email}:{PASSWORD}'.encode()).decode()}"}
    cookies = client.cookies.copy()
    with transaction.atomic():
        client.post(url, body, headers=basic)
        transaction.set_rollback(True)
    client.cookies = cookies


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anonymous", "evaluator", "admin"])
def test_no_other_address_reads_a_password_or_lets_in(referentiel, evaluated, entered, who):
    world = make_world(referentiel)
    client = Client(raise_request_exception=False)
    if person := world.people[who]:
        client.force_login(person)
    email = (person or world.people["admin"]).email
    addresses = {(row.name, reverse(row.name, args=world.arguments[row.key])) for row in TABLE}
    reading, letting_in = set(), set()
    for name, url in sorted(addresses | {(path, path) for path in ADMIN}):
        evaluated.clear()
        entered.clear()
        knock(client, url, email, assignment=str(world.bodies["joint-cosign"].partition("=")[2]))
        if PASSWORD in evaluated:
            reading.add(name)
        if entered:
            letting_in.add(name)
    assert reading <= PASSWORDS_READ
    assert letting_in <= LETS_IN
    if who == "anonymous":
        assert "account_login" in reading & letting_in  # The walk sees a door where there is one.


def test_no_limit_is_counted_in_the_cache():
    """A counter that is read, then written back, loses what came between: `cqp.web.rate_limits` has the one that does not."""
    command = ["git", "grep", "-lE", r"cache\.(add|incr|decr|get_or_set)\(|core\.cache import", "--", "*.py", ":!tests"]
    files = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    # The code itself, whose answers are counted elsewhere.
    assert files == ["evaluations/sheets/cosigning.py"]


def test_no_address_is_made_from_the_request():
    """The Host header is what the client says: addresses that leave the site come from SITE_URL."""
    pattern = r"build_absolute_uri|get_host\(|get_current_site|HTTP_HOST|SERVER_NAME"
    command = ["git", "grep", "-lE", pattern, "--", "*.py", "templates", ":!tests"]
    assert subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False).stdout == ""
