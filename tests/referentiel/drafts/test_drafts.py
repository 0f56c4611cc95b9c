"""A référentiel drafted: from nothing or from a version, compared, sealed."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cqp.models import JournalEntry
from referentiel.drafts.content import BlocContent, compare, missing, pair_texts, read, read_bloc
from referentiel.drafts.services import add_bloc, discard, remove_bloc, seal, write_bloc
from referentiel.models import Bloc, Criterion, GuideQuestion, HeadingCompetence, Referentiel
from tests.factories import make_branch
from tests.referentiel.drafts.scene import again, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_new_version_holds_all_that_the_sealed_one_held(draft, referentiel):
    before, after = read(again(referentiel)), read(draft)
    assert [replace(one, continues=None) for one in after] == [replace(one, continues=None) for one in before]
    assert [one.continues_id for one in draft.blocs.all()] == [one.pk for one in referentiel.blocs.all()]
    assert compare(before, after) == []
    levels = ("label", "points", "needs_note")
    assert list(draft.scale_levels.values_list(*levels)) == list(referentiel.scale_levels.values_list(*levels))
    assert (draft.rule, draft.rule_parameters, draft.access_routes) == (
        referentiel.rule,
        referentiel.rule_parameters,
        referentiel.access_routes,
    )
    for model, path in ((GuideQuestion, "competence__activity__bloc"), (HeadingCompetence, "trame_item__bloc")):
        counts = [model.objects.filter(**{f"{path}__referentiel": one}).count() for one in (referentiel, draft)]
        assert counts[0] == counts[1] > 0


def test_a_draft_is_sealed_only_when_nothing_is_missing(client, admin, branch):
    client.force_login(admin)
    form = {"vide-title": "CQP Logistique", "vide-code": "CQP-LOG", "vide-version": "1"}
    response = client.post("/branche/referentiels/nouveau/vide/", form)
    draft = Referentiel.objects.get(code="CQP-LOG")
    assert response.headers["Location"] == f"/branche/referentiels/{draft.pk}/"
    assert "Il n&#x27;y a pas encore de bloc" in client.get(response.headers["Location"]).content.decode()
    bloc = add_bloc(referentiel=draft, by=admin)
    with pytest.raises(ValidationError) as refused:
        seal(referentiel=draft, by=admin)
    assert len(refused.value.messages) == 3
    url = f"/branche/referentiels/{draft.pk}/blocs/{bloc.number}/"
    form = form_of(client, url) | {"title": "Préparer", "trame": "Mon dépôt", "a0-code": "1.1", "a0-title": "Ranger"}
    form |= {"a0-c0-code": "C1", "a0-c0-statement": "Ranger", "a0-c0-criteria": "C'est rangé"}
    assert client.post(url, form).status_code == 302
    page = f"/branche/referentiels/{draft.pk}/"
    response = client.post(f"{page}sceller/")
    assert response.headers["Location"] == f"/referentiel/{draft.pk}/"
    assert again(draft).is_sealed
    assert client.get(page).status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.filter(competence__activity__bloc__referentiel=draft).update(text="Autre")


def test_a_draft_given_up_leaves_its_trace(draft, admin):
    pk = draft.pk
    discard(referentiel=draft, by=admin)
    assert not Bloc.objects.filter(referentiel=pk).exists()
    assert JournalEntry.objects.filter(stream__name=f"referentiel:{pk}", verb="referentiel.discarded").count() == 1


def test_a_version_is_begun_once(referentiel, admin, client):
    client.force_login(admin)
    form = {"version-based_on": referentiel.pk, "version-version": "1"}
    response = client.post("/branche/referentiels/nouveau/version/", form)
    assert response.status_code == 422
    assert "La branche a déjà une version 1" in response.content.decode()
    form["version-version"] = "2"
    assert client.post("/branche/referentiels/nouveau/version/", form).status_code == 302


def test_an_administrator_of_two_branches_says_which(branch, admin, client):
    other = make_branch()
    other.administrators.add(admin)
    client.force_login(admin)
    form = {"vide-title": "CQP", "vide-code": "CQP", "vide-version": "1", "vide-branch": other.pk}
    client.post("/branche/referentiels/nouveau/vide/", form)
    assert Referentiel.objects.get(code="CQP").branch == other


def test_the_comparison_tells_criterion_by_criterion(client, admin, draft, referentiel):
    bloc = draft.blocs.all()[0]
    content = read_bloc(bloc)
    activity = content.activities[0]
    competence = activity.competences[0]
    first, *others = competence.criteria
    changed = replace(competence, criteria=(f"{first} avec soin", *others[1:], "Un critère tout à fait neuf"))
    activities = (replace(activity, competences=(changed, *activity.competences[1:])), *content.activities[1:])
    write_bloc(bloc=bloc, content=replace(content, activities=activities), seen=content.digest, by=admin)
    [found] = compare(read(again(referentiel)), read(again(draft)))
    assert found.title == "Bloc 1, C1.1"
    assert [(one.kind, one.before, one.after) for one in found.changes] == [
        ("changed", first, f"{first} avec soin"),
        ("added", "", "Un critère tout à fait neuf"),
        ("removed", others[0], ""),
    ]
    client.force_login(admin)
    html = client.get(f"/branche/referentiels/{draft.pk}/comparer/").content.decode()
    assert "Un critère tout à fait neuf" in html
    html = client.get(f"/branche/referentiels/{referentiel.pk}/comparer/").content.decode()
    assert "rien à comparer" in html


def test_texts_are_paired_with_what_became_of_them():
    assert pair_texts(["a", "bonjour à tous"], ["bonjour à toutes", "a"]) == [
        ("bonjour à tous", "bonjour à toutes"),
        ("a", "a"),
    ]
    assert pair_texts([], ["x"]) == [("", "x")]
    assert pair_texts(["x"], []) == [("x", "")]


def test_blocs_come_and_go():
    old, new = BlocContent(1, "BC1", "Vendre"), BlocContent(2, "BC2", "Former")
    assert [(one.title, one.changes[0].kind) for one in compare([old], [new])] == [
        ("Bloc 1", "removed"),
        ("Bloc 2", "added"),
    ]
    assert missing([]) == ["Il n'y a pas encore de bloc."]


def test_pages_cost_the_same_whatever_the_number_of_blocs(client, admin, draft):
    client.force_login(admin)
    urls = [f"/branche/referentiels/{draft.pk}/", f"/branche/referentiels/{draft.pk}/comparer/"]

    def counts() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    with_three = counts()
    for number in (3, 2):
        remove_bloc(bloc=draft.blocs.get(number=number), by=admin)
    assert counts() == with_three == [17, 17]
