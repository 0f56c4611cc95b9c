"""The second evaluator signs the joint sheet on the first one's device, with their own password or a code."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from cqp.models import Mail
from evaluations.models import ScoringSheet
from evaluations.sheets.cosigning import is_code_right, send_code
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.sheets.scribe import operation, read, send, sign

pytestmark = pytest.mark.django_db


def url(name, sheet):
    return reverse(f"evaluator:{name}", args=[sheet.pk])


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def criteria(sheet):
    return list(sheet.scores.order_by("pk").values_list("criterion", flat=True))


@pytest.fixture
def scores_of_bea():
    return {0: 1}, {}


def settle(running, joint):
    send(running.alix, joint, operation("score", criterion=criteria(joint)[0], level=2))


def cosign(client, running, joint, secret=make.PASSWORD, **data):
    other = running.bea_sheet.assignment_id
    return client.post(url("cosign", joint), {"assignment": other, "secret": secret, "shown": read(joint)} | data)


@pytest.fixture
def half_signed(running, joint, client):
    settle(running, joint)
    sign(running.alix, joint)
    client.force_login(running.alix)
    return joint


def test_the_second_signs_with_their_password_and_is_not_logged_in(running, half_signed, client):
    page = client.get(url("review", half_signed)).text
    assert f"Mot de passe de {running.bea}" in page
    assert cosign(client, running, half_signed).status_code == 302
    assert fresh(half_signed).state == "signed"
    signature = half_signed.signatures.get(assignment=running.bea_sheet.assignment_id)
    assert signature.method == "password"
    assert client.session["_auth_user_id"] == str(running.alix.pk)


def test_a_wrong_password_signs_nothing(running, half_signed, client):
    response = cosign(client, running, half_signed, secret="au hasard")
    assert response.status_code == 422
    assert "Ce n&#x27;est pas le mot de passe" in response.text
    assert fresh(half_signed).state == "open"
    assert make.PASSWORD not in response.text


def test_after_five_wrong_passwords_even_the_right_one_waits(running, half_signed, client):
    for _ in range(5):
        assert cosign(client, running, half_signed, secret="au hasard").status_code == 422
    response = cosign(client, running, half_signed)
    assert response.status_code == 422
    assert "Attendez 5 minutes" in response.text
    assert fresh(half_signed).state == "open"


def test_the_one_whose_device_it_is_signs_first(running, joint, client):
    settle(running, joint)
    client.force_login(running.alix)
    response = cosign(client, running, joint)
    assert response.status_code == 409
    assert "Signez d&#x27;abord" in response.text
    assert not joint.signatures.exists()


def test_cosigning_what_changed_meanwhile_is_refused(running, half_signed, client):
    assert cosign(client, running, half_signed, shown="0" * 64).status_code == 409
    assert fresh(half_signed).state == "open"


@pytest.mark.parametrize("assignment", ["", "abc", "0", "999999", "9" * 30])
def test_cosigning_for_nobody_is_404(running, half_signed, client, assignment):
    assert cosign(client, running, half_signed, assignment=assignment).status_code == 404


def test_nobody_cosigns_for_themselves_or_on_an_own_sheet(running, half_signed, client):
    assert cosign(client, running, half_signed, assignment=running.alix_sheet.assignment_id).status_code == 404
    assert cosign(client, running, running.alix_sheet).status_code == 404


# --- Without a password: a code sent to one's own address


@pytest.fixture
def without_password(running, half_signed):
    running.bea.set_unusable_password()
    running.bea.save()
    return half_signed


def ask_code(client, running, joint):
    return client.post(url("cosign_code", joint), {"assignment": running.bea_sheet.assignment_id}, follow=True)


def code_in(mail):
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.body, re.MULTILINE)[0]


def test_a_person_without_a_password_signs_with_a_code_sent_to_them(running, without_password, client, mailoutbox):
    page = client.get(url("review", without_password)).text
    assert f"Envoyer un code à {running.bea}" in page
    assert f"Un code est parti à {running.bea}. Il vaut 5 minutes." in ask_code(client, running, without_password).text
    [mail] = mailoutbox
    assert mail.to == [running.bea.email]
    assert cosign(client, running, without_password, secret=code_in(mail)).status_code == 302
    assert fresh(without_password).state == "signed"
    assert without_password.signatures.get(assignment=running.bea_sheet.assignment_id).method == "code"
    assert client.session["_auth_user_id"] == str(running.alix.pk)


def test_the_code_is_read_as_people_type_it(running, without_password, client, mailoutbox):
    ask_code(client, running, without_password)
    typed = f" {code_in(mailoutbox[0]).lower().replace('-', ' ')} "
    assert cosign(client, running, without_password, secret=typed).status_code == 302


def test_the_kept_mail_does_not_show_the_code(running, without_password, client, mailoutbox):
    ask_code(client, running, without_password)
    mail = Mail.objects.get(to=running.bea.email)
    assert code_in(mailoutbox[0]) not in mail.body
    assert "[code masqué]" in mail.body


@pytest.mark.parametrize("secret", ["BCDF-GHJK", "!", "", make.PASSWORD, "é" * 8])
def test_another_code_signs_nothing(running, without_password, client, secret):
    ask_code(client, running, without_password)
    assert cosign(client, running, without_password, secret=secret).status_code == 422
    assert fresh(without_password).state == "open"


def test_before_a_code_was_asked_for_none_is_right(running, without_password, client):
    response = cosign(client, running, without_password, secret="BCDF-GHJK")
    assert response.status_code == 422
    assert "Ce n&#x27;est pas le dernier code" in response.text


def test_only_the_last_code_sent_is_right(running, without_password, client, mailoutbox):
    for _ in range(2):
        ask_code(client, running, without_password)
    assert cosign(client, running, without_password, secret=code_in(mailoutbox[0])).status_code == 422
    assert cosign(client, running, without_password, secret=code_in(mailoutbox[1])).status_code == 302


def test_after_five_minutes_a_code_is_worth_nothing(running, without_password, client, mailoutbox):
    ask_code(client, running, without_password)
    cache.delete(f"cosign-code:{without_password.pk}:{running.bea.pk}")  # as its end does
    assert cosign(client, running, without_password, secret=code_in(mailoutbox[0])).status_code == 422


def test_a_code_serves_once(running, without_password, client, mailoutbox):
    ask_code(client, running, without_password)
    cosign(client, running, without_password, secret=code_in(mailoutbox[0]))
    reopen_sheet(fresh(without_password), by=running.admin, reason="Erreur.")
    sign(running.alix, fresh(without_password))
    assert cosign(client, running, without_password, secret=code_in(mailoutbox[0])).status_code == 422


def test_a_code_is_for_one_sheet(running, without_password, mailoutbox):
    other = ScoringSheet.objects.with_context().get(pk=running.alix_sheet.pk)
    send_code(sheet=other, signer=running.bea, by=running.alix)
    assert not is_code_right(sheet=without_password, signer=running.bea, code=code_in(mailoutbox[0]))
    assert is_code_right(sheet=other, signer=running.bea, code=code_in(mailoutbox[0]))


def test_after_three_codes_no_more_mail_leaves(running, without_password, client, mailoutbox):
    pages = [ask_code(client, running, without_password).text for _ in range(4)]
    assert "Trop de codes demandés" not in pages[2]
    assert "Trop de codes demandés" in pages[3]
    assert len(mailoutbox) == 3


def test_after_five_wrong_codes_even_the_right_one_waits(running, without_password, client, mailoutbox):
    ask_code(client, running, without_password)
    for _ in range(5):
        cosign(client, running, without_password, secret="BCDF-GHJK")
    response = cosign(client, running, without_password, secret=code_in(mailoutbox[0]))
    assert response.status_code == 422
    assert "Attendez 5 minutes" in response.text


def test_no_code_leaves_before_the_one_whose_device_it_is_signed(running, joint, client, mailoutbox):
    running.bea.set_unusable_password()
    running.bea.save()
    settle(running, joint)
    client.force_login(running.alix)
    assert ask_code(client, running, joint).status_code == 409
    assert mailoutbox == []


def test_no_code_leaves_to_whoever_has_a_password(running, half_signed, client, mailoutbox):
    ask_code(client, running, half_signed)
    assert mailoutbox == []


def test_a_code_that_cannot_be_sent_is_told(running, without_password, client, monkeypatch):
    def fail(message, *args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assert "Le mail n&#x27;a pas pu partir" in ask_code(client, running, without_password).text
    assert Mail.objects.get(to=running.bea.email).state == Mail.State.FAILED


def test_a_closed_account_signs_nothing(running, half_signed, client):
    running.bea.is_active = False
    running.bea.save()
    assert cosign(client, running, half_signed).status_code == 422


@pytest.mark.parametrize("assignment", ["", "abc", "0", "9" * 30])
def test_a_code_for_nobody_is_404(running, half_signed, client, assignment):
    assert client.post(url("cosign_code", half_signed), {"assignment": assignment}).status_code == 404
