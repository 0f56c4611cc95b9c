"""What a branch's certificates say of who certifies, who signs, the registration; its seal."""

import datetime as dt

import pytest
from django.urls import reverse

from cqp.models import JournalEntry, SealCertificate
from referentiel.models import BranchSettings, Registration
from tests import factories as make

pytestmark = pytest.mark.django_db
GIVEN = {
    "legal_name": "CPNEFP du commerce",
    "issue_place": "Lyon",
    "signatory_name": "Odile Marchetti",
    "signatory_quality": "présidente",
    "signatory_from": "2026-01-01",
    "signatory_until": "2027-12-31",
}


@pytest.fixture
def admin(referentiel, client):
    person = make.make_admin(referentiel.branch)
    client.force_login(person)
    return person


def test_the_certifier_is_kept(referentiel, client, admin):
    url = reverse("branch:certifier", args=[referentiel.branch_id])
    assert client.post(url, GIVEN).status_code == 302
    settings = BranchSettings.objects.get(branch=referentiel.branch)
    assert (settings.legal_name, settings.signatory_until) == ("CPNEFP du commerce", dt.date(2027, 12, 31))
    wrong = client.post(url, GIVEN | {"signatory_until": "2025-01-01", "issue_place": "Nice"})
    assert (wrong.status_code, "avant d" in wrong.text, "Nice" in wrong.text) == (422, True, True)
    assert JournalEntry.objects.filter(verb="branch.certifier_changed").count() == 1


def test_the_registration_is_kept_beside_a_sealed_référentiel(referentiel, client, admin):
    url = reverse("branch:registration", args=[referentiel.pk])
    given = {"rncp_code": "RNCP12345", "decided_on": "2026-02-01", "ends_on": ""}
    assert client.post(url, given).status_code == 302
    assert client.post(url, given | {"ends_on": "2029-02-01"}).status_code == 302
    assert Registration.objects.get().ends_on == dt.date(2029, 2, 1)
    assert client.post(url, given | {"ends_on": "2020-01-01"}).status_code == 422
    assert client.post(url, {"rncp_code": ""}).status_code == 422
    page = client.get(reverse("branch:certifier", args=[referentiel.branch_id])).text
    assert "RNCP12345" in page


def test_a_seal_is_made_once(referentiel, client, admin):
    page, url = (reverse(f"branch:{name}", args=[referentiel.branch_id]) for name in ("certifier", "seal_make"))
    assert "Créer un sceau" in client.get(page).text
    client.post(url)
    client.post(url)
    assert SealCertificate.objects.count() == 1
    assert "prouve qu" in client.get(page).text
