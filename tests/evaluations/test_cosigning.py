"""The second evaluator signs the joint sheet on the first one's device, with their own password."""

import pytest
from django.urls import reverse

from tests import factories as make
from tests.evaluations.scribe import operation, read, score_all, send, sign

pytestmark = pytest.mark.django_db


def url(name, sheet):
    return reverse(f"evaluator:{name}", args=[sheet.pk])


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def criteria(sheet):
    return list(sheet.scores.order_by("pk").values_list("criterion", flat=True))


@pytest.fixture
def joint(running):
    """Both signed: Alix gave 2 everywhere, Béa 1 on the first criterion and 2 elsewhere."""
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    send(running.bea, running.bea_sheet, operation("score", criterion=criteria(running.bea_sheet)[0], level=1))
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    return running.interview.sheets.get(assignment=None)


def settle(running, joint):
    send(running.alix, joint, operation("score", criterion=criteria(joint)[0], level=2))


def cosign(client, running, joint, password=make.PASSWORD, **data):
    other = running.bea_sheet.assignment_id
    return client.post(url("cosign", joint), {"assignment": other, "password": password, "shown": read(joint)} | data)


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
    response = cosign(client, running, half_signed, password="au hasard")
    assert response.status_code == 422
    assert "Ce n&#x27;est pas le mot de passe" in response.text
    assert fresh(half_signed).state == "open"
    assert make.PASSWORD not in response.text


def test_after_five_wrong_passwords_even_the_right_one_waits(running, half_signed, client):
    for _ in range(5):
        assert cosign(client, running, half_signed, password="au hasard").status_code == 422
    response = cosign(client, running, half_signed)
    assert response.status_code == 422
    assert "attendez cinq minutes" in response.text
    assert fresh(half_signed).state == "open"


def test_without_a_password_one_signs_on_ones_own_device(running, half_signed, client):
    running.bea.set_unusable_password()
    running.bea.save()
    assert "se fait sur son propre appareil" in client.get(url("review", half_signed)).text
    response = cosign(client, running, half_signed, password="!")
    assert response.status_code == 422
    assert "signez sur votre propre appareil" in response.text


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
