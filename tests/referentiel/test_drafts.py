"""A référentiel written in the browser: from nothing or from a version, compared, sealed."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cqp.models import JournalEntry
from referentiel.content import BlocContent, compare, missing, pair_texts, read, read_bloc
from referentiel.models import Bloc, Criterion, GuideQuestion, HeadingCompetence, Referentiel
from referentiel.services.drafts import (
    BlocChanged,
    add_bloc,
    create_draft,
    discard,
    remove_bloc,
    seal,
    write_bloc,
)
from tests.factories import make_admin, make_branch

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def draft(referentiel, admin):
    """Version 2, as version 1 was."""
    made = create_draft(
        branch=referentiel.branch,
        code=referentiel.code,
        version="2",
        title=referentiel.title,
        by=admin,
        based_on=Referentiel.objects.with_content().get(pk=referentiel.pk),
    )
    return Referentiel.objects.with_content().get(pk=made.pk)


def again(referentiel) -> Referentiel:
    return Referentiel.objects.with_content().get(pk=referentiel.pk)


def form_of(client, url: str) -> dict[str, str]:
    """Return what the browser would send of the page's last form, as it is."""
    html = client.get(url).content.decode()
    found = {}
    for tag in re.finditer(
        r"<input([^>]*)>|<textarea([^>]*)>(.*?)</textarea>|<select([^>]*)>(.*?)</select>", html, re.S
    ):
        attributes = tag[1] or tag[2] or tag[4]
        name = re.search(r'name="([^"]+)"', attributes)
        if name is None or ('type="checkbox"' in attributes and "checked" not in attributes):
            continue
        if tag[2] is not None:
            value = unescape(tag[3]).removeprefix("\n")
        elif tag[4] is not None:
            chosen = re.search(r'<option value="([^"]*)"[^>]*selected', tag[5])
            value = chosen[1] if chosen else ""
        else:
            value = unescape(
                (re.search(r'value="([^"]*)"', attributes) or ["", "on" if "checkbox" in attributes else ""])[1]
            )
        found[name[1]] = value
    found.pop("csrfmiddlewaretoken", None)
    return found


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


def test_a_bloc_saved_untouched_is_the_same_and_keeps_its_guide(client, admin, draft):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/blocs/2/"
    before = read(draft)
    response = client.post(url, form_of(client, url))
    assert response.status_code == 302
    assert read(again(draft)) == before
    assert GuideQuestion.objects.filter(competence__activity__bloc__referentiel=draft).exists()
    assert HeadingCompetence.objects.filter(trame_item__bloc__referentiel=draft, trame_item__bloc__number=2).exists()


def test_a_bloc_is_rewritten_on_one_page(client, admin, draft):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/blocs/1/"
    form = form_of(client, url)
    form |= {
        "interview_minutes": "45",
        "a0-c0-criteria": "  Un premier   critère \n\nL'écart est « expliqué »\n",
        "a0-c1-code": "",
        "a0-c1-statement": "",
        "a0-c1-heading": "",
        "a0-c1-criteria": "",
    }
    blank = max(int(name[4]) for name in form if re.fullmatch(r"a0-c\d-code", name))
    form |= {f"a0-c{blank}-code": "C1.9", f"a0-c{blank}-statement": "Négocier", f"a0-c{blank}-criteria": "A\nB"}
    form |= {f"a0-c{blank}-rank": "1"}
    assert client.post(url, form).status_code == 302
    bloc = read(again(draft))[0]
    first = bloc.activities[0].competences
    assert (bloc.interview_minutes, [one.code for one in first][:2]) == (45, ["C1.9", "C1.1"])
    assert "C1.2" not in [one.code for one in first]
    assert first[1].criteria == ("Un premier critère", "L'écart est « expliqué »")
    assert first[0].criteria == ("A", "B")
    assert JournalEntry.objects.filter(stream__name=f"referentiel:{draft.pk}", verb="referentiel.bloc_written").exists()


