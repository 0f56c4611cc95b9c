"""How people enter: password or code, limits, and what is kept of the mails."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from cqp.models import Mail, User
from tests.cqp.accounts.entering import enter_as
from tests.factories import PASSWORD, make_user

LOGIN, CODE, CONFIRM = "/compte/login/", "/compte/login/code/", "/compte/login/code/confirm/"
RESET = "/compte/password/reset/"
UNKNOWN = "inconnu@example.org"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def enter(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def code_in(message) -> str:
    """The code of a mail: alone on its line."""
    return re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)$", message.body, re.MULTILINE)[1]


def test_person_enters_with_a_password_and_goes_home(client):
    user = make_user()
    response = enter(client, user.email)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/").status_code == 200


def test_person_enters_with_their_address_in_capitals(client):
    user = make_user("lea@example.org")
    enter(client, "LEA@Example.org")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_person_comes_back_to_the_page_they_had_asked_for(client):
    user = make_user()
    response = client.get("/referentiel/")
    assert response["Location"] == f"{LOGIN}?next=/referentiel/"
    response = client.post(LOGIN, {"login": user.email, "password": PASSWORD, "next": "/referentiel/"})
    assert response["Location"] == "/referentiel/"


def test_login_does_not_send_people_to_another_site(client):
    user = make_user()
    response = client.post(LOGIN, {"login": user.email, "password": PASSWORD, "next": "https://ailleurs.example/"})
    assert response["Location"] == "/"


def test_sixth_wrong_password_is_refused_even_when_it_is_right(client):
    user = make_user()
    for _ in range(5):
        response = enter(client, user.email, "faux")
        assert "ne sont pas corrects" in response.content.decode()
    response = enter(client, user.email)
    assert "Attendez 5 minutes" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_wrong_passwords_do_not_lock_out_the_others(client):
    user, other = make_user(), make_user()
    for _ in range(6):
        enter(client, user.email, "faux")
    assert enter(client, other.email).status_code == 302


def test_limits_are_kept_in_the_database_for_all_processes_and_name_nobody(client):
    from cqp.models import RateLimit

    enter(client, make_user("lea@example.org").email, "faux")
    rows = list(RateLimit.objects.values_list("key", flat=True))
    assert len(rows) >= 2
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in rows)


def test_unknown_address_and_wrong_password_get_the_same_answer(client):
    user = make_user()
    known, unknown = enter(client, user.email, "faux"), enter(client, UNKNOWN, "faux")
    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|value="[^"]*@example.org"')
    assert strip.sub("", known.content.decode()) == strip.sub("", unknown.content.decode())
    assert known.status_code == unknown.status_code


def test_sixth_request_of_a_new_password_within_a_minute_gets_429_in_french(client):
    user = make_user()
    answers = [client.post(RESET, {"email": user.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Attendez une minute" in answers[5].content.decode()
    assert int(answers[5].headers["Retry-After"]) <= 60
    assert len(outbox.outbox) == 5


def test_person_chooses_a_new_password_and_the_kept_mail_does_not_show_the_link(client, settings):
    user = make_user()
    response = client.post(RESET, {"email": user.email})
    assert client.get(response["Location"]).status_code == 200
    message = outbox.outbox[0]
    link = re.search(r"https?://\S+", message.body)[0]
    kept = Mail.objects.get()
    assert kept.subject == message.subject == "Choisir un nouveau mot de passe"
    assert "http" not in kept.body
    assert link.rstrip("/").rsplit("/", 1)[1] not in kept.body
    assert kept.body == message.body.replace(link, "[lien masqué]")

    page = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    new = "cinq chevaux blancs et un âne"
    response = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert "Votre nouveau mot de passe sert dès maintenant" in response.content.decode()
    assert enter(client, user.email, new)["Location"] == "/"


def test_reset_link_serves_once_and_opening_it_changes_nothing(client, settings):
    user = make_user()
    client.post(RESET, {"email": user.email})
    link = re.search(r"https?://\S+", outbox.outbox[0].body)[0].removeprefix(settings.SITE_URL)
    assert client.get(link, follow=True).status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    user.set_password("un tout autre mot de passe")
    user.save()
    client.session.flush()
    assert "Ce lien ne sert plus" in client.get(link, follow=True).content.decode()


def test_reset_for_an_unknown_address_looks_the_same(client):
    known, unknown = client.post(RESET, {"email": make_user().email}), client.post(RESET, {"email": UNKNOWN})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_person_without_a_password_may_choose_one_in_their_account(client):
    user = User.objects.create_user("sans@example.org")
    enter_as(client, user)
    page = client.get("/compte/password/change/", follow=True)
    assert "Choisir un mot de passe" in page.content.decode()
    new = "cinq chevaux blancs et un âne"
    client.post("/compte/password/set/", {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)


def test_short_password_is_refused_in_french(client):
    client.force_login(make_user())
    data = {"oldpassword": PASSWORD, "password1": "court", "password2": "court"}
    response = client.post("/compte/password/change/", data)
    assert "au minimum 12 caractères" in response.content.decode()


def test_nobody_signs_up(client):
    response = client.get("/compte/signup/")
    assert "Pas d'inscription en ligne" in response.content.decode()
    client.post("/compte/signup/", {"email": UNKNOWN, "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


def test_person_cannot_take_the_address_of_somebody_to_be_enrolled(client):
    user = make_user("moi@example.org")
    client.force_login(user)
    response = client.post("/compte/email/", {"action_add": "", "email": UNKNOWN})
    assert "écrivez-lui pour en changer" in response.content.decode()
    client.post("/compte/email/", {"action_primary": "", "email": UNKNOWN})
    user.refresh_from_db()
    assert user.email == "moi@example.org"
    assert not EmailAddress.objects.filter(email=UNKNOWN).exists()


def test_opening_the_logout_page_does_not_log_out(client):
    client.force_login(make_user())
    assert client.get("/compte/logout/").status_code == 200
    assert client.get("/").status_code == 200
    client.post("/compte/logout/")
    assert client.get("/").status_code == 302


def test_mail_that_cannot_be_sent_is_told_and_kept_without_its_code(client, monkeypatch):
    def refuse(self, messages):
        raise OSError("connexion refusée")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    for email in (make_user().email, UNKNOWN):
        response = client.post(CODE, {"email": email})
        assert response.status_code == 503
        assert "n'a pas pu partir" in response.content.decode()
    assert [mail.state for mail in Mail.objects.all()] == ["failed", "failed"]


def test_uid_of_one_digit_does_not_mask_the_digits_of_the_mail(client):
    User.objects.create_user("un@example.org", PASSWORD, pk=1)
    client.post(RESET, {"email": "un@example.org"})
    assert "[code masqué]" not in Mail.objects.get().body


@pytest.mark.parametrize("path", [LOGIN, CODE, RESET, "/compte/inactive/", "/compte/signup/"])
def test_account_pages_are_french_and_ours(client, path):
    html = client.get(path).content.decode()
    assert '<html lang="fr">' in html
    assert html.count("<h1") == 1
    for english in ("Sign", "Password", "Email", "email address"):
        assert english not in html


def test_pages_are_closed_by_default(client):
    for name in ("home", "referentiel:list", "account_change_password", "account_reauthenticate"):
        assert client.get(reverse(name))["Location"].startswith(LOGIN)
