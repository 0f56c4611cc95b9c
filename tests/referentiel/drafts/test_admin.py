"""Django's admin shows a sealed référentiel and cannot touch it."""

import pytest
from django.urls import reverse

from cqp.models import User
from referentiel.models import Referentiel

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client):
    client.force_login(User.objects.create_superuser("technique@example.org", "un-long-mot-de-passe"))
    return client


def test_a_sealed_referentiel_is_read_only(superuser, referentiel):
    url = reverse("admin:referentiel_referentiel_change", args=[referentiel.pk])
    assert superuser.get(url).status_code == 200
    assert superuser.post(url, {"title": "Autre titre"}).status_code == 403
    referentiel.refresh_from_db()
    assert referentiel.title == "Manager d'équipe de vendeurs B to B"


def test_a_sealed_referentiel_cannot_be_deleted(superuser, referentiel):
    url = reverse("admin:referentiel_referentiel_delete", args=[referentiel.pk])
    assert superuser.post(url, {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [referentiel.pk], "post": "yes"}
    superuser.post(reverse("admin:referentiel_referentiel_changelist"), many)
    assert Referentiel.objects.filter(pk=referentiel.pk).exists()