def test_what_is_wrong_in_a_bloc_is_said_and_nothing_typed_is_lost(client, admin, draft):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/blocs/1/"
    before = read(draft)
    form = form_of(client, url) | {
        "interview_minutes": "0",
        "a0-c0-code": "C1.2",
        "a1-code": "1.1",
        "a1-c0-criteria": "Le même\nLe même",
        "a2-title": "Un titre gardé",
    }
    response = client.post(url, form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Un critère est écrit deux fois : « Le même »" in html
    assert "Un titre gardé" in html
    form = form_of(client, url) | {"a0-c0-code": "C1.2", "a1-code": "1.1"}
    html = client.post(url, form).content.decode()
    assert "Une autre compétence du bloc a ce code." in html
    assert "Une autre activité du bloc a ce code." in html
    assert read(again(draft)) == before


def test_two_administrators_on_one_bloc_lose_nothing(client, admin, draft):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/blocs/1/"
    mine, theirs = form_of(client, url), form_of(client, url)
    assert client.post(url, theirs | {"title": "Leur titre"}).status_code == 302
    response = client.post(url, mine | {"title": "Mon titre"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Une autre personne a modifié ce bloc entre-temps" in html
    assert "Leur titre" in html
    assert "Mon titre" in html
    seen = re.search(r'name="seen" value="(\w+)"', html)[1]
    assert client.post(url, mine | {"title": "Mon titre", "seen": seen}).status_code == 302
    assert read(again(draft))[0].title == "Mon titre"


def test_a_bloc_of_another_version_is_refused_when_it_is_stale(draft, admin):
    bloc = draft.blocs.get(number=1)
    content = read_bloc(draft.blocs.all()[0])
    with pytest.raises(BlocChanged):
        write_bloc(bloc=bloc, content=content, seen="", by=admin)


def test_settings_are_written_and_told(client, admin, draft):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/reglages/"
    form = form_of(client, url)
    form |= {"level0_label": "Absent", "level4_label": "Expert", "level4_points": "4", "bloc_percent": "60"}
    form |= {"routes": "VAE\nAuditeur libre", "kind_declared": "warning", "minimum_members": "3"}
    assert client.post(url, form).status_code == 302
    now = again(draft)
    assert [(one.label, one.points) for one in now.scale_levels.all()] == [
        ("Absent", 0),
        ("Partiellement démontré", 1),
        ("Démontré", 2),
        ("Expert", 4),
        ("Non abordé", None),
    ]
    assert now.rule_parameters["bloc_percent"] == 60
    assert now.access_routes == [
        {"code": "vae", "label": "VAE"},
        {"code": "auditeur-libre", "label": "Auditeur libre"},
    ]
    assert (now.incompatibility_policy["declared"], now.jury_rules["minimum_members"]) == ("warning", 3)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"bloc_percent": ""}, "Cette règle en a besoin"),
        ({"bloc_percent": "170"}, "inférieure ou égale à 100"),
        ({"routes": " \n"}, "Écrivez au moins une voie"),
        ({"level5_points": "3"}, "Nommez ce niveau"),
        ({"level1_label": "Démontré"}, "Un autre niveau a ce nom."),
        ({f"level{n}_points": "" for n in range(8)}, "au moins un niveau qui donne des points"),
        ({"version": "1"}, "La branche a déjà cette version"),
    ],
)
def test_bad_settings_are_refused_with_what_to_do(client, admin, draft, changed, words):
    client.force_login(admin)
    url = f"/branche/referentiels/{draft.pk}/reglages/"
    response = client.post(url, form_of(client, url) | changed)
    assert response.status_code == 422
    assert words in response.content.decode()


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


def test_a_bloc_is_taken_out_and_the_next_ones_move_up(draft, admin):
    remove_bloc(bloc=draft.blocs.get(number=2), by=admin)
    assert list(draft.blocs.values_list("number", "code")) == [(1, "BC1"), (2, "BC3")]
    assert add_bloc(referentiel=draft, by=admin).code == "BC3-2"


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
