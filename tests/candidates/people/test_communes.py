"""The list of communes: installed from the official file, searched as people type, found as they choose."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from candidates.models import Commune
from candidates.people.communes import SeveralCommunesError, find_commune, suggest_communes
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FILE = Path(__file__).parents[2] / "data" / "communes.csv"


def load(file=FILE):
    out = StringIO()
    call_command("communes", str(file), stdout=out)
    return out.getvalue().strip()


def names(found):
    return [str(commune) for commune in found]


def test_the_communes_of_the_file_are_installed_once():
    assert load() == "10 communes: 10 added, 0 changed, 0 removed."
    assert load() == "10 communes: 0 added, 0 changed, 0 removed."
    assert Commune.objects.count() == 10


def test_an_arrondissement_is_there_and_a_former_commune_is_not():
    load()
    assert Commune.objects.get(pk="75105").department == "75"
    assert not Commune.objects.filter(name__startswith="Bellegarde").exists()


def test_next_year_s_file_renames_adds_and_removes(tmp_path):
    load()
    lines = FILE.read_text("utf-8").replace("Ajaccio", "Ajacciu").splitlines()
    file = tmp_path / "2027.csv"
    # As some spreadsheets write it: a byte order mark, columns in lower case.
    kept = [lines[0].lower(), *(line for line in lines[1:] if "01033" not in line), "COM,29019,53,29,,,0,B,B,Brest,,"]
    file.write_text("\n".join(kept), "utf-8-sig")
    assert load(file) == "10 communes: 1 added, 1 changed, 1 removed."
    assert names(suggest_communes("ajacciu")) == ["Ajacciu (2A)"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"nom;ville\nL\xc3\xa9a;Lyon\n", "no column COM, DEP, LIBELLE, TYPECOM"),
        (b"", "no column"),
        (b"TYPECOM,COM,DEP,LIBELLE\nCOMD,01033,01,Bellegarde\n", "no line is of the type COM or ARM"),
        (b"TYPECOM,COM,DEP,LIBELLE\nCOM,01033,01,Valserh\xf4ne\n", "not written in UTF-8"),
        (b"TYPECOM,COM,DEP,LIBELLE\nCOM,1033,01,Valserine\n", "line 2: a code of five characters"),
        (b"TYPECOM,COM,DEP,LIBELLE\nCOM,01033,Rhone,Valserine\n", "not a department"),
        (b"TYPECOM,COM,DEP,LIBELLE\nCOM,01033\n", "a name of at most 100"),
        (b"%PDF-1.7\n\xff\xfe\x00", "is not the list of communes"),
    ],
)
def test_another_file_is_refused_and_the_list_stays(tmp_path, content, reason):
    load()
    file = tmp_path / "autre.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        load(file)
    assert Commune.objects.count() == 10


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("saint-den", ["Saint-Denis (93)", "Saint-Denis (974)"]),
        ("St Denis", ["Saint-Denis (93)", "Saint-Denis (974)"]),
        ("ETIENNE", ["Saint-Étienne (42)"]),
        ("havre", ["Le Havre (76)"]),
        ("lyo", ["Lyon (69)", "Lyon 3e Arrondissement (69)"]),
        ("l", []),
        ("%_", []),
        ("zz", []),
    ],
)
def test_a_commune_is_found_as_people_type(typed, found):
    load()
    assert names(suggest_communes(typed)) == found


def test_at_most_twenty_communes_are_offered():
    Commune.objects.bulk_create(
        Commune(insee=f"{n:05}", name=f"Saint-{n}", department="01", folded=f"saint {n}") for n in range(30)
    )
    assert len(suggest_communes("saint")) == 20


def test_a_chosen_commune_is_found_and_a_name_shared_by_several_is_asked_about():
    load()
    assert find_commune("Saint-Denis (974)").pk == "97411"
    assert find_commune("ajaccio").pk == "2A004"
    assert find_commune("Ajaccio (2a)").pk == "2A004"
    assert find_commune("Bellegarde-sur-Valserine") is None
    with pytest.raises(SeveralCommunesError, match=r"Saint-Denis \(93\), Saint-Denis \(974\)"):
        find_commune("Saint-Denis")


def test_the_page_answers_what_is_typed_and_browsers_may_keep_it(client, django_assert_num_queries):
    load()
    client.force_login(make_user())
    url = reverse("candidate:communes")
    with django_assert_num_queries(4):
        response = client.get(url, {"q": "paris"})
    assert response.json() == {"communes": ["Paris (75)", "Paris 5e Arrondissement (75)"]}
    assert response.headers["Cache-Control"] == "private, max-age=86400"
    for nothing in ({}, {"q": ""}, {"q": "\x00"}, {"q": "x" * 5000}):
        assert client.get(url, nothing).json() == {"communes": []}
