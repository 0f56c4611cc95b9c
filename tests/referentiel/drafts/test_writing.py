"""A référentiel written in the browser: its blocs, its settings."""

import re

import pytest

from cqp.models import JournalEntry
from referentiel.drafts.content import read, read_bloc
from referentiel.drafts.services import BlocChangedError, add_bloc, remove_bloc, write_bloc
from referentiel.models import GuideQuestion, HeadingCompetence
from tests.referentiel.drafts.scene import again, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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
    with pytest.raises(BlocChangedError):
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


def test_a_bloc_is_taken_out_and_the_next_ones_move_up(draft, admin):
    remove_bloc(bloc=draft.blocs.get(number=2), by=admin)
    assert list(draft.blocs.values_list("number", "code")) == [(1, "BC1"), (2, "BC3")]
    assert add_bloc(referentiel=draft, by=admin).code == "BC3-2"
