"""Addresses in mails come from SITE_URL, whatever the Host header says."""

import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core import context
from django.core import mail as outbox
from django.test import Client, RequestFactory

from cqp.accounts.adapter import AccountAdapter, on_site
from tests.factories import make_user

HOSTILE = ("localhost:666", "testserver:4444", "127.0.0.1:1")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://cqp.example.org"


def links() -> list[str]:
    return [link for mail in outbox.outbox for link in re.findall(r"https?://\S+", mail.body)]


@pytest.mark.parametrize("host", HOSTILE)
def test_the_link_of_a_new_password_leads_to_the_site(host):
    user, client = make_user(), Client(headers={"Host": host})
    client.post("/compte/password/reset/", {"email": user.email})
    [link] = links()
    assert link.startswith("https://cqp.example.org/compte/password/reset/key/")
    page = Client().get(link.removeprefix("https://cqp.example.org"), follow=True)
    assert "Nouveau mot de passe" in page.text


@pytest.mark.parametrize("host", HOSTILE)
def test_no_mail_of_the_accounts_has_the_host_that_was_asked_for(host):
    user, client = make_user(), Client(headers={"Host": host})
    client.post("/compte/password/reset/", {"email": user.email})
    client.post("/compte/password/reset/", {"email": "inconnu@example.org"})
    client.post("/compte/login/code/", {"email": user.email})
    Client(headers={"Host": host}).post("/compte/login/code/", {"email": "inconnu@example.org"})
    assert len(outbox.outbox) == 4
    for mail in outbox.outbox:
        assert host not in f"{mail.subject} {mail.body} {mail.extra_headers}"


@pytest.mark.parametrize("host", HOSTILE)
def test_every_address_that_allauth_gives_to_a_template_is_the_site_s(host, monkeypatch):
    """Those that we have no mail for today, too: an allauth page that is opened tomorrow sends them."""
    request, given = RequestFactory(headers={"Host": host}).post("/"), {}
    monkeypatch.setattr(AccountAdapter, "render_mail", lambda self, prefix, to, values: given.update(values) or Stop())
    address = EmailAddress.objects.create(user=make_user(), email="a@example.org")
    with context.request_context(request):
        adapter = AccountAdapter()
        for send in (
            lambda: adapter.send_confirmation_mail(request, EmailConfirmationHMAC(address), signup=False),
            lambda: adapter.send_account_already_exists_mail("a@example.org"),
        ):
            with pytest.raises(Stop):
                send()
    urls = [value for key, value in given.items() if key.endswith("_url")]
    assert len(urls) == 3
    assert all(url.startswith("https://cqp.example.org/compte/") for url in urls)


class Stop(Exception):
    """Stands for a mail that is not sent: whatever is asked of it ends there."""

    def __getattr__(self, name):
        raise self


@pytest.mark.parametrize("host", HOSTILE)
def test_another_port_in_the_host_gives_no_more_guesses(host):
    user = make_user()
    for n in range(5):
        Client(headers={"Host": f"localhost:{n + 1}"}).post("/compte/login/", {"login": user.email, "password": "x"})
    response = Client(headers={"Host": host}).post("/compte/login/", {"login": user.email, "password": "x"})
    assert "Attendez 5 minutes" in response.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://localhost:666/compte/?a=1#b", "https://cqp.example.org/compte/?a=1#b"),
        ("https://ailleurs.example", "https://cqp.example.org"),
        ("ABCD-EFGH", "ABCD-EFGH"),
        (3, 3),
    ],
)
def test_an_address_is_put_on_the_site(value, expected):
    assert on_site(value) == expected
