"""The demonstration's pages: its people, one click to be one of them, the mails; nothing of it anywhere else."""

import json

import pytest

from cqp.demo.accounts import DemoAccount, demo_accounts, write_demo_accounts
from cqp.models import Mail
from tests.factories import PASSWORD, make_user

ACCOUNTS, ENTER, MAILS = "/demonstration/", "/demonstration/entrer/", "/demonstration/courriels/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    return settings


@pytest.fixture
def lea(demo):
    """Léa, of the demonstration's accounts, and her user."""
    user = make_user("lea@example.org", first_name="Léa")
    write_demo_accounts(PASSWORD, [DemoAccount(user.email, "Léa N'Guessan", "candidate", "Doit déposer un dossier.")])
    return user


def test_outside_the_demonstration_none_of_it_exists(client, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    user = make_user()
    write_demo_accounts(PASSWORD, [DemoAccount(user.email, "", "", "")])
    assert client.get(ACCOUNTS).status_code == 404
    assert client.get(MAILS).status_code == 404
    assert client.post(ENTER, {"email": user.email}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_visitor_reads_who_the_people_are_and_that_it_is_a_demonstration(client, lea):
    html = client.get(ACCOUNTS).content.decode()
    for text in (
        "Tout est inventé",
        "Léa N&#x27;Guessan",
        "candidate",
        "Doit déposer un dossier.",
        lea.email,
        PASSWORD,
    ):
        assert text in html


def test_one_click_enters_as_the_person_and_goes_home(client, lea):
    response = client.post(ENTER, {"email": lea.email})
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(lea.pk)


def test_opening_the_address_enters_as_nobody(client, lea):
    assert client.get(ENTER, {"email": lea.email}).status_code == 405
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("email", ["", "inconnu@example.org", "\0", "x" * 10_000])
def test_nobody_enters_as_someone_who_is_not_of_the_demonstration(client, lea, email):
    make_user("inconnu@example.org")
    assert client.post(ENTER, {"email": email}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_one_enters_as_another_person_without_logging_out(client, lea):
    client.force_login(make_user())
    client.post(ENTER, {"email": lea.email})
    assert client.session["_auth_user_id"] == str(lea.pk)


def test_page_says_what_to_do_while_the_demonstration_is_not_loaded(client, demo):
    assert "make demo" in client.get(ACCOUNTS).content.decode()


def test_file_of_the_accounts_is_the_one_that_the_command_writes(lea, demo):
    content = json.loads((demo.VAR_DIR / "demo-accounts.json").read_text())
    assert content["password"] == PASSWORD
    assert set(content["accounts"][0]) == {"email", "name", "role", "story"}
    assert demo_accounts().accounts[0].name == "Léa N'Guessan"


def test_ribbon_is_on_every_page_of_the_demonstration_and_on_no_other(client, lea, settings):
    assert 'class="demo-ribbon' in client.get("/compte/login/").content.decode()
    settings.DEMO = False
    assert 'class="demo-ribbon' not in client.get("/compte/login/").content.decode()


def test_mails_are_read_newest_first_without_their_codes(client, demo):
    client.post("/compte/login/code/", {"email": make_user().email})
    Mail.objects.create(to="b@example.org", subject="Le second", body="Bonjour")
    html = client.get(MAILS).content.decode()
    assert html.index("Le second") < html.index("Votre code pour entrer")
    assert "[code masqué]" in html


@pytest.mark.parametrize("count", [1, 3])
def test_mails_cost_three_queries_whatever_their_number(client, demo, django_assert_num_queries, count):
    for n in range(count):
        Mail.objects.create(to="a@example.org", subject=f"Courriel {n}", body="Bonjour")
    with django_assert_num_queries(3):  # with the contacts of the foot of the page
        client.get(MAILS)


@pytest.mark.parametrize(
    ("page", "shown"), [("1", "Courriel 20"), ("2", "Courriel 0"), ("99", "Courriel 0"), ("x", "Courriel 20")]
)
def test_mails_come_by_pages_and_a_wrong_page_shows_the_nearest(client, demo, page, shown):
    for n in range(21):
        Mail.objects.create(to="a@example.org", subject=f"Courriel {n}", body="Bonjour")
    html = client.get(MAILS, {"page": page}).content.decode()
    assert f"{shown}</h2>" in html
    assert "sur 2" in html
