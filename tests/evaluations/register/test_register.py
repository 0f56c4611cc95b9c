"""The register: holders, certificates that no longer are, those one bloc away, blocs that expire."""

import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.models import HeldBloc
from cqp.models import Document
from evaluations.models import SessionDocument
from evaluations.publication.issuing import issue_minutes, void_certificate
from evaluations.publication.services import publish
from evaluations.register.services import issue_register
from tests import factories as make
from tests.evaluations.jury.scene import add_candidate, all_decided, make_scene, sitting
from tests.replay import LASTING, replayed

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@replayed(fresh=LASTING)
def make_published(referentiel):
    """One who holds everything, one who holds blocs 1 and 2."""
    scene = make_scene(referentiel, blocs=[1, 2, 3])
    add_candidate(scene, blocs=[1, 2])
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    return scene


@pytest.fixture
def published(referentiel):
    return make_published(referentiel)


@pytest.fixture
def page(client, published):
    client.force_login(published.admin)
    return lambda **asked: client.get("/branche/registre/", asked).content.decode().replace("&#x27;", "'")


def rows(client, **asked) -> list[tuple]:
    content = client.get("/branche/registre.xlsx", asked).content
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_holders_are_found_by_name_and_exported(client, published, page):
    holder, other = (one.candidate for one in published.enrolments)
    assert holder.birth_name in page()
    assert other.birth_name not in page()
    assert "Titulaires : 1" in page(q=f"{holder.birth_name} manager")
    assert "Titulaires : 0" in page(q="personne")
    [header, line] = rows(client)
    assert line[0] == holder.birth_name
    told = dict(zip(header, line, strict=True))
    assert told["Certificat"].startswith("CQP-")
    certificate = SessionDocument.objects.get(document__kind="certificate").document
    assert told["Code"].replace("-", "") == certificate.code
    assert told["Décision du"].date() == dt.date.fromisoformat(certificate.context["decided_on"])


def test_a_holder_is_found_by_the_number_of_the_certificate(page):
    for asked in ("CQP-{}-00001", "  cqp-{}-1 "):
        assert "Titulaires : 1" in page(q=asked.format(timezone.localdate().year))
    for asked in ("LR-{}-00001", "CQP-{}-00002", "CQP-1-1", "CQP-{}-99999999999"):
        assert "Titulaires : 0" in page(q=asked.format(timezone.localdate().year))


def test_a_voided_certificate_leaves_the_list_and_is_in_the_other(client, published, page):
    certificate = SessionDocument.objects.get(document__kind="certificate")
    void_certificate(certificate, reason="Perdu", again=True, by=published.admin)
    assert "Titulaires : 1" in page()
    gone = page(liste="annules")
    assert "Certificats annulés ou remplacés : 1" in gone
    assert "remplacé par CQP-" in gone
    assert rows(client, liste="annules")[1][11].startswith("CQP-")


def test_who_is_one_bloc_away_is_told_which(client, published, page):
    nearly = published.enrolments[1].candidate
    told = page(liste="presque")
    assert nearly.birth_name in told
    assert "il manque le bloc 3" in told
    assert published.enrolments[0].candidate.birth_name not in told
    HeldBloc.objects.filter(candidate=nearly, bloc__number=2).update(
        valid_until=timezone.localdate() - dt.timedelta(days=1)
    )
    assert "À un bloc du CQP : 0" in page(liste="presque")


def test_blocs_that_expire_within_the_year(client, published, page):
    today = timezone.localdate()
    one, two, *_ = HeldBloc.objects.order_by("pk")
    HeldBloc.objects.filter(pk=one.pk).update(valid_until=today + dt.timedelta(days=30))
    HeldBloc.objects.filter(pk=two.pk).update(valid_until=today + dt.timedelta(days=500))
    assert "Blocs qui expirent dans l'année : 1" in page(liste="expirent")
    assert len(rows(client, liste="expirent")) == 2


def test_another_branch_sees_nothing(client, published):
    client.force_login(make.make_admin(make.make_branch()))
    for name in ("", "annules", "presque", "expirent", "rien"):
        assert " : 0</h2>" in client.get("/branche/registre/", {"liste": name}).content.decode()
    client.force_login(published.jurors[0].user)
    assert client.get("/branche/registre/").status_code == 404


@pytest.mark.parametrize("name", ["", "presque"])
def test_it_costs_the_same_with_one_or_three(client, referentiel, published, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/branche/registre/", {"liste": name}).status_code == 200
        return len(captured)

    client.force_login(published.admin)
    queries()
    with_one = queries()
    scene = make_scene(referentiel, candidates=2, blocs=[1, 2, 3])
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    assert queries() == with_one


def test_the_registers_issued_cost_the_same_with_one_or_three(client, published, django_assert_num_queries):
    client.force_login(published.admin)
    for count in (1, 3):
        while Document.objects.filter(kind="register").count() < count:
            issue_register(published.session.branch, by=published.admin)
        with django_assert_num_queries(8):
            assert client.get("/branche/registre/").text.count("RG-") == count
