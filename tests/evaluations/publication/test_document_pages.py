"""The branch's pages of documents and publication: who reaches them, what they do, what they cost."""

import re

import pytest
from django.urls import reverse

from cqp.models import Document
from evaluations.models import SessionDocument
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from tests import factories as make
from tests.evaluations.jury.scene import all_decided, decided, first_bloc, make_scene, sitting


@pytest.fixture
def scene(referentiel):
    return sitting(make_scene(referentiel))


def test_the_branch_issues_publishes_and_downloads(referentiel, client, run_tasks):
    scene = sitting(make_scene(referentiel, blocs=[1, 2, 3]))
    client.force_login(scene.admin)
    minutes, publication = (
        reverse(name, args=[scene.session.pk]) for name in ("branch:issue_minutes", "branch:publish")
    )
    refused = client.post(minutes)
    assert refused.status_code == 409
    assert reverse("jury:candidate", args=[scene.session.pk, scene.enrolments[0].pk]) in refused.text
    all_decided(scene)
    assert "Le procès-verbal n&#x27;est pas émis" in client.get(publication).text
    assert client.post(publication).status_code == 409
    client.post(minutes)
    client.post(minutes)
    assert Document.objects.count() == 1
    page = client.get(publication).text
    for words in ("1 rapport de certification est émis", "1 certificat est délivré", "3 blocs sont inscrits"):
        assert words in page
    assert client.post(publication).status_code == 302
    assert client.post(publication).status_code == 409
    listing = reverse("branch:documents", args=[scene.session.pk])
    assert client.get(listing).text.count("en préparation") == 4
    run_tasks()
    page = client.get(listing).text
    for one in SessionDocument.objects.select_related("document"):
        assert one.document.sha256 in page
        response = client.get(reverse("branch:document", args=[one.pk]))
        assert response.content.startswith(b"%PDF-")
        assert response["Content-Disposition"].startswith("attachment;")


def test_another_branch_s_documents_do_not_exist(scene, client):
    all_decided(scene)
    issued = issue_minutes(scene.session, scene.admin)
    for person in (make.make_admin(make.make_branch()), scene.jurors[0].user, scene.evaluators[0].user):
        client.force_login(person)
        assert client.get(reverse("branch:document", args=[issued.pk])).status_code == 404
        for name in ("branch:documents", "branch:publish"):
            assert client.get(reverse(name, args=[scene.session.pk])).status_code == 404
        assert client.post(reverse("branch:publish", args=[scene.session.pk])).status_code == 404


@pytest.mark.parametrize("candidates", [1, 3])
def test_the_documents_list_costs_the_same(referentiel, client, candidates, django_assert_num_queries):
    scene = all_decided(sitting(make_scene(referentiel, candidates=candidates)))
    issue_minutes(scene.session, scene.admin)
    decided(scene, first_bloc(scene), "adjourned", "Une pièce manque.")
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    client.force_login(scene.admin)
    with django_assert_num_queries(9):
        client.get(reverse("branch:documents", args=[scene.session.pk]))


@pytest.mark.slow
def test_documents_are_found_by_kind_name_and_number(referentiel, client):
    scene = all_decided(sitting(make_scene(referentiel, candidates=26, blocs=[1])))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    client.force_login(scene.admin)
    url = reverse("branch:documents", args=[scene.session.pk])

    def found(**asked) -> set[str]:
        return set(re.findall(r"<strong>((?:AB|LR|RC|PV)-\d{4}-\d{5})</strong>", client.get(url, asked).text))

    assert (len(found()), len(found(page="2"))) == (50, 29)
    assert not found() & found(page="2")
    letters = found(nature="letter")
    assert (len(letters), {one[:2] for one in letters}) == (26, {"LR"})
    assert "Lettre de résultats&nbsp;: 26" in client.get(url).text
    someone = scene.enrolments[0].candidate
    assert len(found(q=f"  {someone}  ")) == 3
    one = min(letters)
    assert (found(q=one.lower()), found(q=one, nature="report")) == ({one}, set())
    assert "Aucun document ne correspond" in client.get(url, {"q": "xyz"}).text
    assert len(found(nature="rien", page="99")) == 29


@pytest.mark.parametrize("candidates", [1, 3])
def test_the_publication_page_costs_the_same(referentiel, client, candidates, django_assert_num_queries):
    scene = all_decided(sitting(make_scene(referentiel, candidates=candidates)))
    issue_minutes(scene.session, scene.admin)
    client.force_login(scene.admin)
    with django_assert_num_queries(42):
        client.get(reverse("branch:publish", args=[scene.session.pk]))
